//! Where the queries' loops pin their latest scores: one immutable list each, published together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::exporter::{Exporter, Snapshot};
use crate::model::ScoredSeries;

/// The latest scores of every query. Cheap to clone.
#[derive(Clone)]
pub struct Board {
    exporter: Exporter,
    lists: Arc<Mutex<BTreeMap<String, Arc<[ScoredSeries]>>>>,
}

impl Board {
    /// An empty board that publishes to `exporter`.
    pub fn new(exporter: Exporter) -> Self {
        Self { exporter, lists: Arc::default() }
    }

    /// Replaces one query's scores without publishing.
    pub fn pin(&self, query: &str, scores: Arc<[ScoredSeries]>) {
        self.lists().insert(query.to_owned(), scores);
    }

    /// Publishes what is pinned.
    pub fn show(&self) {
        let lists = self.lists();
        let all: Vec<ScoredSeries> = lists.values().flat_map(|list| list.iter().cloned()).collect();
        self.exporter.publish(Snapshot::new(all));
    }

    fn lists(&self) -> MutexGuard<'_, BTreeMap<String, Arc<[ScoredSeries]>>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many series are published.
    pub fn len(&self) -> usize {
        self.lists().values().map(|list| list.len()).sum()
    }
}
