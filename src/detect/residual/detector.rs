//! The detector around a forecaster: calibration, levels, episodes and the budget, for whatever is forecast.

mod learning;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::last::{Fate, Last, Views};
use super::outlook::{Judgement, Outlook, Range};
use super::{Forecaster, Lesson, Offset};
use crate::detect::alarm_line::{DAMPING, Line, Spending, alarm_line};
use crate::detect::compact_tail::CompactTail;
use crate::detect::episodes::{Episodes, Step};
use crate::detect::explanation::{Explanation, Gate, Learning};
use crate::detect::hold::Hold;
use crate::detect::level::Level;
use crate::detect::{Config, Detector, State};
use crate::model::{Sample, Score, Timestamp};

/// Finite samples that are only learnt, before the first score.
const WARM_UP_SAMPLES: u64 = 100;
/// Time that is learnt from at most at once, in intervals.
const LEARN_INTERVALS: f64 = 4.0;
/// Values beyond are taken as this, so that no difference overflows.
pub(crate) const LARGEST: f64 = 1e300;

/// What was learnt of a series: the forecaster's part, and how far off its forecasts are. Nothing outside of the
/// forecaster's part depends on the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResidualState<L> {
    /// Time of the last sample taken, finite or not, in milliseconds.
    last: Option<i64>,
    /// Time of the last finite sample, in milliseconds.
    learned: Option<i64>,
    samples: u64,
    level: Level,
    forecast: L,
    above: CompactTail,
    below: CompactTail,
    episodes: Episodes,
    spending: Spending,
}

/// The detector: configuration, state, and the last score taken apart.
pub struct Residual<F: Forecaster> {
    config: Config,
    forecaster: F,
    /// The line that the budget sets, before what was overspent.
    line: f64,
    state: ResidualState<F::Learnt>,
    hold: Hold,
    last: Option<Last>,
}

impl<F: Forecaster> Residual<F> {
    /// A detector that has seen nothing.
    pub fn new(config: &Config) -> Self {
        let state = ResidualState {
            last: None,
            learned: None,
            samples: 0,
            level: Level::default(),
            forecast: F::nothing(config),
            above: CompactTail::default(),
            below: CompactTail::default(),
            episodes: Episodes::default(),
            spending: Spending::default(),
        };
        Self::restore(config, state)
    }

    /// A detector that goes on from a state, under any configuration.
    pub fn restore(config: &Config, mut state: ResidualState<F::Learnt>) -> Self {
        let forecaster = F::take_up(&mut state.forecast, config);
        let (config, line) = (config.clone(), alarm_line(config));
        Self { config, forecaster, line, state, hold: Hold::Nothing, last: None }
    }

    /// How many samples are missing before a score, the one at hand being scored.
    fn missing(&self) -> u64 {
        (WARM_UP_SAMPLES + 1).saturating_sub(self.state.samples)
    }

    /// The line: by the budget and what was overspent, raised to what is a habit at this time.
    fn alarm_line(&self, at: Timestamp) -> Line {
        let base = self.line + self.state.spending.correction(DAMPING);
        Line { base, raised: base.max(F::habit(&self.state.forecast, at)) }
    }

    fn interval(&self) -> f64 {
        self.config.interval.as_secs_f64().max(1e-3)
    }

    /// Seconds since the last finite sample, as far as they are learnt from.
    fn elapsed(&self, at: Timestamp) -> f64 {
        let before = Timestamp::from_millis(self.state.learned.unwrap_or(at.as_millis()));
        at.since(before).as_secs_f64().min(LEARN_INTERVALS * self.interval())
    }

