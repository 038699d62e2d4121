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
    is_begun: bool,
}

impl Permit {
    pub(super) fn new(run: RunId, step: usize, action: Action, written: Timestamp) -> Self {
        Self { run, step, action, written, is_begun: false }
    }

    /// For what is left of an action that an earlier process began; see [`Permit::is_begun`].
    pub(super) fn to_finish(run: RunId, step: usize, action: Action, written: Timestamp) -> Self {
        Self { is_begun: true, ..Self::new(run, step, action, written) }
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

    /// Whether an earlier permit of the same intent was used, and nobody knows how far: only what the action owes may
    /// be done, and doing that again must change nothing. See [`Action::must_be_finished`].
    pub fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// What may be done.
    pub fn action(&self) -> &Action {
        &self.action
    }
}
