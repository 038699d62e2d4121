//! `auto`: the default detector of one series, for any interval and any unit, with nothing to tune.
//!
//! Eight views ask how unlike its own past the series is now: its last minutes and hours against everything before,
//! against the same time on the days before and against the extent of all that, and the sample against a forecast. Each
//! is calibrated by the series' own history, their mean is the evidence, and the false-alarm budget says how much of it
//! is an alarm. An anomaly is remembered as what it was, but what comes next is compared as if the expected had happened,
//! so that it neither hides the next one nor outlasts itself.

mod judged;
mod last;
mod restraint;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub(super) use self::judged::EVIDENCES;
use self::judged::Judged;
use self::last::Last;
use super::alarm_line::{Line, Spending};
use super::band::Band;
use super::calibration::{Calibration, Lesson};
use super::episodes::{Episodes, Step};
use super::explanation::{Evidence, Explanation, Gate, Learning, Occurrence};
use super::habit::Habit;
use super::hold::Hold;
use super::level::{Level, NewLevel};
use super::mean_line::mean_line;
use super::memory::Memory;
use super::occurrences::occurrences;
use super::outlook::ROUNDING;
use super::standstill::Standstill;
use super::{Config, Detector, State};
use crate::model::{Sample, Score, Timestamp};

/// Finite samples that are only learnt, before the first score.
pub(super) const WARM_UP_SAMPLES: u64 = 100;
/// The tails' memory in seconds.
const MEMORY_SECONDS: f64 = 14.0 * 86_400.0;
/// The tails' memory in samples, at least and at most.
const MEMORY_SAMPLES: (f64, f64) = (5000.0, 20_000.0);
/// What is added to the alarms seen and to those allowed before they are compared: so much of a difference may be real
/// incidents, and the chance of a short time.
const DAMPING: f64 = 2.0;
/// Time that is learnt from at most at once, in intervals.
const LEARN_INTERVALS: f64 = 4.0;
/// Values beyond are taken as this, so that no difference overflows.
const LARGEST: f64 = 1e300;

/// What `auto` has learnt of its series; nothing in it depends on the configuration but the widths of the bins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AutoState {
    /// Time of the last sample taken, finite or not, in milliseconds.
    last: Option<i64>,
    /// Time of the last finite sample, in milliseconds.
    learned: Option<i64>,
    samples: u64,
    memory: Memory,
    level: Level,
    calibration: Calibration,
    habit: Habit,
    episodes: Episodes,
    standstill: Standstill,
    spending: Spending,
    /// When the present level began, in milliseconds.
    level_since: i64,
}

/// The detector: configuration, state, and the last score taken apart.
pub struct Auto {
    config: Config,
    state: AutoState,
    hold: Hold,
    last: Option<Last>,
}

impl Auto {
    /// A detector that has seen nothing.
    pub fn new(config: &Config) -> Self {
        let state = AutoState {
            last: None,
            learned: None,
            samples: 0,
            memory: Memory::new(config.interval),
            level: Level::default(),
            calibration: Calibration::default(),
            habit: Habit::default(),
            episodes: Episodes::default(),
            standstill: Standstill::default(),
            spending: Spending::default(),
            level_since: i64::MIN,
        };
        Self::restore(config, state)
    }

    /// A detector that goes on from a state, under any configuration.
    pub fn restore(config: &Config, state: AutoState) -> Self {
        Self { config: config.clone(), state, hold: Hold::Nothing, last: None }
    }

    /// How many samples are missing before a score, the one at hand being scored.
    fn missing(&self) -> u64 {
        (WARM_UP_SAMPLES + 1).saturating_sub(self.state.samples)
    }

    /// The line: by the budget and what was overspent, raised to what is a habit at this time.
    fn line(&self, at: Timestamp) -> Line {
        let base = mean_line(&self.config) + self.state.spending.correction(DAMPING);
        Line { base, raised: base.max(self.state.habit.line(at)) }
    }

    /// Seconds since the last finite sample, as far as they are learnt from.
    fn elapsed(&self, at: Timestamp) -> f64 {
        let before = Timestamp::from_millis(self.state.learned.unwrap_or(at.as_millis()));
        at.since(before).as_secs_f64().min(LEARN_INTERVALS * self.interval())
    }

    fn interval(&self) -> f64 {
        self.config.interval.as_secs_f64().max(1e-3)
    }

    fn take(&mut self, sample: Sample, with_band: bool) -> Option<Score> {
        let at = sample.at.as_millis();
        if self.state.last.is_some_and(|last| at <= last) {
            return None;
        }
        self.state.last = Some(at);
        if !sample.value.is_finite() {
            return Some(self.skip(sample));
        }
        let value = sample.value.clamp(-LARGEST, LARGEST);
        let outside = self.config.narrowing.data_range.excludes(sample.value);
        if !outside && !self.hold.learns_nothing() {
            self.state.samples += 1;
            self.state.memory.settle(value);
        }
        if !outside {
            let (elapsed, learns) = (self.elapsed(sample.at), !self.hold.learns_nothing());
            self.state.standstill.take(Sample { value, ..sample }, elapsed, learns, &self.config);
        }
        self.state.memory.advance(sample.at);
        let score = self.score(sample, value, with_band, outside);
        if !outside {
            self.state.learned = Some(at);
        }
        Some(score)
    }

