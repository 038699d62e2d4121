//! What is known of a group apart from its model: the tails of its statistics, its episode, its spent budget.

use serde::{Deserialize, Serialize};

use super::super::Config;
use super::super::alarm_line::Spending;
use super::super::compact_tail::CompactTail;
use super::super::episodes::{Episodes, SUSTAINED_AFTER, Step};
use super::super::explanation::Gate;
use super::super::hold::Hold;
use super::statistic::Statistic;
use crate::model::{AnomalyState, Timestamp};

/// Rows whose statistics are only learnt, before the first score.
const WARM_UP_ROWS: u64 = 100;
/// The tails' memory in seconds, and in rows at least and at most.
const MEMORY_SECONDS: f64 = 14.0 * 86_400.0;
const MEMORY_ROWS: (f64, f64) = (2000.0, 40_000.0);
/// The least a statistic's tail may begin at, in limits.
const LEAST: f64 = 1e-9;
/// The most that an anomalous row of an episode's first hour teaches the tails; that hour teaches what one
/// normal row does, and later ones nothing.
const ANOMALOUS_MOST: f64 = 0.1;
/// Time that is learnt from at most at once, in intervals.
const LEARN_INTERVALS: f64 = 4.0;
/// Above the line for so long (in milliseconds) and so many rows: this is how the group is now.
const ACCEPT_MILLIS: i64 = 8 * 3_600_000;
const ACCEPT_ROWS: u32 = 12;
/// Below the line for so long (in milliseconds): it is as it was.
const RETURN_MILLIS: i64 = 3_600_000;

/// What is known of a group apart from its model; 0.4 kB.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupState {
    /// Time of the last row taken, in milliseconds.
    pub(super) last: Option<i64>,
    /// Rows that had statistics since the model began.
    pub(super) rows: u64,
    tails: Vec<CompactTail>,
    pub(super) episodes: Episodes,
    pub(super) spending: Spending,
    off: Option<Off>,
}

/// A stay above the line: since when, when last, how many rows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Off {
    since: i64,
    last: i64,
    rows: u32,
}

/// A row that has a score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scored {
    pub at: Timestamp,
    /// Milliseconds since the row before.
    pub elapsed: i64,
    pub score: f64,
}

/// What each statistic's tail says.
pub(super) struct Evidences {
    pub tails: Vec<f64>,
}

impl Evidences {
    /// The strongest of them, less what it costs to look at so many; at least 0.
    pub fn strongest(&self) -> f64 {
        let strongest = self.tails.iter().copied().fold(0.0, f64::max);
        (strongest - (self.tails.len().max(1) as f64).log10()).max(0.0)
    }
}

impl GroupState {
    /// Of a group of which nothing is known, by a model of so many statistics.
    pub(super) fn new(statistics: usize) -> Self {
        Self {
            last: None,
            rows: 0,
            tails: vec![CompactTail::default(); statistics],
            episodes: Episodes::default(),
            spending: Spending::default(),
            off: None,
        }
    }

    /// By how many statistics.
    pub(super) fn statistics(&self) -> usize {
        self.tails.len()
    }

    /// Takes over the episode, the silence and the spent budget of another.
    pub(super) fn follow(&mut self, before: &Self) {
        self.episodes = before.episodes.clone();
        self.spending = before.spending.clone();
        self.off = before.off;
    }

    /// The statistics are to be learnt anew.
    pub(super) fn begin_again(&mut self) {
        self.rows = 0;
        self.tails.fill(CompactTail::default());
    }

    /// Rows that are still learnt before the first score.
    pub(super) fn rows_to_warm_up(&self) -> u64 {
        WARM_UP_ROWS.saturating_sub(self.rows)
    }

    /// What the tails say of a reading.
    pub(super) fn evidences(&self, statistics: &[Statistic]) -> Evidences {
        let one = |(tail, statistic): (&CompactTail, &Statistic)| {
            tail.evidence(&tail.fit(LEAST), statistic.value())
        };
        Evidences { tails: self.tails.iter().zip(statistics).map(one).collect() }
    }

    /// Takes a row that is learnt, and learns its statistics.
    pub(super) fn learn(&mut self, row: Scored, statistics: &[Statistic], config: &Config) -> Step {
        let Scored { at, elapsed, score } = row;
        self.rows += 1;
        let accepted = self.is_accepted(at.as_millis(), score >= 1.0);
        let step = self.episodes.step(at, score, accepted, config.narrowing.min_duration);
        let seconds = (elapsed as f64 / 1000.0).min(LEARN_INTERVALS * interval(config));
        self.spending.note(seconds, step.alarm, config);
        self.calibrate(statistics, step, config);
        step
    }

    /// Takes a row that teaches nothing: its time counts for no stay above the line either.
    pub(super) fn pass(&mut self, row: Scored, hold: Hold, config: &Config) -> Step {
        let Scored { at, elapsed, score } = row;
        if let Some(stay) = &mut self.off {
            stay.since = stay.since.saturating_add(elapsed);
            stay.last = stay.last.saturating_add(elapsed);
        }
        hold.step(&mut self.episodes, at, score, config.narrowing.min_duration)
    }

    /// Whether the group has been above the line for so long that it is the normal now.
    fn is_accepted(&mut self, now: i64, above: bool) -> bool {
        if !above {
            self.off.take_if(|stay| now.saturating_sub(stay.last) >= RETURN_MILLIS);
            return false;
        }
        let stay = self.off.get_or_insert(Off { since: now, last: now, rows: 0 });
        stay.last = now;
        stay.rows = stay.rows.saturating_add(1);
        let accepted = stay.rows >= ACCEPT_ROWS && now.saturating_sub(stay.since) >= ACCEPT_MILLIS;
        if accepted {
            self.off = None;
        }
        accepted
    }

    /// Teaches the tails. In an episode dips below the line count as part of it: what comes close to the line
    /// again and again would else be taken for usual before it is over.
    fn calibrate(&mut self, statistics: &[Statistic], step: Step, config: &Config) {
        let rows = interval(config);
        let memory = (MEMORY_SECONDS / rows).clamp(MEMORY_ROWS.0, MEMORY_ROWS.1);
        let weight = match step.state {
            // An anomaly that has not lasted long enough for an episode teaches as little as one that has.
            AnomalyState::Normal if step.gate != Some(Gate::MinDuration) => 1.0,
            AnomalyState::NewLevel => 1.0,
            _ if step.alarm => 1.0,
            AnomalyState::Sustained => 0.0,
            _ => (rows / SUSTAINED_AFTER.as_secs_f64()).min(ANOMALOUS_MOST),
        };
        for (tail, statistic) in self.tails.iter_mut().zip(statistics) {
            tail.learn(statistic.value(), weight as f32, memory);
        }
    }
}

/// Seconds between rows.
fn interval(config: &Config) -> f64 {
    config.interval.as_secs_f64().max(1e-3)
}
