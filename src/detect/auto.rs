//! `auto`: the default detector of one series, for any interval and any unit, with nothing to tune.
//!
//! A value is expected at the level plus what the time of day adds. Two evidences speak against it:
//! the *level*, its distance from that range, and the *innovation*, its distance from where the last
//! samples pointed. Each is calibrated by the series' own history on either side, both are
//! combined, and the false-alarm budget says how much is an alarm. In an episode the level alone decides
//! whether it lasts.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::alarm_line::{Spending, alarm_line};
use super::calibration::{Calibration, Lesson};
use super::episodes::{Episodes, SUSTAINED_AFTER, Step};
use super::explanation::{Evidence, Explanation};
use super::forecast::Forecasts;
use super::level::Level;
use super::outlook::{Grounds, Judgement, Outlook, ROUNDING, Range};
use super::season::Season;
use super::{Config, Detector, State};
use crate::model::{AnomalyState, Sample, Score, Timestamp};

/// Finite samples that are only learnt, before the first score.
pub(super) const WARM_UP_SAMPLES: u64 = 100;
/// The tails' memory in seconds.
const MEMORY_SECONDS: f64 = 14.0 * 86_400.0;
/// The tails' memory in samples, at least and at most.
const MEMORY_SAMPLES: (f64, f64) = (2000.0, 40_000.0);
/// What the anomalous samples of an episode's first hour teach a tail, in normal samples; later ones teach
/// nothing. So an incident of hours counts for little more than its onset.
const EPISODE_WEIGHT: f64 = 1.0;
/// The most a single one of them teaches.
const ANOMALOUS_MOST: f64 = 0.1;
/// A gap of more intervals than this makes the last samples no guide to the next.
const GAP_INTERVALS: f64 = 5.0;
/// Time that is learnt from at most at once, in intervals.
const LEARN_INTERVALS: f64 = 4.0;
/// What one sample may say about a forecast's error, in spreads.
const ERROR_LIMIT: f64 = 10.0;
/// Values beyond are taken as this, so that no difference overflows.
const LARGEST: f64 = 1e300;

/// What `auto` has learnt of its series. Less than 6 kB, of which 2.6 kB are histograms and 2.3 kB the
/// profile; nothing in it depends on the configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AutoState {
    /// Time of the last sample taken, finite or not, in milliseconds.
    last: Option<i64>,
    /// Time of the last finite sample, in milliseconds.
    learned: Option<i64>,
    samples: u64,
    level: Level,
    season: Season,
    forecasts: Forecasts,
    innovation: Calibration,
    deviation: Calibration,
    episodes: Episodes,
    spending: Spending,
}

/// Level and time of day.
#[derive(Clone, Copy)]
struct Base {
    /// The values without surprise.
    range: Range,
    /// The value expected among them.
    expected: f64,
    /// The unit of residuals at this time.
    scale: f64,
}

/// The detector: configuration, state, and the last score taken apart.
pub struct Auto {
    config: Config,
    state: AutoState,
    last: Option<Explanation>,
}

impl Auto {
    /// A detector that has seen nothing.
    pub fn new(config: &Config) -> Self {
        Self::restore(config, AutoState::default())
    }

    /// A detector that goes on from a state, under any configuration.
    pub fn restore(config: &Config, state: AutoState) -> Self {
        Self { config: config.clone(), state, last: None }
    }

    /// How many samples are missing before a score, the one at hand being scored.
    fn missing(&self) -> u64 {
        (WARM_UP_SAMPLES + 1).saturating_sub(self.state.samples)
    }

    /// The evidence at which the score is 1.
    fn line(&self) -> f64 {
        alarm_line(&self.config) + self.state.spending.correction(&self.config)
    }

    /// Seconds since the last finite sample.
    fn elapsed(&self, at: Timestamp) -> f64 {
        let before = Timestamp::from_millis(self.state.learned.unwrap_or(at.as_millis()));
        at.since(before).as_secs_f64()
    }

    fn interval(&self) -> f64 {
        self.config.interval.as_secs_f64().max(1e-3)
    }

    fn is_gap(&self, at: Timestamp) -> bool {
        self.elapsed(at) > GAP_INTERVALS * self.interval()
    }

    fn base(&self, at: Timestamp) -> Base {
        let (level, offset) = (self.state.level.value(), self.state.season.offset(at));
        Base {
            range: Range { low: level + offset.low, high: level + offset.high },
            expected: level + offset.middle,
            scale: self.state.season.variation(at),
        }
    }

    /// Whether the last samples say nothing about the next: after a gap they are too old, and in an episode
    /// they are themselves the anomaly, and a return must not be one. Then the level speaks for both.
    fn level_alone(&self, at: Timestamp) -> bool {
        self.is_gap(at) || self.state.episodes.is_open()
    }

