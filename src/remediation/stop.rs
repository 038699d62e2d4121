//! The stop switch: nothing begins, and no further step, while it is set.

use std::path::PathBuf;

use super::worker::Remediation;
use crate::journal::{Journal, JournalError};
use crate::model::Timestamp;

/// The stop switch: what routes and signals set, and a file that whoever has a shell can make.
pub(super) struct Stop {
    pub(super) file: Option<PathBuf>,
    switch: bool,
    found: bool,
    unwritten: Option<Unwritten>,
}

/// What the journal has yet to be told. Nobody who leads after this may forget it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unwritten {
    paused: bool,
    by: String,
    at: Timestamp,
    /// Whether it could not be written before.
    late: bool,
}

impl Unwritten {
    /// Writes it. What waited to be cleared stays set if somebody has set it later, through another replica.
    pub(super) async fn write(&self, journal: &Journal) -> Result<(), JournalError> {
        let set_later =
            self.late && !self.paused && journal.paused().await?.is_some_and(|pause| pause.at > self.at);
        match set_later {
            true => Ok(()),
            false => journal.set_paused(self.paused, &self.by, self.at).await,
        }
    }
}

impl Stop {
    /// As the journal says, unless that has yet to be told otherwise.
    pub(super) fn new(file: Option<PathBuf>, written: bool, unwritten: Option<Unwritten>) -> Self {
        let switch = unwritten.as_ref().map_or(written, |unwritten| unwritten.paused);
        Self { file, switch, found: false, unwritten }
    }

    /// What was said last counts; what the journal holds is older until it is told.
    pub(super) fn is_to_be_written(&mut self, paused: bool, by: String, at: Timestamp) {
        self.unwritten = Some(Unwritten { paused, by, at, late: false });
    }

    /// What whoever leads next has to write.
    pub(super) fn left_unwritten(self) -> Option<Unwritten> {
        self.unwritten
    }

    pub(super) fn is_unwritten(&self) -> bool {
        self.unwritten.is_some()
    }

    pub(super) fn is_set(&self) -> bool {
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
    pub(super) async fn write_switch(&mut self) -> Result<(), JournalError> {
        let Some(unwritten) = &mut self.stop.unwritten else { return Ok(()) };
        let written = unwritten.write(&self.surroundings.journal).await;
        unwritten.late = true;
        written?;
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
