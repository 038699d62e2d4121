//! `prophet`: Prophet's forecast, live. For series whose trend and seasons are smooth, and whose holidays are known.
//!
//! It keeps three weeks of means over at most half an hour or so, fits them at the end of the warm-up, again as the
//! history grows, and once a day from then on, by the samples' times. Values are fitted from their least one, in units of
//! their range (Prophet's scaling `minmax`), so that neither origin nor unit matters. Between fits a robust level follows what
//! the forecast misses, and the trend goes no further than to the time of the next fit. An anomaly is remembered as what
//! was expected; a new level that is accepted moves the whole history there. Once a season comes into the model, the errors
//! made without it count as smaller, as much as it explains.
//!
//! It keeps about 11 kB of a series, and 24 bytes more for each day of its holidays. A sample costs three forecasts, a day
//! one fit of at most 1024 means, which takes half a millisecond (`benches/prophet.rs`). A fit is made in the tick in
//! which it is due by the series' own samples; their ups and downs spread the daily fits of a query's series over six
//! hours, and those after a change of level over one. Only the first fits, of 100 means, come in one tick where series
//! begin together, and those after a change of the time zone when the configuration is taken up. What it refuses: four
//! harmonics do not hold a peak of an hour; where a daily job matters, `auto` or `seasonal` is the model.

mod history;
mod learnt;

use std::borrow::Cow;

use self::history::Recent;
use self::learnt::{Learnt, Parts, settings, spread};
use super::Fitted;
use super::calendar::{self, Holidays};
use crate::detect::habit::Habit;
use crate::detect::level::Level;
use crate::detect::residual::{Forecaster, LARGEST, Lesson, Offset, Residual, ResidualState, Trial};
use crate::detect::{Config, State};
use crate::model::Timestamp;

/// The detector.
pub type ProphetDetector = Residual<Prophecy>;

/// What `prophet` has learnt of its series: at most 11 kB.
pub type ProphetState = ResidualState<Learnt>;

/// How far early or late is no anomaly, in milliseconds.
const TOLERANCE: i64 = 1_800_000;
/// Over how long the seasons are judged, in seconds.
const TRIAL_SECONDS: f64 = 3.0 * 86_400.0;

/// The model at hand; `None` before the first fit.
pub struct Prophecy {
    fitted: Option<Fitted>,
    /// The days that are holidays, in order.
    holidays: Vec<i64>,
}

impl Prophecy {
    fn new(fitted: Option<Fitted>, config: &Config) -> Self {
        let settings = settings(config);
        let holidays = Holidays::new(&settings).days().iter().map(|(day, _)| *day).collect();
        Self { fitted, holidays }
    }

    /// What the history keeps of a sample: of an anomaly what was expected, of a large deviation a limited one. A holiday
    /// and a habit are kept as they are, for they are to be learnt.
    fn remembered(&self, config: &Config, lesson: &Lesson) -> f64 {
        let day = || calendar::day(calendar::local(&config.time_zone, calendar::millis(lesson.at)));
        if lesson.habitual || !self.holidays.is_empty() && self.holidays.binary_search(&day()).is_ok() {
            lesson.value
        } else if lesson.off {
            lesson.expected
        } else if lesson.limit == 0.0 {
            // Nothing is known of how far it varies.
            lesson.value
        } else {
            lesson.expected + (lesson.value - lesson.expected).clamp(-lesson.limit, lesson.limit)
        }
    }
}

impl Forecaster for Prophecy {
    type Learnt = Learnt;

    const NAME: &'static str = "prophet";
    const VIEWS: [&'static str; 2] = ["forecast", "trend"];

    fn nothing(config: &Config) -> Learnt {
        Learnt {
            recent: Recent::new(config.interval),
            fit: None,
            due: i64::MIN,
            seasons: Trial::default(),
            habit: Habit::default(),
        }
    }

    /// What was fitted in another time zone is fitted again.
    fn take_up(learnt: &mut Learnt, config: &Config) -> Self {
        let restored = learnt.fit.as_ref().map(|fit| Fitted::restore(fit.model.clone(), &settings(config)));
        let fitted = match (restored, &learnt.fit) {
            (Some(Err(_)), Some(fit)) => {
                let (fit, fitted) = learnt.refit(config, fit.at).unzip();
                learnt.fit = fit;
                fitted
            }
            (restored, _) => restored.and_then(Result::ok),
        };
        Self::new(fitted, config)
    }

    fn state(state: Cow<'_, ProphetState>) -> State<'_> {
        State::Prophet(state)
    }

    fn offset(&mut self, learnt: &Learnt, _: &Config, at: Timestamp) -> Offset {
        let fitted = self.fitted.as_ref();
        let Parts { trend, seasons } = learnt.forecast(fitted, at);
        let near = [-TOLERANCE, TOLERANCE].map(|away| {
            let near = Timestamp::from_millis(at.as_millis().saturating_add(away));
            learnt.forecast(fitted, near).seasons
        });
        let offset = |seasons: f64| (trend + seasons).clamp(-LARGEST, LARGEST);
        let (low, high) =
            near.iter().fold((seasons, seasons), |(low, high), near| (low.min(*near), high.max(*near)));
        Offset { low: offset(low), middle: offset(seasons), high: offset(high), plain: trend, scale: 1.0 }
    }

    fn trust(learnt: &Learnt) -> f64 {
        learnt.seasons.trust()
    }

    fn habit(learnt: &Learnt, at: Timestamp) -> f64 {
        learnt.habit.line(at)
    }

    fn accept(learnt: &mut Learnt, moved: f64, at: Timestamp) {
        learnt.recent.shift(moved);
        learnt.due = learnt.due.min(learnt.due_soon_after(at));
    }

    fn learn(&mut self, learnt: &mut Learnt, config: &Config, _: f64, lesson: &Lesson) {
        let error = |expected: f64| (lesson.value - expected).abs().min(lesson.limit);
        let (plain, refined) = (error(lesson.plain), error(lesson.expected));
        learnt.seasons.note(plain, refined, lesson.elapsed, TRIAL_SECONDS);
        learnt.habit.learn(lesson.at, lesson.evidence);
        learnt.recent.learn(lesson.at, self.remembered(config, lesson));
    }

    /// Fits when it is due; a series that is off its level must have made up its mind first.
    fn settle(
        &mut self,
        learnt: &mut Learnt,
        config: &Config,
        level: &mut Level,
        at: Timestamp,
    ) -> Option<f64> {
        if at.as_millis() < learnt.due || level.off_since().is_some() {
            return None;
        }
        learnt.due = learnt.due_after(at);
        let (fit, fitted) = learnt.refit(config, at.as_millis())?;
        let misses = learnt.misses(&fit, &fitted, 1);
        level.put(misses.get(misses.len() / 2).copied().unwrap_or_default(), spread(&misses));
        let (before, old) = (learnt.fit.take(), self.fitted.take());
        let growth = before.zip(old).filter(|(before, _)| fit.seasons() > before.seasons());
        let growth = growth.map(|(before, old)| learnt.growth((&before, &old), (&fit, &fitted), config));
        (learnt.fit, self.fitted) = (Some(fit), Some(fitted));
        growth
    }
}

#[cfg(test)]
mod tests;
