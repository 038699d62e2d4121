//! Which step an action belongs to.

use crate::model::{RunId, Timestamp};

/// Which step is carried out: what those who are told of it know it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Its run.
    pub run: RunId,
    /// Its place in the plan, from 0.
    pub step: usize,
    /// When its intent was written.
    pub since: Timestamp,
}

impl Occasion {
    /// The same for the same step whenever it is asked for, and another one where a lost journal numbers its
    /// runs anew. Letters, digits and `-`.
    pub fn key(&self) -> String {
        format!("{}-{}-{:x}", self.run, self.step, self.since.as_millis())
    }
}
