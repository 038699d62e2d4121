//! What a detector refrains from for a while, because the caller knows better than the samples.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::episodes::{Episodes, Step};
use super::explanation::Gate;
use crate::model::{AnomalyState, Timestamp};

/// Whether learning is held back, and whether alarms are muted with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// Nothing is held back.
    #[default]
    Nothing,
    /// Scores and episodes go on, nothing is learnt.
    Learning,
    /// Scores go on; nothing is learnt, and no episode begins or goes on.
    Alarms,
}

impl Hold {
    /// Whether samples teach nothing.
    pub fn learns_nothing(self) -> bool {
        self != Self::Nothing
    }

    /// Whether no alarm is raised.
    pub fn mutes(self) -> bool {
        self == Self::Alarms
    }

    /// Takes a score that teaches nothing: no level is accepted; `least` is how long it must last. While alarms are
    /// muted no episode begins or goes on, and what lasts when that ends begins then.
    pub(super) fn step(self, episodes: &mut Episodes, at: Timestamp, score: f64, least: Duration) -> Step {
        if self.mutes() {
            return Step { state: AnomalyState::Normal, alarm: false, gate: Some(Gate::Muted) };
        }
        episodes.step(at, score, false, least)
    }

    /// The state between samples, normal while alarms are muted.
    pub(super) fn state(self, episodes: &Episodes, at: Timestamp) -> AnomalyState {
        if self.mutes() { AnomalyState::Normal } else { episodes.state(at) }
    }
}
