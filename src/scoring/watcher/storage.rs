//! The query's state on disk.

use crate::model::Timestamp;
use crate::scoring::tracker::TrackerState;
use crate::snapshots::{self, SnapshotError};

use super::{Watcher, clock};

impl Watcher {
    /// Takes up the stored state and pins its scores. A damaged file is set aside and said so.
    pub fn restore(&mut self) {
        let now = clock();
        match snapshots::load::<TrackerState>(&self.state_file) {
            Ok(Some(state)) => {
                self.done = self.tracker.restore(state);
                self.reading_history = self.done.is_none();
                self.saved = Some(now);
                self.metrics.snapshot_succeeded(now);
                self.pin(now);
            }
            Ok(None) => {}
            Err(error @ SnapshotError::Io { .. }) => {
                self.metrics.snapshot_failed();
                tracing::error!(%error, "stored state cannot be read, learning anew");
            }
            Err(error) => {
                self.metrics.snapshot_failed();
                let aside = snapshots::set_aside(&self.state_file, now);
                tracing::error!(%error, set_aside = ?aside, "stored state is unusable, learning anew");
            }
        }
    }

    pub(super) fn save(&mut self, now: Timestamp) {
        let state = self.tracker.state(self.done);
        match tokio::task::block_in_place(|| snapshots::save(&self.state_file, &state)) {
            Ok(bytes) => {
                self.saved = Some(now);
                self.metrics.snapshot_succeeded(now);
                self.query_metrics.snapshot_sized(bytes);
            }
            Err(error) => {
                self.metrics.snapshot_failed();
                tracing::error!(%error, "cannot store the state");
            }
        }
    }
}
