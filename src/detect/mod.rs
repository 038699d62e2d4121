//! Detectors: a sample in, a score out. Pure: no I/O, no clock, no randomness; a score depends on the
//! past alone, and the same samples give the same scores to the bit.
//!
//! [`build`] makes a detector of the default model, [`Model::build`] one of any, [`restore`] makes it from a [`State`]
//! out of a snapshot. A state holds what was learnt at one interval and nothing else of the configuration, so a changed
//! configuration of the same interval keeps it.

mod alarm_line;
mod analogue;
mod auto;
mod band;
mod bins;
mod calibration;
mod compact_tail;
mod confidence;
mod config;
mod durations;
mod episodes;
pub mod evaluation;
mod explanation;
mod extent;
mod fixed;
mod group;
mod habit;
mod hold;
pub mod isolation_forest;
mod level;
mod mean_line;
mod memory;
mod narrowing;
mod occurrences;
mod outlook;
mod pca;
mod presence;
pub mod prophet;
mod residual;
mod seasonal;
mod standstill;
mod tail;
mod time_of_day;
mod views;
mod windows;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use auto::{Auto, AutoState};
pub use config::Config;
pub use durations::DURATIONS_MEMORY;
pub use explanation::{Evidence, Explanation, Gate, Learning, Occurrence};
pub use group::{
    Contribution, GroupConfig, GroupDetector, GroupJudge, GroupKind, GroupModel, GroupScore, GroupState,
    JudgeState, MOST_CONTRIBUTIONS, MOST_FEATURES, OtherModel, Statistic, Unlike,
};
pub use hold::Hold;
pub use narrowing::{DataRange, Narrowing};
pub use pca::{Pca, PcaConfig, PcaState, Unfit};
pub use presence::{Absence, Gap, Presence};
pub use prophet::{ProphetDetector, ProphetState};
pub use seasonal::{Seasonal, SeasonalState};

use crate::model::{Sample, Score, Timestamp};

/// Scores one series, sample by sample, in constant memory.
pub trait Detector: Send + Sync {
    /// The model's name: the label `model`.
    fn name(&self) -> &'static str;

    /// Scores a sample by what came before it, then learns it. `None` for a sample that is not newer
    /// than the last one; it changes nothing. NaN and infinite values score 0 and teach nothing.
    fn observe(&mut self, sample: Sample) -> Option<Score>;

    /// As [`Detector::observe`], for samples whose band nobody looks at: the same state and score at less cost, with a
    /// band without edges.
    fn pass(&mut self, sample: Sample) -> Option<Score> {
        self.observe(sample)
    }

    /// Sets what is held back from the next sample on: nothing at first, and nothing after a restore. The same samples
    /// under the same holds give the same scores.
    fn hold(&mut self, hold: Hold);

    /// The last score taken apart; `None` before the first sample and after a restore.
    fn explain(&self) -> Option<Explanation>;

    /// Whether enough samples have been learnt for scores.
    fn is_warm(&self) -> bool;

    /// The stretches of the past that were most like the last one, the most alike first; none for a model that
    /// remembers none.
    fn occurrences(&self) -> Vec<Occurrence> {
        Vec::new()
    }

    /// When the episode under way began; `None` outside of one.
    fn since(&self) -> Option<Timestamp>;

    /// What was learnt, for a snapshot.
    fn state(&self) -> State<'_>;

    /// Goes on under another configuration with what was learnt.
    fn configure(&mut self, config: &Config);
}

/// What a detector has learnt: one variant a model.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "one lives at a time, between a snapshot and its detector")]
pub enum State<'a> {
    /// Of the model `auto`.
    Auto(Cow<'a, AutoState>),
    /// Of the model `seasonal`.
    Seasonal(Cow<'a, SeasonalState>),
    /// Of the model `prophet`.
    Prophet(Cow<'a, ProphetState>),
}

impl State<'_> {
    /// The model that learnt it.
    pub fn model(&self) -> Model {
        match self {
            Self::Auto(_) => Model::Auto,
            Self::Seasonal(_) => Model::Seasonal,
            Self::Prophet(_) => Model::Prophet,
        }
    }
}

/// The models of one series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// For any series.
    #[default]
    Auto,
    /// For series with a daily or weekly rhythm, at a fraction of the cost.
    Seasonal,
    /// For series with a smooth trend and smooth seasons, and for holidays.
    Prophet,
}

impl Model {
    /// The model's name: the label `model`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Seasonal => "seasonal",
            Self::Prophet => "prophet",
        }
    }

    /// A detector of this model that has seen nothing.
    pub fn build(self, config: &Config) -> Box<dyn Detector> {
        match self {
            Self::Auto => Box::new(Auto::new(config)),
            Self::Seasonal => Box::new(Seasonal::new(config)),
            Self::Prophet => Box::new(ProphetDetector::new(config)),
        }
    }
}

/// A detector of the default model that has seen nothing.
pub fn build(config: &Config) -> Box<dyn Detector> {
    Model::default().build(config)
}

/// A detector that goes on where the state was taken, to the bit.
pub fn restore(config: &Config, state: State<'_>) -> Box<dyn Detector> {
    match state {
        State::Auto(state) => Box::new(Auto::restore(config, state.into_owned())),
        State::Seasonal(state) => Box::new(Seasonal::restore(config, state.into_owned())),
        State::Prophet(state) => Box::new(ProphetDetector::restore(config, state.into_owned())),
    }
}

#[cfg(test)]
mod tests;
