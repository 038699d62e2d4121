//! One score for a group of series: the raw statistics of a multivariate model, calibrated by their own
//! history, with 1 as the line that the false-alarm budget sets.
//!
//! Each statistic's tail says how improbable its value is; the most improbable counts, less what
//! looking at several costs (Bonferroni). So a break that only one statistic sees is not diluted by the
//! others. A group that stays above the line for 8 h is accepted once as it now is, and learnt anew.

mod contribution;
mod judge;
mod state;
mod statistic;

pub use self::contribution::{Contribution, MOST_CONTRIBUTIONS};
pub use self::judge::{GroupConfig, GroupJudge, GroupKind, JudgeState, MOST_FEATURES, Unlike};
pub use self::state::GroupState;
pub(super) use self::statistic::is_torn;
pub use self::statistic::{GroupModel, Statistic};

use self::state::{Evidences, Scored};
use super::Config;
use super::alarm_line::{DAMPING, alarm_line};
use super::explanation::{Evidence, Explanation, Gate, Learning};
use super::hold::Hold;
use crate::model::{AnomalyState, Score, Timestamp};

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

impl From<&GroupScore> for Score {
    /// The value of a group is its score: as expected at 0, at the edge of its band at 1.
    fn from(&GroupScore { at, score, state, alarm, .. }: &GroupScore) -> Self {
        Self { at, value: score, expected: 0.0, lower: 0.0, upper: 1.0, score, state, alarm }
    }
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
    hold: Hold,
    explanation: Option<Explanation>,
}

impl<M: GroupModel> GroupDetector<M> {
    /// A detector whose statistics have no history yet. Of the configuration, the interval, the budget and the least
    /// duration count; a group has no direction and no unit.
    pub fn new(config: &Config, model: M) -> Self {
        Self::of(config, model, GroupState::new(M::STATISTICS))
    }

    /// Goes on where model and state were taken, to the bit if the configuration is the same.
    pub fn restore(config: &Config, model: M, state: GroupState) -> Result<Self, OtherModel> {
        let (stored, wanted) = (state.statistics(), M::STATISTICS);
        if stored != wanted {
            return Err(OtherModel { stored, wanted });
        }
        Ok(Self::of(config, model, state))
    }

    fn of(config: &Config, model: M, state: GroupState) -> Self {
        let (config, line) = (config.clone(), alarm_line(config));
        Self { config, line, model, state, hold: Hold::Nothing, explanation: None }
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
        self.state.rows_to_warm_up() == 0
    }

    /// When the episode under way began.
    pub fn since(&self) -> Option<Timestamp> {
        self.state.episodes.open_since().map(Timestamp::from_millis)
    }

    /// Sets what is held back from the next row on: nothing at first, and nothing after a restore.
    pub fn hold(&mut self, hold: Hold) {
        self.hold = hold;
    }

    /// The last score taken apart; `None` before the first row, after a restore, and once another's episode was
    /// taken over. Statistics are the evidences, in limits of their theory.
    pub fn explain(&self) -> Option<&Explanation> {
        self.explanation.as_ref()
    }

    /// Takes over the episode, the silence and the spent budget of a group's detector before this one.
    pub fn follow(&mut self, before: &GroupState) {
        self.state.follow(before);
        self.explanation = None;
    }

    /// Scores a row by the rows before it, then learns it. `None` for a row of another length, and for
    /// one that is not newer than the last one; it changes nothing.
    pub fn observe(&mut self, at: Timestamp, row: &[f64]) -> Option<GroupScore> {
        let now = at.as_millis();
        if row.len() != self.model.columns() || self.state.last.is_some_and(|last| now <= last) {
            return None;
        }
        let elapsed = now.saturating_sub(self.state.last.replace(now).unwrap_or(now));
        let line = self.line + self.state.spending.correction(DAMPING);
        let held = self.hold.learns_nothing();
        let read = if held { self.model.read(row) } else { self.model.observe(at, row) };
        let Some(statistics) = read else { return Some(self.blank(at, row, line)) };
        let evidences = self.state.evidences(statistics);
        let warm = self.state.rows_to_warm_up() == 0;
        let score = if warm { evidences.strongest() / line } else { 0.0 };
        let step = match held {
            true => self.state.pass(Scored { at, elapsed, score }, self.hold, &self.config),
            false => self.state.learn(Scored { at, elapsed, score }, statistics, &self.config),
        };
        let contributions =
            if score > 0.0 { contribution::top(statistics, &evidences.tails) } else { Vec::new() };
        let score = GroupScore { at, score, contributions, state: step.state, alarm: step.alarm };
        let told = Told { evidences: &evidences, warm, gate: step.gate, line };
        self.explanation = Some(told.explanation(&score, statistics, &self.state, self.hold));
        if step.state == AnomalyState::NewLevel {
            self.begin_again();
        }
        Some(score)
    }

    /// A row that cannot be read: nothing is learnt.
    fn blank(&mut self, at: Timestamp, row: &[f64], line: f64) -> GroupScore {
        let state = self.hold.state(&self.state.episodes, at);
        let score = GroupScore { at, score: 0.0, contributions: Vec::new(), state, alarm: false };
        let torn = is_torn(row);
        let told = Told { evidences: &Evidences { tails: Vec::new() }, warm: torn, gate: None, line };
        let blank = told.explanation(&score, &[], &self.state, self.hold);
        self.explanation = Some(match torn {
            true => Explanation { gate: Some(Gate::Finite), learning: Learning::Nothing, ..blank },
            false => blank,
        });
        score
    }

    fn begin_again(&mut self) {
        self.model.relearn();
        self.state.begin_again();
    }
}

/// What a score is explained with.
struct Told<'a> {
    evidences: &'a Evidences,
    warm: bool,
    gate: Option<Gate>,
    line: f64,
}

impl Told<'_> {
    fn explanation(
        &self,
        score: &GroupScore,
        statistics: &[Statistic],
        state: &GroupState,
        hold: Hold,
    ) -> Explanation {
        let one = |(statistic, tail): (&Statistic, &f64)| Evidence {
            name: statistic.name,
            deviation: Some(statistic.value()),
            tail: *tail,
        };
        Explanation {
            score: score.into(),
            evidence: self.evidences.strongest(),
            alarm_line: self.line,
            habit: 0.0,
            evidences: statistics.iter().zip(&self.evidences.tails).map(one).collect(),
            samples_seen: state.rows,
            samples_to_warm_up: state.rows_to_warm_up(),
            outside_data_range: false,
            gate: if self.warm { self.gate } else { Some(Gate::WarmUp) },
            learning: Learning::of(false, self.warm, score.score >= 1.0).under(hold),
        }
    }
}

#[cfg(test)]
mod tests;
