//! Answers look-ups from what the daemon knows and from Prometheus.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use super::{Finding, Lookup, LookupError};
use crate::exporter::Exporter;
use crate::journal::Journal;
use crate::metrics::lookup::{Caller, LookupMetrics, Outcome};
use crate::model::Timestamp;
use crate::prometheus::Client;
use crate::scoring::Inquiries;
use crate::upstreams::Upstreams;
use crate::{explain, logs};

/// How long one look-up may take, its wait for a turn included.
const PATIENCE: Duration = Duration::from_secs(10);
/// Look-ups under way at once: each may hold thousands of episodes or a large answer.
const AT_ONCE: usize = 4;

/// What look-ups read from: none of it can act.
#[derive(Clone)]
pub struct Sources {
    /// The latest scores.
    pub exporter: Exporter,
    /// The durable record.
    pub journal: Journal,
    /// Asked why a series has its score.
    pub inquiries: Inquiries,
    /// Its client for questions is asked, and for explanations that of readers.
    pub upstreams: Arc<ArcSwap<Upstreams>>,
    /// What explanations look at besides.
    pub explain: Arc<ArcSwap<explain::Config>>,
    /// Reads what was logged.
    pub logs: logs::Reader,
}

/// Answers look-ups, whoever asks. Cheap to clone.
#[derive(Clone)]
pub struct Lookups {
    pub(super) sources: Sources,
    caller: Caller,
    metrics: LookupMetrics,
    turns: Arc<Semaphore>,
}

impl Lookups {
    /// Over these sources, on behalf of somebody.
    pub fn new(sources: Sources, caller: Caller, metrics: LookupMetrics) -> Self {
        Self { sources, caller, metrics, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Looks it up, within 10 s.
    ///
    /// # Errors
    /// A source gives no answer or refuses the question, or it takes too long.
    pub async fn run(&self, lookup: &Lookup, now: Timestamp) -> Result<Finding, LookupError> {
        let slow = |_| LookupError::TooSlow { lookup: lookup.name(), seconds: PATIENCE.as_secs() };
        let mut under_way = UnderWay { lookups: self, lookup, begun: Instant::now(), outcome: Outcome::Cut };
        let found = tokio::time::timeout(PATIENCE, self.find(lookup, now)).await.map_err(slow).flatten();
        under_way.outcome = if found.is_ok() { Outcome::Success } else { Outcome::Failure };
        found
    }

    async fn find(&self, lookup: &Lookup, now: Timestamp) -> Result<Finding, LookupError> {
        // It is never closed; without a turn there would be no bound, and so no answer.
        let _turn = self.turns.acquire().await;
        match lookup {
            Lookup::Alerts(asked) => self.alerts(asked, now).await,
            Lookup::Anomalies(asked) => Ok(self.anomalies(asked, now)),
            Lookup::WhyScore(asked) => self.why_score(asked).await,
            Lookup::Decisions(asked) => self.decisions(asked, now).await,
            Lookup::Remediations(asked, since, until) => self.remediations(asked, (*since, *until)).await,
            Lookup::Approvals => self.approvals(now).await,
            Lookup::Explain(asked) => self.explain(asked, now).await,
            Lookup::Query(asked) => self.query(asked).await,
            Lookup::QueryRange(asked) => self.query_range(asked).await,
            Lookup::Logs(filter) => self.logs(filter, now).await,
            Lookup::Targets(asked) => self.targets(asked).await,
            Lookup::Rules(asked) => self.rules(asked).await,
        }
    }

    /// Asks Prometheus.
    pub(super) async fn ask<T, F>(&self, question: impl FnOnce(Client) -> F) -> Result<T, LookupError>
    where
        F: Future<Output = Result<T, crate::prometheus::QueryError>>,
    {
        let client = self.sources.upstreams.load().asking.clone();
        Ok(question(client).await?)
    }
}

/// A look-up until it ends. Whoever waits no longer drops it, and it is counted all the same.
struct UnderWay<'l> {
    lookups: &'l Lookups,
    lookup: &'l Lookup,
    begun: Instant,
    outcome: Outcome,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let Lookups { metrics, caller, .. } = self.lookups;
        metrics.looked_up(self.lookup.name().as_str(), *caller, self.outcome, self.begun.elapsed());
    }
}
