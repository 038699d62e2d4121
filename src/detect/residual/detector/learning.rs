//! What a finite value teaches once it has been judged.

use super::{Residual, ResidualState, WARM_UP_SAMPLES};
use crate::detect::Detector;
use crate::detect::alarm_line::Line;
use crate::detect::episodes::{SUSTAINED_AFTER, Step};
use crate::detect::level::NewLevel;
use crate::detect::residual::last::Views;
use crate::detect::residual::outlook::{Judgement, ROUNDING, Range};
use crate::detect::residual::{Forecaster, Lesson};
use crate::model::Timestamp;

/// The tails' memory in seconds.
const MEMORY_SECONDS: f64 = 14.0 * 86_400.0;
/// The tails' memory in samples, at least and at most.
const MEMORY_SAMPLES: (f64, f64) = (2000.0, 40_000.0);
/// The most that an anomalous sample of an episode's first hour teaches the tails; that hour teaches what one
/// normal sample does, and later ones nothing.
const ANOMALOUS_MOST: f64 = 0.1;
/// What one sample may say about the profile's errors, in spreads.
const ERROR_LIMIT: f64 = 10.0;

impl<F: Forecaster> Residual<F> {
    /// Learns a finite value that has been judged; robustly, so that an anomaly teaches little.
    pub(super) fn learn(
        &mut self,
        at: Timestamp,
        value: f64,
        views: Views,
        judged: (Line, &Judgement),
    ) -> Step {
        let (Views { range, plain }, (line, judged)) = (views, judged);
        let elapsed = self.elapsed(at);
        let warm = self.is_warm();
        // A query that asks for one side only does not make the other one ordinary.
        let anomalous = warm && judged.against;
        let level = self.state.level.value();
        let freed = value - (range.expected - level);
        let trust = F::trust(&self.state.forecast);
        let new = self.state.level.note(at, anomalous.then_some(freed), elapsed, trust);
        let height = if warm { judged.score } else { 0.0 };
        let least = self.config.narrowing.min_duration;
        let step = self.state.episodes.step(at, height, new.is_some(), least);
        self.state.spending.note(elapsed, step.alarm, &self.config);
        if let Some(NewLevel { growth, .. }) = new {
            self.state.above.grow(growth);
            self.state.below.grow(growth);
            F::accept(&mut self.state.forecast, self.state.level.value() - level, at);
        } else {
            let weight = if anomalous && !step.alarm { self.anomalous_weight(at, step) } else { 1.0 };
            self.calibrate(range.deviation(value), range, weight);
        }
        let lesson = Lesson {
            at,
            value,
            expected: range.expected,
            plain: plain.expected,
            distance: range.deviation(value).abs(),
            limit: ERROR_LIMIT * self.state.level.spread(),
            elapsed,
            evidence: judged.evidence,
            off: anomalous && new.is_none(),
            habitual: warm && (line.base..line.raised).contains(&judged.evidence),
        };
        self.forecaster.learn(&mut self.state.forecast, &self.config, self.state.level.value(), &lesson);
        self.state.level.learn(freed, elapsed, trust, anomalous && new.is_none());
        step
    }

    /// Lets the forecaster take account of what has been learnt.
    pub(super) fn settle(&mut self, at: Timestamp) {
        if self.state.samples < WARM_UP_SAMPLES {
            return;
        }
        let ResidualState { forecast, level, .. } = &mut self.state;
        if let Some(growth) = self.forecaster.settle(forecast, &self.config, level, at) {
            self.state.level.grow(growth);
            self.state.above.grow(growth);
            self.state.below.grow(growth);
        }
    }

    /// Both sides learn a deviation: each must know how often it was silent.
    fn calibrate(&mut self, deviation: f64, range: Range, weight: f32) {
        let memory = (MEMORY_SECONDS / self.interval()).clamp(MEMORY_SAMPLES.0, MEMORY_SAMPLES.1);
        let rounding = ROUNDING * self.state.level.value().abs().max(range.expected.abs());
        let residual = if deviation.abs() <= rounding { 0.0 } else { deviation / range.scale };
        self.state.above.learn(residual.max(0.0), weight, memory);
        self.state.below.learn((-residual).max(0.0), weight, memory);
    }

    fn anomalous_weight(&self, at: Timestamp, step: Step) -> f32 {
        if self.state.level.outlasts(step, at) {
            return 0.0;
        }
        (self.interval() / SUSTAINED_AFTER.as_secs_f64()).min(ANOMALOUS_MOST) as f32
    }
}