    /// A value that is no number: nothing is learnt, and nothing is said of what would have been.
    fn skip(&mut self, sample: Sample) -> Score {
        let expected = if self.state.learned.is_some() { self.state.level.value() } else { 0.0 };
        let score = self.blank(sample, expected);
        let evidences = EVIDENCES.map(|name| Evidence { name, deviation: None, tail: 0.0 });
        self.last = Some(Last {
            score,
            evidence: 0.0,
            line: self.line(sample.at),
            evidences,
            outside: false,
            gate: Some(Gate::Finite),
            learning: Learning::Nothing,
        });
        score
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
            state: self.hold.state(&self.state.episodes, sample.at),
            alarm: false,
        })
    }

    fn score(&mut self, sample: Sample, value: f64, with_band: bool, outside: bool) -> Score {
        let range = self.config.narrowing.data_range;
        let warm = self.is_warm();
        let judged = self.judge(sample.at, value, with_band && warm);
        let height = range.least_score(sample.value).max(if warm { judged.score() } else { 0.0 });
        let anomalous = warm && judged.surprise() >= 1.0;
        let step = if outside || self.hold.learns_nothing() {
            if !outside {
                self.stand_in(value, anomalous);
            }
            let least = self.config.narrowing.min_duration;
            self.hold.step(&mut self.state.episodes, sample.at, height, least)
        } else {
            self.learn(sample.at, value, &judged, (height, anomalous))
        };
        let Band { lower, upper } = judged.band;
        let blank = self.blank(sample, judged.expected);
        let Step { state, alarm, .. } = step;
        let score = range.bound(Score { lower, upper, score: height, state, alarm, ..blank });
        let gate = match judged.gate() {
            _ if outside => step.gate,
            _ if !warm => Some(Gate::WarmUp),
            Some(gate) => Some(gate),
            None => step.gate,
        };
        let learning = Learning::of(outside, warm, anomalous).under(self.hold);
        let (evidence, evidences) = (judged.evidence(), judged.evidences);
        self.last = Some(Last { score, evidence, line: judged.line, evidences, outside, gate, learning });
        score
    }

    /// Over how many samples the tails fade.
    fn remembered(&self) -> f64 {
        (MEMORY_SECONDS / self.interval()).clamp(MEMORY_SAMPLES.0, MEMORY_SAMPLES.1)
    }

    /// The largest deviation that is rounding, in the memory's unit.
    fn rounding(&self) -> f64 {
        let unit = self.state.memory.unit();
        if unit > 0.0 { ROUNDING * self.state.level.value().abs() / unit } else { 0.0 }
    }

    /// Learns a finite value that has been judged; an anomaly teaches little.
    fn learn(&mut self, at: Timestamp, value: f64, judged: &Judged, (score, anomalous): (f64, bool)) -> Step {
        let elapsed = self.elapsed(at);
        let off = anomalous && judged.judgement.evidence >= judged.line.raised;
        let before = self.state.level.value();
        let new = self.state.level.note(at, off.then_some(value), elapsed, 0.0);
        let still = anomalous && judged.standing >= 1.0 && self.state.standstill.endure(elapsed);
        let accepted = new.is_some() || still;
        if new.is_some() {
            self.state.standstill.accept();
        }
        let step = self.state.episodes.step(at, score, accepted, self.config.narrowing.min_duration);
        // Standing still has a budget of its own.
        let spent = step.alarm && judged.judgement.narrowed.score >= 1.0;
        self.state.spending.note(elapsed, spent, &self.config);
        let lesson = Lesson {
            deviations: judged.judgement.deviations,
            weight: self.lesson_weight(at, step, judged, anomalous),
            memory: self.remembered(),
            rounding: self.rounding(),
        };
        let state = &mut self.state;
        state.calibration.learn(&lesson);
        state.habit.learn(at, judged.judgement.evidence);
        if let Some(NewLevel { growth, since, samples }) = new {
            state.calibration.grow(growth);
            state.memory.accept(before, state.level.value(), samples as usize);
            state.level_since = since.as_millis();
        }
        let usual = state.memory.recent().usual().filter(|_| anomalous && !accepted);
        let tamed = usual.map_or(value, |usual| state.memory.outward(usual));
        state.memory.learn(value, tamed);
        state.level.learn(value, elapsed, 0.0, anomalous && !accepted);
        state.memory.follow();
        step
    }
}

impl Detector for Auto {
    fn name(&self) -> &'static str {
        "auto"
    }

    fn observe(&mut self, sample: Sample) -> Option<Score> {
        self.take(sample, true)
    }

    fn pass(&mut self, sample: Sample) -> Option<Score> {
        self.take(sample, false)
    }

    fn hold(&mut self, hold: Hold) {
        self.hold = hold;
    }

    fn explain(&self) -> Option<Explanation> {
        Some(self.last.as_ref()?.explanation(self.state.samples, self.missing()))
    }

    fn is_warm(&self) -> bool {
        self.missing() == 0
    }

    fn occurrences(&self) -> Vec<Occurrence> {
        occurrences(&self.state.memory)
    }

    fn since(&self) -> Option<Timestamp> {
        self.state.episodes.open_since().map(Timestamp::from_millis)
    }

    fn state(&self) -> State<'_> {
        State::Auto(Cow::Borrowed(&self.state))
    }

    fn configure(&mut self, config: &Config) {
        self.config = config.clone();
    }
}
