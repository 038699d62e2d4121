//! The loop's state on disk.

use crate::model::Timestamp;
use crate::scoring::subject::{Stored, Subject};
use crate::snapshots::{self, SnapshotError};

use super::{Watcher, clock};

impl<S: Subject> Watcher<S> {
    /// Takes up the stored state and pins its scores. A damaged file is set aside and said so.
    pub fn restore(&mut self) {
        let now = clock();
        match self.subject.load(&self.state_file) {
            Ok(Stored::Read { done }) => {
                self.done = done;
                self.reading_history = self.done.is_none();
                self.saved = Some(now);
                self.metrics.snapshot_succeeded(now);
                self.pin(now);
            }
            Ok(Stored::Absent) => {}
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
        match tokio::task::block_in_place(|| self.subject.save(&self.state_file, self.done)) {
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
