//! `seasonal`: a cheap detector for series whose rhythm is that of people: time of day and day of week, in
//! their time zone.
//!
//! A value is expected at the level plus what the profile adds. Its distance from that range is calibrated
//! by the series' own history on either side; the false-alarm budget says how much is an alarm. It keeps
//! about 1.4 kB and does constant work a sample. What it refuses: it has no eye for the shape of the last
//! minutes; where that matters, `auto` is the model.

mod clock;
mod last;
mod level;
mod outlook;
mod profile;
mod table;
mod trial;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use self::clock::Clock;
use self::last::{Fate, Last};
use self::level::Level;
use self::outlook::{Judgement, Outlook, ROUNDING, Range};
use self::profile::{Lesson, Profile};
use super::alarm_line::{Spending, alarm_line};
use super::compact_tail::CompactTail;
use super::episodes::{Episodes, SUSTAINED_AFTER, Step};
use super::explanation::{Explanation, Gate, Learning};
use super::{Config, Detector, State};
use crate::model::{AnomalyState, Sample, Score, Timestamp};

/// Finite samples that are only learnt, before the first score.
const WARM_UP_SAMPLES: u64 = 100;
/// The tails' memory in seconds.
const MEMORY_SECONDS: f64 = 14.0 * 86_400.0;
/// The tails' memory in samples, at least and at most.
const MEMORY_SAMPLES: (f64, f64) = (2000.0, 40_000.0);
/// The most that an anomalous sample of an episode's first hour teaches the tails; that hour teaches what one
/// normal sample does, and later ones nothing.
const ANOMALOUS_MOST: f64 = 0.1;
/// Time that is learnt from at most at once, in intervals.
const LEARN_INTERVALS: f64 = 4.0;
/// What one sample may say about the profile's errors, in spreads.
const ERROR_LIMIT: f64 = 10.0;
/// Values beyond are taken as this, so that no difference overflows.
const LARGEST: f64 = 1e300;

/// What `seasonal` has learnt of its series: 1.2 kB in one piece. Nothing in it depends on the
/// configuration but the profile, which is of the time zone's days.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SeasonalState {
    /// Time of the last sample taken, finite or not, in milliseconds.
    last: Option<i64>,
    /// Time of the last finite sample, in milliseconds.
    learned: Option<i64>,
    samples: u64,
    level: Level,
    profile: Profile,
    above: CompactTail,
    below: CompactTail,
    episodes: Episodes,
    spending: Spending,
}

/// The detector: configuration, state, and the last score taken apart.
pub struct Seasonal {
    config: Config,
    clock: Clock,
    /// The line that the budget sets, before what was overspent.
    line: f64,
    state: SeasonalState,
    last: Option<Last>,
}

/// When a sample came: its time, its local time in milliseconds, and the seconds it stands for.
#[derive(Clone, Copy)]
struct Moment {
    at: Timestamp,
    local: i64,
    elapsed: f64,
}

impl Seasonal {
    /// A detector that has seen nothing.
    pub fn new(config: &Config) -> Self {
        Self::restore(config, SeasonalState::default())
    }

    /// A detector that goes on from a state, under any configuration. Another time zone keeps the profile,
    /// which then takes days to follow.
    pub fn restore(config: &Config, state: SeasonalState) -> Self {
        Self { config: config.clone(), clock: Clock::default(), line: alarm_line(config), state, last: None }
    }

    /// How many samples are missing before a score, the one at hand being scored.
    fn missing(&self) -> u64 {
        (WARM_UP_SAMPLES + 1).saturating_sub(self.state.samples)
    }

    /// The evidence at which the score is 1.
    fn alarm_line(&self) -> f64 {
        self.line + self.state.spending.correction(&self.config)
    }

    fn interval(&self) -> f64 {
        self.config.interval.as_secs_f64().max(1e-3)
    }

