//! What holds an action back. Each guard is a function of facts and `now`, with a reason of its own.
//!
//! All of them are asked, not only the first that holds, and each says the value it decided by: what a decision
//! rests on can be read afterwards. [`local`] knows what the core remembers; [`world`] what was read from outside just
//! before acting; [`group`] what the target's peers are like.

pub mod group;
pub mod local;
mod window;
pub mod world;

pub use window::Window;

use smallvec::SmallVec;

use crate::model::{Check, CheckValue, Reason, Timestamp};

/// A refusal by a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// From the closed list.
    pub reason: Reason,
    /// The value that decided, in one line.
    pub detail: String,
    /// When the guard may let it pass; `None`: when something else changes.
    pub until: Option<Timestamp>,
}

impl Held {
    /// Held until something changes.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), until: None }
    }
}

/// What a guard says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    check: Check,
    /// Set if it holds.
    until: Option<Until>,
}

/// For how long a guard holds; `None`: until something changes.
type Until = Option<Timestamp>;

impl Said {
    /// It lets the plan pass.
    pub fn pass(guard: Reason, value: impl Into<CheckValue>) -> Self {
        Self::new(guard, value, None)
    }

    /// It holds until something changes.
    pub fn hold(guard: Reason, value: impl Into<CheckValue>) -> Self {
        Self::new(guard, value, Some(None))
    }

    /// It holds unless `passes`.
    pub fn when(passes: bool, guard: Reason, value: impl Into<CheckValue>) -> Self {
        if passes { Self::pass(guard, value) } else { Self::hold(guard, value) }
    }

    /// It holds until then.
    fn until(guard: Reason, value: impl Into<CheckValue>, until: Timestamp) -> Self {
        Self::new(guard, value, Some(Some(until)))
    }

    fn new(guard: Reason, value: impl Into<CheckValue>, until: Option<Until>) -> Self {
        Self { check: Check { guard, passed: until.is_none(), value: value.into() }, until }
    }

    /// The refusal, if it is one.
    pub fn held(&self) -> Option<Held> {
        let until = self.until?;
        Some(Held { reason: self.check.guard, detail: self.check.value.text().into_owned(), until })
    }
}

/// What several guards say, in order. They are asked about a plan twice, and thousands of plans may be made at once: as
/// many as nearly every plan is asked by need no heap.
pub type AllSaid = SmallVec<[Said; 20]>;

/// The first refusal of several guards.
pub fn first_held(said: &[Said]) -> Result<(), Held> {
    said.iter().find_map(Said::held).map_or(Ok(()), Err)
}

/// What all of them said, as a decision keeps it.
pub fn checks(said: AllSaid) -> Vec<Check> {
    said.into_iter().map(|one| one.check).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_refusal_counts_and_all_are_kept() {
        let said = [
            Said::pass(Reason::Storm, "calm"),
            Said::hold(Reason::Paused, "by ann"),
            Said::when(false, Reason::TargetBusy, "busy"),
        ];
        assert_eq!(first_held(&said).unwrap_err().reason, Reason::Paused);
        assert_eq!(first_held(&said[..1]), Ok(()));
        let passed: Vec<bool> = checks(said.into_iter().collect()).iter().map(|check| check.passed).collect();
        assert_eq!(passed, [true, false, false]);
    }
}
