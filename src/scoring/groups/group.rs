//! One group: its members, the panel that scores it, and the next one that is still learning.
//!
//! A group is scored by the members it had when they were last counted (`census.rs`). One that has come since is not yet
//! looked at; one that has gone is a missing value. Where a count finds other members for good, they get
//! a panel of their own, which learns beside the old one and takes its place, and its episode, once it can score.

use std::sync::Arc;
use std::time::Duration;

use crate::detect::{Explanation, GroupConfig, GroupScore, MOST_FEATURES};
use crate::metrics::scoring::HoldCause;
use crate::model::{Contribution, Labels, Timestamp};
use crate::scoring::holds::hold;

use super::census::{Census, Step};
use super::panel::{Member, Panel, choose};
use super::seating::numbered;

/// Members kept at most: those of a panel, and as many again three times that may become some.
const MOST_MEMBERS: usize = 4 * MOST_FEATURES;
/// Contributions are told from this score on.
const WORTH_TELLING: f64 = 0.5;

/// What all groups of a model share.
pub struct Plan {
    /// The names of the queries.
    pub queries: Vec<String>,
    /// The model; each group has its own seed.
    pub judge: GroupConfig,
}

/// One group's members, model and last score.
pub struct Group {
    /// The labels it is grouped by.
    pub labels: Labels,
    /// In the order they came.
    pub members: Vec<Member>,
    /// One a member: the row at hand, NaN where there is no value.
    values: Vec<f64>,
    pub(super) census: Census,
    /// The rows before the first panel, which it is taught: at most those of a short count.
    pub(super) early: Vec<(Timestamp, Vec<f64>)>,
    pub(super) panel: Option<Panel>,
    pub(super) next: Option<Panel>,
    /// The last score.
    pub last: Option<GroupScore>,
    /// When any member last had a value.
    pub last_seen: Timestamp,
    /// Members that the last count left out for want of room.
    pub(super) excess: usize,
    /// What held back the last row.
    pub held: Option<HoldCause>,
}

impl Group {
    /// A group without members.
    pub fn new(labels: Labels) -> Self {
        Self {
            labels,
            members: Vec::new(),
            values: Vec::new(),
            census: Census::first(),
            early: Vec::new(),
            panel: None,
            next: None,
            last: None,
            last_seen: Timestamp::from_millis(i64::MIN),
            excess: 0,
            held: None,
        }
    }

    /// The place of a new member; `None` where there is no room for it.
    pub fn add(&mut self, query: usize, labels: Labels) -> Option<usize> {
        if self.members.len() >= MOST_MEMBERS {
            return None;
        }
        let last_seen = Timestamp::from_millis(i64::MIN);
        self.members.push(Member { query, labels, seen: 0, last_seen });
        self.values.push(f64::NAN);
        Some(self.members.len() - 1)
    }

    /// Members that are not looked at because there are too many.
    pub fn left_out(&self) -> u64 {
        self.excess as u64
    }

    /// Puts a member's value into the row at hand.
    pub fn put(&mut self, member: usize, at: Timestamp, value: f64) {
        self.members[member].last_seen = at;
        if value.is_finite() {
            self.values[member] = value;
        }
    }

    /// Scores the row at hand, then learns it unless it is held back. Whether an episode begins with it.
    pub fn end_row(&mut self, at: Timestamp, plan: &Plan) -> bool {
        self.last_seen = at;
        let hold = hold(self.held);
        let judged = self.panel.as_mut().and_then(|panel| {
            panel.judge.hold(hold);
            panel.observe(at, &self.values)
        });
        let alarm = judged.as_ref().is_some_and(|score| score.alarm);
        self.last = judged.or(self.last.take());
        if !hold.learns_nothing() {
            self.learn(at, plan);
        }
        self.values.fill(f64::NAN);
        alarm
    }

    /// Learns from the row at hand who belongs to the group, and teaches it to the panel that is to come.
    fn learn(&mut self, at: Timestamp, plan: &Plan) {
        if let Some(next) = &mut self.next {
            next.observe(at, &self.values);
        }
        if self.panel.is_none() {
            self.early.push((at, self.values.clone()));
        }
        self.count(at, plan);
        self.change_over();
    }

    /// Counts who is in the row at hand.
    fn count(&mut self, at: Timestamp, plan: &Plan) {
        for (member, value) in self.members.iter_mut().zip(&self.values) {
            member.seen += u32::from(value.is_finite());
        }
        let is_lost = self.panel.as_ref().is_some_and(|panel| panel.is_lost(&self.values));
        match self.census.row(at, is_lost, plan.judge.retrain_every) {
            Step::Counting => {}
            Step::Restart => self.members.iter_mut().for_each(|member| member.seen = 0),
            Step::Complete => self.settle(plan),
        }
    }

