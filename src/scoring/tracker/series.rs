//! One series of a query: its detector, and whether it is there.

use crate::detect::{self, Detector, Gap, Presence};
use crate::metrics::scoring::HoldCause;
use crate::model::{AnomalyState, Labels, Sample, Score, Timestamp};
use crate::scoring::dark::Dark;
use crate::scoring::holds::{Holds, hold};

use super::absence::Standing;
use crate::scoring::subject::Observed;

/// A series and what was learnt of it.
pub(super) struct Tracked {
    pub(super) labels: Labels,
    pub(super) detector: Box<dyn Detector>,
    pub(super) last: Option<Score>,
    pub(super) last_seen: Timestamp,
    /// `None` until the first sample.
    pub(super) presence: Option<Presence>,
    pub(super) standing: Standing,
    /// What holds it back, as the detector was told.
    pub(super) held: Option<HoldCause>,
    /// The last answer that had it.
    pub(super) answer: u64,
}

/// What samples are judged under.
#[derive(Clone, Copy)]
pub(super) struct Circumstances<'a> {
    pub(super) holds: &'a Holds,
    pub(super) dark: &'a Dark,
    pub(super) config: &'a detect::Config,
    /// Whether anybody looks at the band of the last sample.
    pub(super) with_bands: bool,
}

impl Tracked {
    /// A series that has no sample yet.
    pub fn new(labels: Labels, detector: Box<dyn Detector>) -> Self {
        Self {
            labels,
            detector,
            last: None,
            last_seen: Timestamp::from_millis(i64::MIN),
            presence: None,
            standing: Standing::Present,
            held: None,
            answer: 0,
        }
    }

    /// Scores samples. Returns the weight with which the series had been counted as vanished for good.
    pub fn take(&mut self, samples: &[Sample], around: Circumstances<'_>, observed: &mut Observed) -> f64 {
        let holds = (!around.holds.is_idle()).then(|| around.holds.of(&self.labels));
        let (mut counted, mut numbers) = (0.0, 0);
        for (index, &sample) in samples.iter().enumerate() {
            self.hold(holds.as_ref().and_then(|holds| holds.cause(sample.at)));
            counted += self.see(sample.at, around);
            observed.samples += 1;
            // Nobody looks at the bands of samples that are followed by others.
            numbers +=
                u64::from(self.score(sample, around.with_bands && index + 1 == samples.len(), observed));
        }
        observed.scored += if self.detector.is_warm() { numbers } else { 0 };
        counted
    }

    /// Tells the detector what holds it back from now on.
    pub fn hold(&mut self, cause: Option<HoldCause>) {
        if self.held != cause {
            self.held = cause;
            self.detector.hold(hold(cause));
        }
    }

    /// Whether a number was scored.
    fn score(&mut self, sample: Sample, looked_at: bool, observed: &mut Observed) -> bool {
        let detector = &mut self.detector;
        let score = if looked_at { detector.observe(sample) } else { detector.pass(sample) };
        let Some(score) = score else { return false };
        self.last = Some(score);
        if score.alarm {
            observed.alarms.push((self.labels.clone(), sample.at));
        }
        if score.state == AnomalyState::NewLevel {
            observed.levels.push((self.labels.clone(), sample.at));
        }
        score.value.is_finite()
    }

    /// The series is there at `at`.
    fn see(&mut self, at: Timestamp, around: Circumstances<'_>) -> f64 {
        let interval = around.config.interval;
        let Some(presence) = &mut self.presence else {
            (self.presence, self.last_seen) = (Some(Presence::new(at)), at);
            return 0.0;
        };
        let elapsed = at.since(self.last_seen);
        let standing = std::mem::replace(&mut self.standing, Standing::Present);
        if elapsed > interval + interval / 2 && standing != Standing::Left {
            let dark = around.dark.between(self.last_seen, at, interval);
            let gap = Gap {
                last_seen: self.last_seen,
                lasted: elapsed.saturating_sub(interval).saturating_sub(dark),
                departures: 0.0,
                hold: hold(self.held),
            };
            if gap.lasted > interval / 2 {
                presence.returned(at, &gap, around.config);
            }
        }
        self.last_seen = self.last_seen.max(at);
        standing.weight()
    }
}
