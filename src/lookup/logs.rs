//! Log records.

use super::{Finding, LookupError, Lookups};
use crate::logs::Filter;
use crate::model::Timestamp;

impl Lookups {
    pub(super) async fn logs(&self, filter: &Filter, now: Timestamp) -> Result<Finding, LookupError> {
        let page = self.sources.logs.read(filter, now).await?;
        let more = if page.truncated { ", the newest of more" } else { "" };
        let title =
            format!("{} log records of {}{more}, oldest first.", page.records.len(), filter.source.as_str());
        // The newest matter most where not all of them fit.
        let newest_first = page.records.iter().rev().map(ToString::to_string);
        let mut found = Finding::new(&title, newest_first);
        found.lines.reverse();
        Ok(found)
    }
}
