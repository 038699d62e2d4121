//! The stop switch: nothing begins, and no further step, while it is set.

use std::path::PathBuf;

use super::worker::Remediation;
use crate::journal::JournalError;
use crate::model::Timestamp;

/// The stop switch: what routes and signals set, and a file that whoever has a shell can make.
pub(super) struct Stop {
    pub(super) file: Option<PathBuf>,
    switch: bool,
    found: bool,
    /// What the journal has yet to be told, and who has said so.
    unwritten: Option<(bool, String)>,
}

impl Stop {
    pub(super) fn new(file: Option<PathBuf>, switch: bool) -> Self {
        Self { file, switch, found: false, unwritten: None }
    }

    /// What was said last counts; what the journal holds is older until it is told.
    pub(super) fn is_to_be_written(&mut self, paused: bool, by: String) {
        self.unwritten = Some((paused, by));
    }

    pub(super) fn is_unwritten(&self) -> bool {
        self.unwritten.is_some()
    }

    fn is_set(&self) -> bool {
        self.switch || self.found
    }
}

impl Remediation {
    /// Whether nothing may be done: the file is there, or the switch is set. Looked at in every turn and again before
    /// every intent.
    pub(super) fn look_for_stop_file(&mut self, now: Timestamp) -> bool {
        let found = self.stop.file.as_ref().is_some_and(|file| file.try_exists().unwrap_or(true));
        if found != self.stop.found {
            self.stop.found = found;
            tracing::warn!(found, "remediation stop file");
            self.engine.handle_pause(self.stop.is_set(), now);
            self.surroundings.metrics.paused(self.stop.is_set());
        }
        self.stop.is_set()
    }

    /// Tells the journal what it has yet to be told.
    pub(super) async fn write_switch(&mut self, now: Timestamp) -> Result<(), JournalError> {
        let Some((paused, by)) = &self.stop.unwritten else { return Ok(()) };
        self.surroundings.journal.set_paused(*paused, by, now).await?;
        self.stop.unwritten = None;
        Ok(())
    }

    /// The stop switch is set, or cleared.
    pub(super) fn switch(&mut self, paused: bool, now: Timestamp) {
        if self.stop.switch != paused {
            self.stop.switch = paused;
            self.engine.handle_pause(self.stop.is_set(), now);
            self.surroundings.metrics.paused(self.stop.is_set());
        }
    }
}
