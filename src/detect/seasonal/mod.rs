//! `seasonal`: a cheap detector for series whose rhythm is that of people: time of day and day of week, in
//! their time zone.
//!
//! A value is expected at the level plus what the profile adds; its residual is judged as every forecaster's is.
//! It keeps about 1.4 kB and does constant work a sample. What it refuses: it has no eye for the shape of the last
//! minutes; where that matters, `auto` is the model.

mod clock;
mod profile;
mod table;

use std::borrow::Cow;

use self::clock::Clock;
use self::profile::Profile;
use super::residual::{Forecaster, Lesson, Offset, Residual, ResidualState};
use super::{Config, State};
use crate::model::Timestamp;

/// The detector.
pub type Seasonal = Residual<Season>;

/// What `seasonal` has learnt of its series: 1.2 kB in one piece. Its profile is of one time zone's days; under
/// another it takes days to follow.
pub type SeasonalState = ResidualState<Profile>;

/// The clock that the profile is read by.
#[derive(Default)]
pub struct Season {
    clock: Clock,
}

impl Forecaster for Season {
    type Learnt = Profile;

    const NAME: &'static str = "seasonal";
    const VIEWS: [&'static str; 2] = ["season", "level"];

    fn nothing(_: &Config) -> Profile {
        Profile::default()
    }

    fn take_up(_: &mut Profile, _: &Config) -> Self {
        Self::default()
    }

    fn state(state: Cow<'_, SeasonalState>) -> State<'_> {
        State::Seasonal(state)
    }

    fn offset(&mut self, profile: &Profile, config: &Config, at: Timestamp) -> Offset {
        let local = self.clock.local(&config.time_zone, at);
        Offset { scale: profile.variation(local), ..profile.offset(local) }
    }

    fn trust(profile: &Profile) -> f64 {
        profile.trust()
    }

    fn accept(profile: &mut Profile, _: f64, _: Timestamp) {
        profile.interrupt();
    }

    fn learn(&mut self, profile: &mut Profile, config: &Config, level: f64, lesson: &Lesson) {
        profile.learn(self.clock.local(&config.time_zone, lesson.at), lesson.value - level, lesson);
    }
}

#[cfg(test)]
mod tests;