    fn moment(&mut self, at: Timestamp) -> Moment {
        let before = Timestamp::from_millis(self.state.learned.unwrap_or(at.as_millis()));
        let elapsed = at.since(before).as_secs_f64().min(LEARN_INTERVALS * self.interval());
        Moment { at, local: self.clock.local(&self.config.time_zone, at), elapsed }
    }

    fn range(&self, local: i64) -> Range {
        let (level, offset) = (self.state.level.value(), self.state.profile.offset(local));
        Range {
            low: level + offset.low,
            expected: level + offset.middle,
            high: level + offset.high,
            scale: self.state.profile.variation(local),
        }
    }

    fn outlook(&self, range: Range, line: f64) -> Outlook<'_> {
        Outlook::new(range, [&self.state.above, &self.state.below], line)
    }

    /// A score of 0 with no band but the range of values that can be.
    fn blank(&self, sample: Sample, expected: f64) -> Score {
        self.config.narrowing.data_range.bound(Score {
            at: sample.at,
            value: sample.value,
            expected,
            lower: f64::NEG_INFINITY,
            upper: f64::INFINITY,
            score: 0.0,
            state: self.state.episodes.state(sample.at),
            alarm: false,
        })
    }

    /// A value that is no number: nothing is learnt, the band is as it would have been.
    fn skip(&mut self, sample: Sample) -> Score {
        let moment = self.moment(sample.at);
        let range = self.range(moment.local);
        let mut score = self.blank(sample, range.expected);
        if self.missing() == 0 {
            let outlook = self.outlook(range, self.alarm_line());
            let Judgement { lower, upper, .. } = outlook.judge(range.expected, &self.config);
            score = self.config.narrowing.data_range.bound(Score { lower, upper, ..score });
        }
        let fate = Fate { outside: false, gate: Some(Gate::Finite), learning: Learning::Nothing };
        self.remember(score, self.missing(), [(range, 0.0); 2], fate);
        score
    }

    /// The first finite sample: it is what is expected.
    fn first(&mut self, sample: Sample, value: f64) -> Score {
        let Moment { local, .. } = self.moment(sample.at);
        self.state.level.learn(value, 0.0, 0.0, false);
        self.state.profile.learn(local, 0.0, Lesson::default());
        let score = self.blank(sample, value);
        let fate = Fate { outside: false, gate: Some(Gate::WarmUp), learning: Learning::WarmingUp };
        self.remember(score, self.missing(), [(self.range(local), 0.0); 2], fate);
        score
    }

    fn score(&mut self, sample: Sample, value: f64) -> Score {
        let moment = self.moment(sample.at);
        let range = self.range(moment.local);
        let level = self.state.level.value();
        let alone = Range { low: level, expected: level, high: level, scale: 1.0 };
        let outlook = self.outlook(range, self.alarm_line());
        let judged = outlook.judge(value, &self.config);
        let without = outlook.evidence(alone.deviation(value), alone.scale);
        let missing = self.missing();
        let limits = self.config.narrowing.data_range;
        let outside = limits.excludes(sample.value);
        let height = limits.least_score(sample.value).max(if missing == 0 { judged.score } else { 0.0 });
        let step = if outside {
            self.state.episodes.step(sample.at, height, false, self.config.narrowing.min_duration)
        } else {
            self.learn(moment, value, range, &judged)
        };
        let blank = self.blank(sample, range.expected);
        let (lower, upper) =
            if missing == 0 { (judged.lower, judged.upper) } else { (blank.lower, blank.upper) };
        let Step { state, alarm, .. } = step;
        let score = limits.bound(Score { lower, upper, score: height, state, alarm, ..blank });
        let gate = match judged.gate {
            _ if outside => step.gate,
            _ if missing > 0 => Some(Gate::WarmUp),
            gate => gate.or(step.gate),
        };
        let fate = Fate { outside, gate, learning: Learning::of(outside, missing == 0, height) };
        self.remember(score, missing, [(range, judged.evidence), (alone, without)], fate);
        score
    }

    fn remember(&mut self, score: Score, missing: u64, views: [(Range, f64); 2], fate: Fate) {
        let deviation = |range: Range| score.value.is_finite().then(|| range.deviation(score.value));
        let views = views.map(|(range, tail)| (deviation(range), tail));
        self.last = Some(Last { score, line: self.alarm_line(), views, missing, fate });
    }

    /// Learns a finite value that has been judged; robustly, so that an anomaly teaches little.
    fn learn(&mut self, moment: Moment, value: f64, range: Range, judged: &Judgement) -> Step {
        let Moment { at, local, elapsed } = moment;
        let warm = self.missing() == 0;
        let anomalous = warm && judged.score >= 1.0;
        let off = warm && judged.against;
        let level = self.state.level.value();
        let freed = value - (range.expected - level);
        let trust = self.state.profile.trust();
        let growth = if off {
            self.state.level.accept(at, freed, elapsed, trust)
        } else {
            self.state.level.agrees(at);
            None
        };
        let height = if anomalous { judged.score } else { 0.0 };
        let least = self.config.narrowing.min_duration;
        let step = self.state.episodes.step(at, height, growth.is_some(), least);
        self.state.spending.note(elapsed, step.alarm);
        if let Some(growth) = growth {
            self.state.above.grow(growth);
            self.state.below.grow(growth);
            self.state.profile.interrupt();
        } else {
            let weight = if anomalous && !step.alarm { self.anomalous_weight(step) } else { 1.0 };
            self.calibrate(range.deviation(value), range, weight);
        }
        let limit = ERROR_LIMIT * self.state.level.spread();
        let lesson = Lesson { distance: range.deviation(value).abs(), limit, elapsed };
        self.state.profile.learn(local, value - self.state.level.value(), lesson);
        self.state.level.learn(freed, elapsed, trust, anomalous && growth.is_none());
        step
    }

    /// Both sides learn a deviation: each must know how often it was silent.
    fn calibrate(&mut self, deviation: f64, range: Range, weight: f32) {
        let memory = (MEMORY_SECONDS / self.interval()).clamp(MEMORY_SAMPLES.0, MEMORY_SAMPLES.1);
        let rounding = ROUNDING * self.state.level.value().abs().max(range.expected.abs());
        let residual = if deviation.abs() <= rounding { 0.0 } else { deviation / range.scale };
        self.state.above.learn(residual.max(0.0), weight, memory);
        self.state.below.learn((-residual).max(0.0), weight, memory);
    }

    fn anomalous_weight(&self, step: Step) -> f32 {
        if step.state == AnomalyState::Sustained {
            return 0.0;
        }
        (self.interval() / SUSTAINED_AFTER.as_secs_f64()).min(ANOMALOUS_MOST) as f32
    }
}

impl Detector for Seasonal {
    fn name(&self) -> &'static str {
        "seasonal"
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
        if self.config.narrowing.data_range.excludes(sample.value) {
            return Some(self.score(sample, value));
        }
        self.state.samples += 1;
        let score = match self.state.learned {
            None => self.first(sample, value),
            Some(_) => self.score(sample, value),
        };
        self.state.learned = Some(at);
        Some(score)
    }

    fn explain(&self) -> Option<Explanation> {
        Some(self.last.as_ref()?.explanation(self.state.samples))
    }

    fn is_warm(&self) -> bool {
        self.missing() == 0
    }

    fn since(&self) -> Option<Timestamp> {
        self.state.episodes.open_since().map(Timestamp::from_millis)
    }

    fn state(&self) -> State<'_> {
        State::Seasonal(Cow::Borrowed(&self.state))
    }

    fn configure(&mut self, config: &Config) {
        self.config = config.clone();
        self.line = alarm_line(config);
        self.clock.reset();
    }
}

#[cfg(test)]
mod tests;
