//! How long something lasted before, and how often it may be expected to last longer.
//!
//! Each duration that was seen predicts others: as many of its length, and fewer of longer ones, by the square of the
//! length. They are kept by octaves and fade.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// How long a duration is remembered.
pub const DURATIONS_MEMORY: Duration = Duration::from_secs(14 * 86_400);
/// What a surprising duration teaches, as a share of an expected one: one incident does not hide the next.
pub(super) const SURPRISE_SHARE: f32 = 0.25;
/// The lengths that are told apart: all below the shortest that matters, and its octaves, the last for all beyond.
const OCTAVES: usize = 15;

/// The durations that were seen; 72 bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Durations {
    /// When they were last brought up to date, in milliseconds.
    updated: i64,
    /// All of them together, in seconds.
    total: f32,
    counts: [f32; OCTAVES],
}

impl Durations {
    /// None, at a time.
    pub fn new(at: Timestamp) -> Self {
        Self { updated: at.as_millis(), total: 0.0, counts: [0.0; OCTAVES] }
    }

    /// Learns that it lasted so many seconds, with a weight of 1 unless it was a surprise; `shortest` is the length that
    /// matters: what is shorter counts as this.
    pub fn learn(&mut self, at: Timestamp, lasted: f64, shortest: f64, weight: f32) {
        let kept = self.kept(at) as f32;
        self.counts.iter_mut().for_each(|count| *count *= kept);
        self.counts[octave(lasted / shortest)] += weight;
        self.total = self.total * kept + lasted as f32;
        self.updated = self.updated.max(at.as_millis());
    }

    /// All of them together, in seconds, as far as they are remembered at a time.
    pub fn total(&self, at: Timestamp) -> f64 {
        f64::from(self.total) * self.kept(at)
    }

    /// How many durations of at least so many seconds those seen predict for as long a time as they were seen in.
    pub fn expected(&self, at: Timestamp, lasted: f64, shortest: f64) -> f64 {
        let longest = |octave: usize| shortest * (1u64 << octave) as f64;
        let each = self.counts.iter().enumerate();
        let sum: f64 =
            each.map(|(octave, count)| f64::from(*count) * likelihood(longest(octave), lasted)).sum();
        sum * self.kept(at)
    }

    /// What is left of them at a time.
    fn kept(&self, at: Timestamp) -> f64 {
        let elapsed = at.since(Timestamp::from_millis(self.updated));
        (-elapsed.as_secs_f64() / DURATIONS_MEMORY.as_secs_f64()).exp()
    }
}

/// How many seconds of a time are remembered.
pub(super) fn watched(time: Duration) -> f64 {
    let memory = DURATIONS_MEMORY.as_secs_f64();
    memory * -(-time.as_secs_f64() / memory).exp_m1()
}

/// The share of durations that last at least so long, told by one of a known length.
pub(super) fn likelihood(known: f64, lasted: f64) -> f64 {
    (known / lasted.max(known)).powi(2)
}

/// The octave of a length of so many shortest ones.
fn octave(length: f64) -> usize {
    if length < 1.0 { 0 } else { (1 + length.log2() as usize).min(OCTAVES - 1) }
}