    fn views(&mut self, at: Timestamp) -> Views {
        let level = self.state.level.value();
        let Offset { low, middle, high, plain, scale } =
            self.forecaster.offset(&self.state.forecast, &self.config, at);
        let plain = level + plain;
        Views {
            range: Range { low: level + low, expected: level + middle, high: level + high, scale },
            plain: Range { low: plain, expected: plain, high: plain, scale: 1.0 },
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
            state: self.hold.state(&self.state.episodes, sample.at),
            alarm: false,
        })
    }

    /// A value that is no number: nothing is learnt, the band is as it would have been.
    fn skip(&mut self, sample: Sample) -> Score {
        let views = self.views(sample.at);
        let mut score = self.blank(sample, views.range.expected);
        let line = self.alarm_line(sample.at);
        if self.is_warm() {
            let outlook = self.outlook(views.range, line.raised);
            let Judgement { lower, upper, .. } = outlook.judge(views.range.expected, &self.config);
            score = self.config.narrowing.data_range.bound(Score { lower, upper, ..score });
        }
        let fate = Fate { outside: false, gate: Some(Gate::Finite), learning: Learning::Nothing };
        self.last = Some(Last::unjudged(score, line, views, fate));
        score
    }

    /// The first finite sample: it is what is expected.
    fn first(&mut self, sample: Sample, value: f64) -> Score {
        if !self.hold.learns_nothing() {
            self.state.level.learn(value, 0.0, 0.0, false);
            let lesson = Lesson { at: sample.at, value, expected: value, plain: value, ..Lesson::default() };
            self.forecaster.learn(&mut self.state.forecast, &self.config, value, &lesson);
        }
        let score = self.blank(sample, value);
        let views = self.views(sample.at);
        let line = self.alarm_line(sample.at);
        let fate = Fate { outside: false, gate: Some(Gate::WarmUp), learning: Learning::WarmingUp };
        self.last = Some(Last::unjudged(score, line, views, fate));
        score
    }

    fn score(&mut self, sample: Sample, value: f64) -> Score {
        let views = self.views(sample.at);
        let line = self.alarm_line(sample.at);
        let outlook = self.outlook(views.range, line.raised);
        let judged = outlook.judge(value, &self.config);
        let without = outlook.evidence(views.plain.deviation(value), views.plain.scale);
        let warm = self.is_warm();
        let limits = self.config.narrowing.data_range;
        let outside = limits.excludes(sample.value);
        let height = limits.least_score(sample.value).max(if warm { judged.score } else { 0.0 });
        let step = if outside || self.hold.learns_nothing() {
            let least = self.config.narrowing.min_duration;
            self.hold.step(&mut self.state.episodes, sample.at, height, least)
        } else {
            self.learn(sample.at, value, views, (line, &judged))
        };
        let blank = self.blank(sample, views.range.expected);
        let (lower, upper) = if warm { (judged.lower, judged.upper) } else { (blank.lower, blank.upper) };
        let Step { state, alarm, .. } = step;
        let score = limits.bound(Score { lower, upper, score: height, state, alarm, ..blank });
        let gate = match judged.gate {
            _ if outside => step.gate,
            _ if !warm => Some(Gate::WarmUp),
            gate => gate.or(step.gate),
        };
        let learning = Learning::of(outside, warm, judged.against).under(self.hold);
        let fate = Fate { outside, gate, learning };
        let last = Last::unjudged(score, line, views, fate);
        self.last = Some(last.judged([judged.evidence, without]));
        score
    }
}

impl<F: Forecaster> Detector for Residual<F> {
    fn name(&self) -> &'static str {
        F::NAME
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
        let learns = !self.hold.learns_nothing();
        self.state.samples += u64::from(learns);
        let score = match self.state.learned {
            None => self.first(sample, value),
            Some(_) => self.score(sample, value),
        };
        if learns {
            self.state.learned = Some(at);
            self.settle(sample.at);
        }
        Some(score)
    }

    fn hold(&mut self, hold: Hold) {
        self.hold = hold;
    }

    fn explain(&self) -> Option<Explanation> {
        Some(self.last.as_ref()?.explanation::<F>(self.state.samples, self.missing()))
    }

    fn is_warm(&self) -> bool {
        self.missing() == 0
    }

    fn since(&self) -> Option<Timestamp> {
        self.state.episodes.open_since().map(Timestamp::from_millis)
    }

    fn state(&self) -> State<'_> {
        F::state(Cow::Borrowed(&self.state))
    }

    fn configure(&mut self, config: &Config) {
        self.config = config.clone();
        self.line = alarm_line(config);
        self.forecaster = F::take_up(&mut self.state.forecast, config);
    }
}
