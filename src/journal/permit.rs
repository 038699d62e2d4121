//! Leave to carry out one step of a run. It exists only once the step's intent is durably written,
//! and whoever acts consumes it: one entry in the journal allows one effect.

use crate::model::{Action, RunId};

/// Leave to carry out one action once. It cannot be copied, nor made outside the journal.
#[derive(Debug)]
pub struct Permit {
    run: RunId,
    step: usize,
    action: Action,
}

impl Permit {
    /// The run that the step belongs to.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The step's place in the plan, from 0.
    pub fn step(&self) -> usize {
        self.step
    }

    /// What may be done.
    pub fn action(&self) -> &Action {
        &self.action
    }
}
