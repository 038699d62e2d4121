//! What fires, explained.

use super::arguments::Explain;
use super::{Finding, LookupError, Lookups};
use crate::explain::{self, gather};
use crate::model::Timestamp;

impl Lookups {
    pub(super) async fn explain(&self, asked: &Explain, now: Timestamp) -> Result<Finding, LookupError> {
        let (upstreams, config) = (self.sources.upstreams.load_full(), self.sources.explain.load_full());
        let sources = explain::Sources {
            journal: &self.sources.journal,
            exporter: &self.sources.exporter,
            prometheus: &upstreams.reading,
            config: &config,
        };
        let evidence = gather(sources, asked.alertname.as_deref(), now).await?;
        let told = explain::explain(&evidence);
        let lines = told.evidence.items.iter().map(|item| item.text.clone());
        Ok(Finding::new(&told.headline, lines).and_more(told.evidence.left_out.values().sum()))
    }
}
