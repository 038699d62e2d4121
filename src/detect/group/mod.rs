//! One score for a group of series: the raw statistics of a multivariate model, calibrated by their own
//! history, with 1 as the line that the false-alarm budget sets.
//!
//! Each statistic's tail says how improbable its value is; the most improbable counts, less what
//! looking at several costs (Bonferroni). So a break that only one statistic sees is not diluted by the
//! others. A group that stays above the line for 8 h is accepted once as it now is, and learnt anew.

mod contribution;
mod judge;
mod statistic;

use serde::{Deserialize, Serialize};

pub use self::contribution::{Contribution, MOST_CONTRIBUTIONS};
pub use self::judge::{GroupConfig, GroupJudge, GroupKind, JudgeState, MOST_FEATURES, Unlike};
pub use self::statistic::{GroupModel, Statistic};

use super::Config;
use super::alarm_line::{Spending, alarm_line};
use super::compact_tail::CompactTail;
use super::episodes::{Episodes, SUSTAINED_AFTER, Step};
use super::explanation::Gate;
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
    last: Option<i64>,
    /// Rows that had statistics since the model began.
    rows: u64,
    tails: Vec<CompactTail>,
    episodes: Episodes,
    spending: Spending,
    off: Option<Off>,
}

/// A stay above the line: since when, when last, how many rows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Off {
    since: i64,
    last: i64,
    rows: u32,
}

/// A group's verdict on one row.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupScore {
    /// The row's time.
    pub at: Timestamp,
    /// At least 0 and finite; 1 is the alarm line; 0 while learning and for a row that cannot be read.
    pub score: f64,
    /// The members with the largest shares, largest first; at most [`MOST_CONTRIBUTIONS`], none while there is no score.
    pub contributions: Vec<Contribution>,
    /// The episode's state after this row.
    pub state: AnomalyState,
    /// Whether an episode begins with this row: one notification each.
    pub alarm: bool,
}

/// The stored state is not one of this model's groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state of a group with {stored} statistics, where the model has {wanted}")]
pub struct OtherModel {
    stored: usize,
    wanted: usize,
}

/// Scores the rows of one group by a model of raw statistics.
pub struct GroupDetector<M> {
    config: Config,
    /// The line that the budget sets, before what was overspent.
    line: f64,
    model: M,
    state: GroupState,
}

impl<M: GroupModel> GroupDetector<M> {
    /// A detector whose statistics have no history yet. Of the configuration, the interval, the budget and the least
    /// duration count; a group has no direction and no unit.
    pub fn new(config: &Config, model: M) -> Self {
        let state = GroupState {
            last: None,
            rows: 0,
            tails: vec![CompactTail::default(); M::STATISTICS],
            episodes: Episodes::default(),
            spending: Spending::default(),
            off: None,
        };
        Self { config: config.clone(), line: alarm_line(config), model, state }
    }

    /// Goes on where model and state were taken, to the bit if the configuration is the same.
    pub fn restore(config: &Config, model: M, state: GroupState) -> Result<Self, OtherModel> {
        let (stored, wanted) = (state.tails.len(), M::STATISTICS);
        if stored != wanted {
            return Err(OtherModel { stored, wanted });
        }
        Ok(Self { config: config.clone(), line: alarm_line(config), model, state })
    }

    /// Goes on under another configuration with what was learnt.
    pub fn configure(&mut self, config: &Config) {
        self.config = config.clone();
        self.line = alarm_line(config);
    }

    /// The model, for a snapshot.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// What is known apart from the model, for a snapshot.
    pub fn state(&self) -> &GroupState {
        &self.state
    }

    /// Whether the next row that can be read has a score.
    pub fn is_ready(&self) -> bool {
        self.state.rows >= WARM_UP_ROWS
    }

    /// When the episode under way began.
    pub fn since(&self) -> Option<Timestamp> {
        self.state.episodes.open_since().map(Timestamp::from_millis)
    }

    /// Takes over the episode, the silence and the spent budget of a group's detector before this one.
    pub fn follow(&mut self, before: &GroupState) {
        self.state.episodes = before.episodes.clone();
        self.state.spending = before.spending.clone();
        self.state.off = before.off;
    }

    /// Scores a row by the rows before it, then learns it. `None` for a row of another length, and for
    /// one that is not newer than the last one; it changes nothing.
    pub fn observe(&mut self, at: Timestamp, row: &[f64]) -> Option<GroupScore> {
        let now = at.as_millis();
        if row.len() != self.model.columns() || self.state.last.is_some_and(|last| now <= last) {
            return None;
        }
        let before = Timestamp::from_millis(self.state.last.replace(now).unwrap_or(now));
        let elapsed = at.since(before).as_secs_f64().min(LEARN_INTERVALS * interval(&self.config));
        let line = self.line + self.state.spending.correction(&self.config);
        let Some(statistics) = self.model.observe(at, row) else {
            return Some(self.blank(at));
        };
        self.state.rows += 1;
        let evidences = self.state.evidences(statistics);
        let (score, step) = self.state.judge(at, elapsed, evidences.strongest() / line, &self.config);
        self.state.calibrate(statistics, step, &self.config);
        let contributions =
            if score > 0.0 { contribution::top(statistics, &evidences.tails) } else { Vec::new() };
        if step.state == AnomalyState::NewLevel {
            self.begin_again();
        }
        Some(GroupScore { at, score, contributions, state: step.state, alarm: step.alarm })
    }

    /// A row that cannot be read: nothing is learnt.
    fn blank(&self, at: Timestamp) -> GroupScore {
        let state = self.state.episodes.state(at);
        GroupScore { at, score: 0.0, contributions: Vec::new(), state, alarm: false }
    }

    fn begin_again(&mut self) {
        self.model.relearn();
        self.state.rows = 0;
        self.state.tails = vec![CompactTail::default(); M::STATISTICS];
    }
}

/// What each statistic's tail says.
struct Evidences {
    tails: Vec<f64>,
}

impl Evidences {
    /// The strongest of them, less what it costs to look at so many; at least 0.
    fn strongest(&self) -> f64 {
        let strongest = self.tails.iter().copied().fold(0.0, f64::max);
        (strongest - (self.tails.len().max(1) as f64).log10()).max(0.0)
    }
}

impl GroupState {
    fn evidences(&self, statistics: &[Statistic]) -> Evidences {
        let one = |(tail, statistic): (&CompactTail, &Statistic)| {
            tail.evidence(&tail.fit(LEAST), statistic.value())
        };
        Evidences { tails: self.tails.iter().zip(statistics).map(one).collect() }
    }

    /// The score (0 while the statistics have no history) and what it does to the episode.
    fn judge(&mut self, at: Timestamp, elapsed: f64, height: f64, config: &Config) -> (f64, Step) {
        let score = if self.rows > WARM_UP_ROWS { height } else { 0.0 };
        let accepted = self.is_accepted(at.as_millis(), score >= 1.0);
        let step = self.episodes.step(at, score, accepted, config.narrowing.min_duration);
        self.spending.note(elapsed.min(LEARN_INTERVALS * interval(config)), step.alarm);
        (score, step)
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

#[cfg(test)]
mod tests;
