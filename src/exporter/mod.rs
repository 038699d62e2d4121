//! The last scores as a Prometheus collector over an immutable snapshot, and the page of `/metrics`.
//!
//! Scoring publishes a whole snapshot at once and a scrape reads whichever is the last: neither waits
//! for the other, and a series that is not in the snapshot is not on the page. A snapshot has a block for
//! each query, made when the query is evaluated; label text is prepared when the set of series changes, so
//! that a scrape only copies it. The page carries no timestamps: the age of a score is Prometheus's to
//! judge. One bad series never costs the others their place.

mod block;
mod classic;
mod collector;
mod labels;
mod lines;
mod members;
mod negotiate;
mod page;
mod snapshot;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arc_swap::ArcSwap;
use prometheus_client::registry::Registry;

pub use block::Block;
pub use page::{Encoded, encode};
pub use snapshot::Snapshot;

/// The scores as they are now. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Exporter(Arc<ArcSwap<Snapshot>>);

impl Exporter {
    /// An exporter without scores, whose series `registry` carries from now on.
    pub fn register(registry: &mut Registry) -> Self {
        let exporter = Self::default();
        registry.register_collector(Box::new(exporter.clone()));
        exporter
    }

    /// Replaces all scores at once. What is not in `snapshot` vanishes from the page.
    pub fn publish(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }

    /// The scores published last; empty before the first time.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }
}
