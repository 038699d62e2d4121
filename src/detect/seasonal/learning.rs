//! What `seasonal` learns of a value that has been judged.

use super::outlook::{Judgement, ROUNDING, Range};
use super::profile::Lesson;
use super::{Moment, Seasonal};
use crate::detect::episodes::{SUSTAINED_AFTER, Step};
use crate::model::AnomalyState;

/// The tails' memory in seconds.
const MEMORY_SECONDS: f64 = 14.0 * 86_400.0;
/// The tails' memory in samples, at least and at most.
const MEMORY_SAMPLES: (f64, f64) = (2000.0, 40_000.0);
/// The most that an anomalous sample of an episode's first hour teaches the tails; that hour teaches what one
/// normal sample does, and later ones nothing.
const ANOMALOUS_MOST: f64 = 0.1;
/// What one sample may say about the profile's errors, in spreads.
const ERROR_LIMIT: f64 = 10.0;

impl Seasonal {
    /// Learns a finite value that has been judged; robustly, so that an anomaly teaches little.
    pub(super) fn learn(&mut self, moment: Moment, value: f64, range: Range, judged: &Judgement) -> Step {
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
