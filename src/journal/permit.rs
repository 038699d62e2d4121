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
    silence: Option<String>,
}

impl Permit {
    pub(super) fn new(run: RunId, step: usize, action: Action, written: Timestamp) -> Self {
        Self { run, step, action, written, is_begun: false, silence: None }
    }

    /// For what is left of an action that an earlier process began; see [`Permit::is_begun`].
    pub(super) fn to_finish(run: RunId, step: usize, action: Action, written: Timestamp) -> Self {
        Self { is_begun: true, ..Self::new(run, step, action, written) }
    }

    /// To lift the silence that the action has created; `silence`: what Alertmanager called it, where that is known.
    pub(super) fn to_lift(
        run: RunId,
        step: usize,
        action: Action,
        written: Timestamp,
        silence: Option<String>,
    ) -> Self {
        Self { silence, ..Self::to_finish(run, step, action, written) }
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
    /// be done, and doing that again must change nothing. See [`Action::must_be_finished`]; a silence owes its end.
    pub fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// What Alertmanager called the silence that is to be lifted, where that is known.
    pub fn silence(&self) -> Option<&str> {
        self.silence.as_deref()
    }

    /// What may be done.
    pub fn action(&self) -> &Action {
        &self.action
    }
}
