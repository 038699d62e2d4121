//! The groups of one multivariate model: answers to its queries in, one score a group out. Does no I/O but
//! for the state.
//!
//! All queries are asked for the same time, and the series of that time that share the labels of `group_by`
//! make a row. Rows are made time by time, and new series are taken up in the order of their labels, so
//! that a range answered at once gives what its ticks give one by one.

mod census;
mod group;
mod held;
mod panel;
mod rows;
mod seating;
mod stored;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::detect::{self, GroupConfig, GroupScore};
use crate::metrics::scoring::HoldCause;
use crate::model::{Labels, ScoredSeries, Timestamp};
use crate::prometheus::{Answer, QueryError};
use crate::snapshots::{self, SnapshotError};

use self::group::{Group, Plan};
use self::rows::{Cursor, Owner, cursors, earliest};
use self::seating::Seat;
use self::stored::GroupsState;
use super::budget::SeriesBudget;
use super::config::GroupModel;
use super::holds::{HeldBy, Holds};
use super::inquiries::{Why, WhyError, the_one};
use super::roll::Roll;
use super::subject::{Observed, Stored, Subject};
use super::targets::Targets;

/// Everything known about one model's groups.
pub struct Groups {
    model: GroupModel,
    name: Arc<str>,
    kind: Arc<str>,
    plan: Plan,
    exprs: Vec<String>,
    query_names: Vec<Arc<str>>,
    budget: SeriesBudget,
    groups: Vec<Group>,
    places: HashMap<Labels, usize>,
    /// One for each query; a place is a seat.
    rolls: Vec<Roll>,
    seats: Vec<Seat>,
    /// How many rounds of answers were observed.
    rounds: u64,
    /// What holds learning back: of the model, then of each of its queries.
    holds: Vec<Holds>,
}

impl Groups {
    /// A model without history.
    pub fn new(model: GroupModel, budget: SeriesBudget) -> Self {
        let judge = GroupConfig {
            kind: model.kind,
            detect: model.detect.clone(),
            retrain_every: model.retrain_every,
            seed: 0,
        };
        let queries: Vec<String> = model.members.iter().map(|member| member.name.clone()).collect();
        Self {
            name: Arc::from(model.name.as_str()),
            kind: Arc::from(model.kind.name()),
            exprs: model.members.iter().map(|member| member.expr.clone()).collect(),
            query_names: queries.iter().map(|name| Arc::from(name.as_str())).collect(),
            rolls: queries.iter().map(|_| Roll::default()).collect(),
            plan: Plan { queries, judge },
            model,
            budget,
            groups: Vec::new(),
            places: HashMap::new(),
            seats: Vec::new(),
            rounds: 0,
            holds: Vec::new(),
        }
    }

    /// Puts the samples of one time into the rows of their groups and scores these.
    fn score_rows(
        &mut self,
        cursors: &mut [Cursor<'_>],
        at: Timestamp,
        observed: &mut Observed,
    ) -> Vec<usize> {
        let mut touched: Vec<usize> = Vec::new();
        for cursor in cursors {
            let Owner::Seat(seat) = cursor.owner else { continue };
            let Some(value) = cursor.take(at) else { continue };
            let Seat { group, member, .. } = self.seats[seat];
            self.groups[group].put(member, at, value);
            observed.samples += 1;
            touched.push(group);
        }
        touched.sort_unstable();
        touched.dedup();
        self.hold_rows(&touched, at);
        for group in &touched {
            let group = &mut self.groups[*group];
            let alarm = group.end_row(at, &self.plan);
            observed.scored += u64::from(group.is_scored());
            if alarm {
                observed.alarms.push((group.labels.clone(), at));
            }
        }
        touched
    }

    fn scored(&self, group: &Group, last: &GroupScore) -> ScoredSeries {
        ScoredSeries {
            query: self.name.clone(),
            model: self.kind.clone(),
            labels: group.labels.clone(),
            score: last.into(),
            absent_since: None,
            outage: false,
            with_band: false,
            since: group.since(),
            contributions: Some(group.contributions(&self.query_names)),
        }
    }
}

impl Subject for Groups {
    fn name(&self) -> &str {
        &self.model.name
    }

    fn exprs(&self) -> &[String] {
        &self.exprs
    }

    /// A preset whose metrics do not exist here is a query without series.
    fn requires(&self) -> &[String] {
        &[]
    }

    fn detect(&self) -> &detect::Config {
        &self.model.detect
    }

    fn why(&self, means: impl Fn(&Labels) -> bool) -> Result<Why, WhyError> {
        let group = the_one(&self.model.name, &self.groups, |group| &group.labels, means)?;
        let identity = (self.name.clone(), self.kind.clone(), group.labels.clone());
        let contributions = group.all_contributions(&self.query_names);
        let score = group.last.as_ref().map(Into::into);
        Ok(Why::of_group(identity, score, group.explain().cloned(), contributions))
    }

    fn observe(&mut self, answers: &[Answer]) -> Result<Observed, QueryError> {
        self.rounds += 1;
        let mut cursors = cursors(answers, &mut self.rolls)?;
        let mut observed = Observed { duplicates: self.drop_duplicates(&mut cursors), ..Observed::default() };
        let mut touched = BTreeSet::new();
        while let Some(at) = earliest(&cursors) {
            observed.refused += self.seat_newcomers(&mut cursors, at);
            touched.extend(self.score_rows(&mut cursors, at, &mut observed));
            cursors.retain(|cursor| cursor.left() > 0);
        }
        observed.refused += touched.into_iter().map(|group| self.groups[group].left_out()).sum::<u64>();
        Ok(observed)
    }

    fn held_by(&self) -> Vec<HeldBy<'_>> {
        self.holders()
    }

    fn set_holds(&mut self, holds: Vec<Holds>) {
        self.holds = holds;
    }

    fn held(&self) -> Vec<HoldCause> {
        self.groups.iter().filter_map(|group| group.held).collect()
    }

    /// The members' own queries say who is missing.
    fn absent(&self) -> usize {
        0
    }

    fn misses_any(&self) -> bool {
        false
    }

    fn note_dark(&mut self, _: Timestamp) {}

    fn judge_missing(&mut self, _: Timestamp, _: &Targets, _: Duration) -> Vec<Labels> {
        Vec::new()
    }

    fn forget(&mut self, now: Timestamp) {
        self.drop_gone(now);
    }

    fn published(&mut self, gone: Duration, now: Timestamp) -> Arc<[ScoredSeries]> {
        let mut current: Vec<&Group> =
            self.groups.iter().filter(|group| group.last_seen + gone >= now).collect();
        current.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
        current.into_iter().filter_map(|group| Some(self.scored(group, group.last.as_ref()?))).collect()
    }

    fn load(&mut self, path: &Path) -> Result<Stored, SnapshotError> {
        let state = snapshots::load::<GroupsState>(path)?;
        Ok(state.map_or(Stored::Absent, |state| Stored::Read { done: self.restore(state) }))
    }

    fn encode(&self, done: Option<Timestamp>) -> Result<Vec<u8>, postcard::Error> {
        snapshots::encode(&self.state(done))
    }

    fn len(&self) -> usize {
        self.groups.len()
    }

    fn save(&self, path: &Path, done: Option<Timestamp>) -> Result<usize, SnapshotError> {
        snapshots::save(path, &self.state(done))
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        self.budget.give_back(self.groups.len());
    }
}

#[cfg(test)]
mod tests;
