//! How grave an action is for those who use what it acts on.

use serde::{Deserialize, Serialize};

use super::{Action, Ec2Operation};

/// From what nobody notices to what takes something away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It only tells somebody.
    Harmless,
    /// It interrupts its target, which comes back by itself.
    Disruptive,
    /// It takes something away until somebody brings it back: a person approves it, and not the one who asks.
    Destructive,
}

impl Class {
    /// The name used in the configuration, in JSON and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Disruptive => "disruptive",
            Self::Destructive => "destructive",
        }
    }
}

impl Action {
    /// What is known of how grave it is; `None` where only who wrote the policy knows: programs and calls.
    pub fn class(&self) -> Option<Class> {
        match self {
            Self::Command(_) | Self::Http(_) => None,
            Self::Ec2(action) => Some(match action.operation {
                Ec2Operation::Reboot => Class::Disruptive,
            }),
        }
    }
}
