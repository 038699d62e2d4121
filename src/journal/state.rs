//! What the writer knows after its last commit, for everyone who asks without asking the database.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Config, Place};
use crate::metrics::journal::JournalMetrics;
use crate::model::{DeliveryId, Timestamp};

/// The backlog as of the last commit of this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// The newest delivery.
    pub last: DeliveryId,
    /// The watermark.
    pub applied: DeliveryId,
    /// Deliveries above the watermark.
    pub unapplied: u64,
    /// When the first of them was received.
    pub oldest: Option<Timestamp>,
    /// Bytes on disk.
    pub size_bytes: u64,
    /// Whether this process leads.
    pub leads: bool,
    /// Why the last transaction failed; `None` if it did not.
    pub trouble: Option<Arc<str>>,
}

impl State {
    /// A delivery was stored.
    pub fn delivered(&mut self, id: DeliveryId, received_at: Timestamp) {
        self.last = id;
        self.unapplied += 1;
        self.oldest.get_or_insert(received_at);
    }
}

/// What handle and writer share.
#[derive(Debug)]
pub(super) struct Shared {
    pub place: String,
    pub is_shared: bool,
    pub schema_version: i64,
    pub metrics: JournalMetrics,
    pub state: watch::Sender<State>,
}

impl Shared {
    /// Shares the state that was found.
    pub fn new(config: &Config, schema_version: i64, metrics: JournalMetrics, state: State) -> Self {
        let place = config.place.to_string();
        let is_shared = matches!(config.place, Place::Postgres(_));
        let shared = Self { place, is_shared, schema_version, metrics, state: watch::Sender::default() };
        shared.publish(state);
        shared
    }

    /// Makes a new state visible, here and in the metrics.
    pub fn publish(&self, state: State) {
        self.metrics.backlog(state.unapplied, state.oldest);
        self.metrics.size(state.size_bytes);
        self.state.send_replace(state);
    }

    /// Keeps the state and says why nothing was added to it.
    pub fn fail(&self, reason: Arc<str>) {
        self.metrics.failed();
        self.state.send_modify(|state| state.trouble = Some(reason));
    }
}
