//! The proof that an intent is durably written; whoever acts uses one up.

use crate::model::{Action, RunId, Timestamp};

/// Leave to carry out one action once. Only the journal makes one, after the intent is on disk; it
/// carries the action exactly as written. Not `Clone`: one entry allows one effect.
#[derive(Debug)]
#[must_use = "an intent is written; carry it out, or record that it was not started"]
pub struct Permit {
    run: RunId,
    step: usize,
    action: Action,
    written: Timestamp,
}

impl Permit {
    pub(super) fn new(run: RunId, step: usize, action: Action, written: Timestamp) -> Self {
        Self { run, step, action, written }
    }

    /// The run the step belongs to.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The step's place in the plan, from 0.
    pub fn step(&self) -> usize {
        self.step
    }

    /// When the intent was written.
    pub fn written(&self) -> Timestamp {
        self.written
    }

    /// What may be done.
    pub fn action(&self) -> &Action {
        &self.action
    }
}
