//! How far the reading of the history is, over all queries: a metric and a log line every tenth.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::scoring::ScoringMetrics;

/// A shared count of ticks expected and read. Cheap to clone.
#[derive(Clone)]
pub struct Progress {
    counts: Arc<Counts>,
    metrics: ScoringMetrics,
    /// Told of what is read, in place of the log.
    listener: Option<Listener>,
}

/// Takes how many more ticks have been read.
pub type Listener = Arc<dyn Fn(u64) + Send + Sync>;

#[derive(Default)]
struct Counts {
    expected: AtomicU64,
    read: AtomicU64,
    tenth: AtomicU64,
}

impl Progress {
    /// Nothing expected yet: the history counts as read.
    pub fn new(metrics: ScoringMetrics) -> Self {
        metrics.backfill_progress(1.0);
        Self { counts: Arc::default(), metrics, listener: None }
    }

    /// The same, telling somebody in place of the log.
    pub fn told_to(listener: Listener, metrics: ScoringMetrics) -> Self {
        Self { listener: Some(listener), ..Self::new(metrics) }
    }

    /// So many more ticks are to be read.
    pub fn expect(&self, ticks: u64) {
        self.counts.expected.fetch_add(ticks, Ordering::Relaxed);
        self.show();
    }

    /// So many ticks of history have been read. Ticks that nobody announced do not count.
    pub fn advance(&self, ticks: u64) {
        let expected = self.counts.expected.load(Ordering::Relaxed);
        let capped = |read: u64| Some((read + ticks).min(expected));
        let _ = self.counts.read.fetch_update(Ordering::Relaxed, Ordering::Relaxed, capped);
        if let Some(listener) = &self.listener {
            listener(ticks);
        }
        self.show();
    }

    fn show(&self) {
        let expected = self.counts.expected.load(Ordering::Relaxed).max(1);
        let read = self.counts.read.load(Ordering::Relaxed);
        self.metrics.backfill_progress(read as f64 / expected as f64);
        let tenth = read * 10 / expected;
        if self.counts.tenth.swap(tenth, Ordering::Relaxed) < tenth && self.listener.is_none() {
            tracing::info!(percent = tenth * 10, "history read");
        }
    }
}