    fn outlook(&self, at: Timestamp) -> Outlook<'_> {
        let Base { range: base, expected, scale } = self.base(at);
        let state = &self.state;
        let (innovation, calibration) = if self.level_alone(at) {
            (base, &state.deviation)
        } else {
            (base.shifted(state.forecasts.best()), &state.innovation)
        };
        let calibrations = [calibration, &state.deviation];
        Outlook::new(Grounds { base, expected, innovation, scale, calibrations, line: self.line() })
    }

    /// A score of 0 with no band.
    fn blank(&self, sample: Sample, expected: f64) -> Score {
        Score {
            at: sample.at,
            value: sample.value,
            expected,
            lower: f64::NEG_INFINITY,
            upper: f64::INFINITY,
            score: 0.0,
            state: self.state.episodes.state(sample.at),
            alarm: false,
        }
    }

    /// The first finite sample: it is what is expected.
    fn first(&mut self, sample: Sample, value: f64) -> Score {
        self.state.level.learn(value, 0.0, false);
        self.state.season.learn(sample.at, 0.0, 0.0, 0.0);
        let score = self.blank(sample, value);
        self.remember(score, None);
        score
    }

    /// A value that is no number: nothing is learnt, the band is as it would have been.
    fn skip(&mut self, sample: Sample) -> Score {
        let expected = if self.state.learned.is_some() { self.base(sample.at).expected } else { 0.0 };
        let mut score = self.blank(sample, expected);
        if self.missing() == 0 {
            let judged = self.outlook(sample.at).judge(expected, &self.config);
            score = Score { expected: judged.expected, lower: judged.lower, upper: judged.upper, ..score };
        }
        self.remember(score, None);
        score
    }

    fn score(&mut self, sample: Sample, value: f64) -> Score {
        let judged = self.outlook(sample.at).judge(value, &self.config);
        let step = self.learn(sample.at, value, &judged);
        let mut score = self.blank(sample, judged.expected);
        if self.missing() == 0 {
            let Judgement { lower, upper, score: height, .. } = judged;
            score = Score { lower, upper, score: height, state: step.state, alarm: step.alarm, ..score };
        }
        self.remember(score, Some(&judged));
        score
    }

    fn remember(&mut self, score: Score, judged: Option<&Judgement>) {
        let unknown = |name| Evidence { name, expected: score.expected, deviation: 0.0, tail: 0.0 };
        self.last = Some(Explanation {
            score,
            alarm_line: self.line(),
            evidences: judged.map_or([unknown("innovation"), unknown("level")], |judged| judged.evidences),
            samples_seen: self.state.samples,
            samples_to_warm_up: self.missing(),
            season_trust: self.state.season.trust(),
            too_small_to_count: judged.is_some_and(|judged| judged.too_small),
        });
    }

    /// Learns a finite value that has been judged; robustly, so that an anomaly teaches little.
    fn learn(&mut self, at: Timestamp, value: f64, judged: &Judgement) -> Step {
        let warm = self.missing() == 0;
        let anomalous = warm && judged.score >= 1.0;
        let elapsed = self.elapsed(at).min(LEARN_INTERVALS * self.interval());
        let Base { range, expected, scale } = self.base(at);
        let (level, level_alone) = (self.state.level.value(), self.level_alone(at));
        let freed = value - (expected - level);
        let growth = self.state.level.accept(at, freed, warm && judged.off_level, elapsed);
        let accepted = growth.is_some();
        let step = self.state.episodes.step(at, anomalous, accepted);
        self.state.spending.note(elapsed, step.alarm);
        let lesson = Lesson {
            weight: if anomalous && !step.alarm { self.anomalous_weight(step) } else { 1.0 },
            memory: (MEMORY_SECONDS / self.interval()).clamp(MEMORY_SAMPLES.0, MEMORY_SAMPLES.1),
            rounding: ROUNDING * level.abs().max(expected.abs()),
            scale,
        };
        let [innovation, deviation] = judged.evidences.map(|evidence| evidence.deviation);
        if !level_alone {
            self.state.innovation.learn(innovation, lesson);
        }
        if let Some(growth) = growth {
            self.state.innovation.grow(growth);
            self.state.deviation.grow(growth);
        } else {
            self.state.deviation.learn(deviation, lesson);
        }
        let limit = ERROR_LIMIT * self.state.level.spread();
        let base = range.shifted(self.state.level.value() - level);
        let taught = if anomalous && !accepted { value.clamp(judged.lower, judged.upper) } else { value };
        if accepted || self.is_gap(at) {
            self.state.forecasts.restart(base.deviation(taught));
        } else {
            self.state.forecasts.learn(base.deviation(taught), limit);
        }
        self.state.season.learn(at, value - self.state.level.value(), limit, elapsed);
        self.state.level.learn(freed, elapsed, anomalous && !accepted);
        step
    }

    fn anomalous_weight(&self, step: Step) -> f32 {
        if step.state == AnomalyState::Sustained {
            return 0.0;
        }
        (EPISODE_WEIGHT * self.interval() / SUSTAINED_AFTER.as_secs_f64()).min(ANOMALOUS_MOST) as f32
    }
}

impl Detector for Auto {
    fn name(&self) -> &'static str {
        "auto"
    }

    fn observe(&mut self, sample: Sample) -> Option<Score> {
        let at = sample.at.as_millis();
        if self.state.last.is_some_and(|last| at <= last) {
            return None;
        }
        self.state.last = Some(at);
        if !sample.value.is_finite() {
            return Some(self.skip(sample));
        }
        let value = sample.value.clamp(-LARGEST, LARGEST);
        self.state.samples += 1;
        let score = match self.state.learned {
            None => self.first(sample, value),
            Some(_) => self.score(sample, value),
        };
        self.state.learned = Some(at);
        Some(score)
    }

    fn explain(&self) -> Option<&Explanation> {
        self.last.as_ref()
    }

    fn state(&self) -> State<'_> {
        State::Auto(Cow::Borrowed(&self.state))
    }

    fn configure(&mut self, config: &Config) {
        self.config = config.clone();
    }
}