    /// Puts the next panel in the place of the one that scores, once it can.
    fn change_over(&mut self) {
        let Some(mut next) = self.next.take_if(|next| next.judge.is_ready()) else { return };
        if let Some(before) = &self.panel {
            next.judge.follow(&before.judge);
        }
        // Its features are those of the panel that goes.
        self.last.iter_mut().for_each(|last| last.contributions.clear());
        self.panel = Some(next);
    }

    /// Ends a count: those who belong to the group get a panel, if they have none yet.
    fn settle(&mut self, plan: &Plan) {
        let census = self.census;
        let columns = choose(&self.members, |member| census.admits(member.seen));
        let admitted = self.members.iter().filter(|member| census.admits(member.seen)).count();
        self.excess = admitted - columns.len();
        let has = |panel: &Option<Panel>| panel.as_ref().is_some_and(|panel| panel.columns == columns);
        if has(&self.panel) {
            self.next = None;
        } else if !has(&self.next) {
            self.begin(columns, plan);
        }
        self.early.clear();
        self.members.iter_mut().for_each(|member| member.seen = 0);
        self.census = census.next(self.panel.is_some());
    }

    fn begin(&mut self, columns: Vec<usize>, plan: &Plan) {
        let config = self.config(plan);
        let Some(mut panel) = Panel::new(&config, columns, &self.members, &plan.queries) else { return };
        if self.panel.is_some() {
            self.next = Some(panel);
            return;
        }
        for (at, mut values) in self.early.drain(..) {
            values.resize(self.members.len(), f64::NAN);
            self.last = panel.observe(at, &values).or(self.last.take());
        }
        self.panel = Some(panel);
    }

    /// The model's settings for this group.
    pub(super) fn config(&self, plan: &Plan) -> GroupConfig {
        GroupConfig { seed: self.labels.fingerprint().0, ..plan.judge.clone() }
    }

    /// Drops members that have not been seen for `after` and are in no panel. Gives each member that stays its
    /// new place; `None` if all stay.
    pub fn forget(&mut self, after: Duration, now: Timestamp) -> Option<Vec<Option<usize>>> {
        let stays =
            |(index, member): (usize, &Member)| member.last_seen + after >= now || self.is_in_panel(index);
        let kept: Vec<bool> = self.members.iter().enumerate().map(stays).collect();
        if kept.iter().all(|stays| *stays) {
            return None;
        }
        let places = numbered(kept.iter().copied());
        for panel in self.panel.iter_mut().chain(&mut self.next) {
            panel.columns.iter_mut().for_each(|column| *column = places[*column].expect("columns stay"));
        }
        retain(&mut self.members, &kept);
        retain(&mut self.values, &kept);
        self.early.iter_mut().for_each(|(_, values)| {
            values.resize(kept.len(), f64::NAN);
            retain(values, &kept);
        });
        Some(places)
    }

    fn is_in_panel(&self, member: usize) -> bool {
        self.panel.iter().chain(&self.next).any(|panel| panel.columns.contains(&member))
    }

    /// The members that the row of this time is made of, and those that are missing from it.
    pub fn members_at(&self, at: Timestamp) -> impl Iterator<Item = &Member> {
        let counts =
            move |(index, member): (usize, &Member)| member.last_seen == at || self.is_in_panel(index);
        self.members.iter().enumerate().filter(move |one| counts(*one)).map(|(_, member)| member)
    }

    /// Whether its rows are scored, and not only learnt.
    pub fn is_scored(&self) -> bool {
        self.panel.as_ref().is_some_and(|panel| panel.judge.is_ready())
    }

    /// The last score taken apart; see [`crate::detect::GroupDetector::explain`].
    pub fn explain(&self) -> Option<&Explanation> {
        self.panel.as_ref()?.judge.explain()
    }

    /// When the episode under way began.
    pub fn since(&self) -> Option<Timestamp> {
        self.panel.as_ref()?.judge.since()
    }

    /// The members that the last score is made of, while it is worth telling.
    pub fn contributions(&self, names: &[Arc<str>]) -> Arc<[Contribution]> {
        let worth = self.last.as_ref().is_some_and(|last| last.score >= WORTH_TELLING);
        if worth { self.all_contributions(names) } else { Arc::default() }
    }

    /// The members that the last score is made of.
    pub fn all_contributions(&self, names: &[Arc<str>]) -> Arc<[Contribution]> {
        let (Some(panel), Some(last)) = (&self.panel, &self.last) else { return Arc::default() };
        let told = |part: &crate::detect::Contribution| {
            let member = &self.members[panel.columns[part.feature]];
            Contribution {
                feature: panel.names[part.feature].clone(),
                query: names[member.query].clone(),
                labels: member.labels.clone(),
                share: part.share,
            }
        };
        last.contributions.iter().map(told).collect()
    }
}

fn retain<T>(values: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    values.retain(|_| kept.next().copied().unwrap_or(false));
}
