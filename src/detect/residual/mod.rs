//! Models that forecast the next sample and judge what is left of it, the residual.
//!
//! A value is expected at a level plus what the model's [`Forecaster`] adds. Its distance from that range is
//! calibrated by the series' own history on either side; the false-alarm budget says how much is an alarm. What
//! calibrates, follows the level, and counts episodes is the same for every forecaster.

mod detector;
mod last;
mod outlook;
mod trial;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub(super) use detector::LARGEST;
pub use detector::{Residual, ResidualState};
pub(super) use trial::Trial;

use super::level::Level;
use super::{Config, State};
use crate::model::Timestamp;

/// What a model knows beyond the level. `Self` is what is at hand; [`Forecaster::Learnt`] is what is stored.
pub trait Forecaster: Send + Sync + Sized {
    /// What was learnt.
    type Learnt: Clone + Send + Sync + Serialize + for<'de> Deserialize<'de>;

    /// The model's name: the label `model`.
    const NAME: &'static str;
    /// The names of the evidences: of all that is known, and of that without the seasons.
    const VIEWS: [&'static str; 2];

    /// What is known before the first sample.
    fn nothing(config: &Config) -> Self::Learnt;

    /// Goes on with what was learnt, under any configuration.
    fn take_up(learnt: &mut Self::Learnt, config: &Config) -> Self;

    /// The state as one of the models'.
    fn state(state: Cow<'_, ResidualState<Self::Learnt>>) -> State<'_>;

    /// What to expect at a time, as offsets from the level.
    fn offset(&mut self, learnt: &Self::Learnt, config: &Config, at: Timestamp) -> Offset;

    /// How far its seasons are believed, from 0 to 1: a series with a rhythm must be off it for longer before a
    /// new level is accepted.
    fn trust(learnt: &Self::Learnt) -> f64;

    /// The evidence up to which a surprise at this time is a habit; 0 if there is none.
    fn habit(_: &Self::Learnt, _: Timestamp) -> f64 {
        0.0
    }

    /// The level has moved by so much; found at this time.
    fn accept(learnt: &mut Self::Learnt, moved: f64, at: Timestamp);

    /// Learns a sample; `level` is where the level lies by now.
    fn learn(&mut self, learnt: &mut Self::Learnt, config: &Config, level: f64, lesson: &Lesson);

    /// Takes account of all that was learnt, the last sample included; from the end of the warm-up on. Answers by how
    /// many times errors as large as before are to be expected from now on, if that has changed.
    fn settle(&mut self, _: &mut Self::Learnt, _: &Config, _: &mut Level, _: Timestamp) -> Option<f64> {
        None
    }
}

/// What to expect at one time, as offsets from the level; `low <= middle <= high`, all finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Offset {
    /// The smallest offset without surprise.
    pub low: f64,
    /// What is expected.
    pub middle: f64,
    /// The largest offset without surprise.
    pub high: f64,
    /// What would be expected without the seasons.
    pub plain: f64,
    /// How much more than usual the series varies at this time; at least 1.
    pub scale: f64,
}

/// How a sample is learnt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lesson {
    /// When it came.
    pub at: Timestamp,
    /// Its value.
    pub value: f64,
    /// What was expected.
    pub expected: f64,
    /// What would have been expected without the seasons.
    pub plain: f64,
    /// How far the value lay from the range that was expected.
    pub distance: f64,
    /// The most that one sample says about an error.
    pub limit: f64,
    /// The time since the sample before, in seconds.
    pub elapsed: f64,
    /// The evidence against the value.
    pub evidence: f64,
    /// Whether the value is an anomaly, on whatever side.
    pub off: bool,
    /// Whether it would be one, were it not a habit at this time.
    pub habitual: bool,
}
