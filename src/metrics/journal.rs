//! Self-metrics of the journal: how fast it commits, how much waits, how much is not applied yet.
//!
//! The age of the oldest unapplied delivery grows while nothing else happens, so it is computed at
//! the scrape.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::model::Timestamp;

/// Stands for "every delivery is applied".
const NONE: i64 = i64::MIN;

/// What the journal records about itself. Clones share the same series.
#[derive(Clone, Debug)]
pub struct JournalMetrics {
    commit_duration: Histogram,
    batch_size: Histogram,
    queue_length: Gauge,
    failures: Counter,
    unapplied: Gauge,
    oldest_unapplied: Arc<AtomicI64>,
    size_bytes: Gauge,
    archived: Counter,
    archive_failures: Counter,
}

impl JournalMetrics {
    /// Creates the series in a registry, all at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            commit_duration: Histogram::new(exponential_buckets(0.0005, 2.0, 14)),
            batch_size: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            queue_length: Gauge::default(),
            failures: Counter::default(),
            unapplied: Gauge::default(),
            oldest_unapplied: Arc::new(AtomicI64::new(NONE)),
            size_bytes: Gauge::default(),
            archived: Counter::default(),
            archive_failures: Counter::default(),
        };
        metrics.register_histograms(registry);
        metrics.register_numbers(registry);
        registry.register_collector(Box::new(OldestUnapplied(metrics.oldest_unapplied.clone())));
        metrics
    }

    fn register_histograms(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_journal_commit_duration_seconds",
            "Time from the start of a transaction of the journal until it is durable",
            self.commit_duration.clone(),
        );
        registry.register(
            "smartcloudops_journal_batch_size",
            "Writes that shared one transaction of the journal",
            self.batch_size.clone(),
        );
    }

    fn register_numbers(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_journal_queue_length",
            "Writes that wait for the journal's writer",
            self.queue_length.clone(),
        );
        registry.register(
            "smartcloudops_journal_failures",
            "Transactions of the journal that could not be made durable",
            self.failures.clone(),
        );
        registry.register(
            "smartcloudops_journal_deliveries_unapplied",
            "Deliveries that are stored but not yet applied to the episodes",
            self.unapplied.clone(),
        );
        registry.register(
            "smartcloudops_journal_size_bytes",
            "Size of the journal on disk, with its write-ahead log",
            self.size_bytes.clone(),
        );
        registry.register(
            "smartcloudops_journal_archived_months",
            "Closed months of the journal that were written to the archive",
            self.archived.clone(),
        );
        registry.register(
            "smartcloudops_journal_archive_failures",
            "Attempts to bring the archive up to date that failed",
            self.archive_failures.clone(),
        );
    }

    /// Months were written to the archive.
    pub fn archived(&self, months: usize) {
        self.archived.inc_by(months as u64);
    }

    /// The archive could not be brought up to date.
    pub fn archive_failed(&self) {
        self.archive_failures.inc();
    }

    /// One more write waits.
    pub fn queued(&self) {
        self.queue_length.inc();
    }

    /// The writer took `writes` from the queue.
    pub fn taken(&self, writes: usize) {
        self.queue_length.dec_by(writes as i64);
    }

    /// A transaction of `writes` writes became durable.
    pub fn committed(&self, took: Duration, writes: usize) {
        self.commit_duration.observe(took.as_secs_f64());
        self.batch_size.observe(writes as f64);
    }

    /// A transaction failed.
    pub fn failed(&self) {
        self.failures.inc();
    }

    /// How many deliveries are not applied, and when the oldest of them was received.
    pub fn backlog(&self, unapplied: u64, oldest: Option<Timestamp>) {
        self.unapplied.set(i64::try_from(unapplied).unwrap_or(i64::MAX));
        self.oldest_unapplied.store(oldest.map_or(NONE, Timestamp::as_millis), Ordering::Relaxed);
    }

    /// The journal takes `bytes` on disk.
    pub fn size(&self, bytes: u64) {
        self.size_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
}

/// The age of the oldest unapplied delivery, as seen by the scrape's clock.
#[derive(Debug)]
struct OldestUnapplied(Arc<AtomicI64>);

impl Collector for OldestUnapplied {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let age = match self.0.load(Ordering::Relaxed) {
            NONE => 0.0,
            received => {
                Timestamp::from(SystemTime::now()).since(Timestamp::from_millis(received)).as_secs_f64()
            }
        };
        let encoder = encoder.encode_descriptor(
            "smartcloudops_journal_oldest_unapplied_age_seconds",
            "Age of the oldest delivery that is stored but not yet applied, 0 if there is none",
            None,
            <ConstGauge<f64> as TypedMetric>::TYPE,
        )?;
        ConstGauge::new(age).encode(encoder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_exists_from_the_start() {
        let mut registry = Registry::default();
        let metrics = JournalMetrics::register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            "smartcloudops_journal_commit_duration_seconds_count 0",
            "smartcloudops_journal_batch_size_count 0",
            "smartcloudops_journal_queue_length 0",
            "smartcloudops_journal_failures_total 0",
            "smartcloudops_journal_deliveries_unapplied 0",
            "smartcloudops_journal_oldest_unapplied_age_seconds 0.0",
            "smartcloudops_journal_size_bytes 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        drop(metrics);
    }

    #[test]
    fn the_age_of_the_backlog_grows_by_itself() {
        let mut registry = Registry::default();
        let metrics = JournalMetrics::register(&mut registry);
        metrics.backlog(1, Some(Timestamp::from(SystemTime::now()) - Duration::from_secs(3600)));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let line = text.lines().find(|line| line.starts_with("smartcloudops_journal_oldest")).unwrap();
        let age: f64 = line.rsplit(' ').next().unwrap().parse().unwrap();
        assert!((3600.0..3660.0).contains(&age), "{line}");
    }
}
