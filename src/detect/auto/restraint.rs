//! What `auto` does not learn: anomalies teach little, and what is held back nothing.

use super::{Auto, Judged};
use crate::detect::episodes::{SUSTAINED_AFTER, Step};
use crate::model::Timestamp;

/// Up to this score a sample teaches fully; what is nearer to the line teaches the less the nearer it is. A series that
/// creeps away stays just below the line, and would otherwise teach that to be ordinary.
const FULL_UP_TO: f64 = 0.7;
/// The share of all that the tails remember which the first hour of an episode is.
const EPISODE_SHARE: f64 = 0.001;

impl Auto {
    /// Learns nothing from a value. What comes next is compared with the past as if the usual had been in the place of an
    /// anomaly, and so it is remembered.
    pub(super) fn stand_in(&mut self, value: f64, anomalous: bool) {
        let usual = self.state.memory.recent().usual().filter(|_| anomalous);
        let tamed = usual.map_or(value, |usual| self.state.memory.outward(usual));
        self.state.memory.learn(tamed, tamed);
    }

    /// What a sample teaches, from 0 to 1.
    pub(super) fn lesson_weight(&self, at: Timestamp, step: Step, judged: &Judged, anomalous: bool) -> f32 {
        let least = self.anomalous_weight(at, step);
        if self.missing() > 0 {
            return 1.0;
        }
        if anomalous {
            return least;
        }
        let near = (judged.judgement.evidence / judged.line.raised - FULL_UP_TO) / (1.0 - FULL_UP_TO);
        1.0 - near.clamp(0.0, 1.0) as f32 * (1.0 - least)
    }

    /// What an anomalous sample teaches: in an episode's first hour as much as makes that hour a small
    /// share of all that was learnt, later nothing. So an incident of hours does not become ordinary.
    fn anomalous_weight(&self, at: Timestamp, step: Step) -> f32 {
        if self.state.level.outlasts(step, at) {
            return 0.0;
        }
        let hour = SUSTAINED_AFTER.as_secs_f64() / self.interval();
        (EPISODE_SHARE * (self.state.samples as f64).min(self.remembered()) / hour).min(1.0) as f32
    }
}
