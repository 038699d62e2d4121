//! Where the queries' loops pin their latest scores: one immutable block each, published together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::exporter::{Block, Exporter, Snapshot};
use crate::model::ScoredSeries;

/// The latest scores of every query. Cheap to clone.
#[derive(Clone)]
pub struct Board {
    exporter: Exporter,
    blocks: Arc<Mutex<BTreeMap<String, Arc<Block>>>>,
}

impl Board {
    /// An empty board that publishes to `exporter`.
    pub fn new(exporter: Exporter) -> Self {
        Self { exporter, blocks: Arc::default() }
    }

    /// Replaces one query's scores without publishing. The work is done outside of the lock, and is that of
    /// this query alone.
    pub fn pin(&self, query: &str, scores: Arc<[ScoredSeries]>) {
        let before = self.blocks().get(query).cloned();
        let block = Arc::new(Block::new(scores, before.as_deref()));
        self.blocks().insert(query.to_owned(), block);
    }

    /// Publishes what is pinned.
    pub fn show(&self) {
        let blocks = self.blocks();
        self.exporter.publish(Snapshot::of(blocks.values().cloned()));
    }

    fn blocks(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Block>>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many series are published.
    pub fn len(&self) -> usize {
        self.blocks().values().map(|block| block.series().len()).sum()
    }
}
