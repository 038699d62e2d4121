//! The groups of a model as they are stored, and what is taken up of them.

use serde::{Deserialize, Serialize};

use crate::detect::{Contribution, GroupScore, JudgeState, Unlike};
use crate::model::{AnomalyState, Labels, Timestamp};

use super::Groups;
use super::census::Census;
use super::group::Group;
use super::panel::{Member, Panel};

/// What is stored of a model's groups.
#[derive(Serialize, Deserialize)]
pub struct GroupsState<'a> {
    /// What was configured: of anything else nothing is taken up.
    learnt_of: LearntOf,
    /// The last tick that was scored.
    done: Option<i64>,
    groups: Vec<StoredGroup<'a>>,
}

/// The part of the configuration that what was learnt rests on.
#[derive(PartialEq, Serialize, Deserialize)]
struct LearntOf {
    kind: String,
    /// Names and expressions.
    queries: Vec<(String, String)>,
    group_by: Vec<String>,
    interval_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredGroup<'a> {
    labels: Vec<(String, String)>,
    members: Vec<StoredMember>,
    census: Census,
    early: Vec<(i64, Vec<f64>)>,
    panel: Option<StoredPanel<'a>>,
    next: Option<StoredPanel<'a>>,
    last: Option<StoredScore>,
    last_seen: i64,
    excess: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredMember {
    query: u32,
    labels: Vec<(String, String)>,
    seen: u32,
    last_seen: i64,
}

#[derive(Serialize, Deserialize)]
struct StoredPanel<'a> {
    columns: Vec<u32>,
    judge: JudgeState<'a>,
}

#[derive(Serialize, Deserialize)]
struct StoredScore {
    at: i64,
    score: f64,
    contributions: Vec<(u32, f64)>,
    state: AnomalyState,
    alarm: bool,
}

/// Why a stored group is not one of this model's.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("a group refers to members or queries that it does not have")]
    Torn,
    #[error(transparent)]
    Unlike(#[from] Unlike),
}

impl Groups {
    fn learnt_of(&self) -> LearntOf {
        let model = &self.model;
        LearntOf {
            kind: model.kind.name().to_owned(),
            queries: model.members.iter().map(|it| (it.name.clone(), it.expr.clone())).collect(),
            group_by: model.group_by.clone(),
            interval_ms: u64::try_from(model.detect.interval.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// What is to be stored; the order is that of the labels, so equal states are equal bytes.
    pub(super) fn state(&self, done: Option<Timestamp>) -> GroupsState<'_> {
        let mut groups: Vec<StoredGroup<'_>> = self.groups.iter().map(stored).collect();
        groups.sort_by(|a, b| a.labels.cmp(&b.labels));
        GroupsState { learnt_of: self.learnt_of(), done: done.map(Timestamp::as_millis), groups }
    }

    /// Takes up a stored state, as far as the budget allows. Returns the last tick that was scored; `None`
    /// where the history is to be read.
    pub(super) fn restore(&mut self, state: GroupsState<'_>) -> Option<Timestamp> {
        let model = &self.model.name;
        if state.learnt_of != self.learnt_of() {
            tracing::info!(%model, "the model's type, queries, groups or interval have changed, learning anew");
            return None;
        }
        let groups: Result<Vec<Group>, Refusal> =
            state.groups.into_iter().map(|stored| self.taken_up(stored)).collect();
        match groups {
            Ok(groups) => groups.into_iter().for_each(|group| self.take_up(group)),
            Err(error) => {
                tracing::warn!(%model, %error, "the stored state is not of this model, learning anew");
                return None;
            }
        }
        state.done.map(Timestamp::from_millis)
    }

    /// Gives a group that is read its places, if the budget has one for it.
    fn take_up(&mut self, group: Group) {
        if !self.budget.take() {
            return;
        }
        let members: Vec<(usize, Labels)> =
            group.members.iter().map(|member| (member.query, member.labels.clone())).collect();
        let place = self.add_group(group);
        for (member, (query, labels)) in members.into_iter().enumerate() {
            self.add_seat(place, member, query, labels);
        }
    }

    fn taken_up(&self, stored: StoredGroup<'_>) -> Result<Group, Refusal> {
        let mut group = Group::new(stored.labels.into_iter().collect());
        for member in stored.members {
            let query = usize::try_from(member.query).ok().filter(|query| *query < self.plan.queries.len());
            let labels = member.labels.into_iter().collect();
            let place = group.add(query.ok_or(Refusal::Torn)?, labels).ok_or(Refusal::Torn)?;
            group.members[place].seen = member.seen;
            group.members[place].last_seen = Timestamp::from_millis(member.last_seen);
        }
        group.panel = stored.panel.map(|panel| self.panel(&group, panel)).transpose()?;
        group.next = stored.next.map(|panel| self.panel(&group, panel)).transpose()?;
        group.census = stored.census;
        group.early =
            stored.early.into_iter().map(|(at, values)| (Timestamp::from_millis(at), values)).collect();
        let columns = group.panel.as_ref().map_or(0, |panel| panel.columns.len());
        group.last = stored.last.map(|last| score(last, columns).ok_or(Refusal::Torn)).transpose()?;
        group.last_seen = Timestamp::from_millis(stored.last_seen);
        group.excess = usize::try_from(stored.excess).unwrap_or(usize::MAX);
        Ok(group)
    }

    fn panel(&self, group: &Group, stored: StoredPanel<'_>) -> Result<Panel, Refusal> {
        let columns: Vec<usize> = stored.columns.into_iter().map(|column| column as usize).collect();
        if columns.iter().any(|column| *column >= group.members.len()) {
            return Err(Refusal::Torn);
        }
        let config = group.config(&self.plan);
        Ok(Panel::restore(&config, columns, stored.judge, &group.members, &self.plan.queries)?)
    }
}

fn stored(group: &Group) -> StoredGroup<'_> {
    StoredGroup {
        labels: pairs(&group.labels),
        members: group.members.iter().map(stored_member).collect(),
        census: group.census,
        early: group.early.iter().map(|(at, values)| (at.as_millis(), values.clone())).collect(),
        panel: group.panel.as_ref().map(stored_panel),
        next: group.next.as_ref().map(stored_panel),
        last: group.last.as_ref().map(stored_score),
        last_seen: group.last_seen.as_millis(),
        excess: group.excess as u64,
    }
}

fn stored_member(member: &Member) -> StoredMember {
    StoredMember {
        query: member.query as u32,
        labels: pairs(&member.labels),
        seen: member.seen,
        last_seen: member.last_seen.as_millis(),
    }
}

fn stored_panel(panel: &Panel) -> StoredPanel<'_> {
    let columns = panel.columns.iter().map(|column| *column as u32).collect();
    StoredPanel { columns, judge: panel.judge.state() }
}

fn stored_score(last: &GroupScore) -> StoredScore {
    let contributions = last.contributions.iter().map(|part| (part.feature as u32, part.share)).collect();
    let GroupScore { at, score, state, alarm, .. } = *last;
    StoredScore { at: at.as_millis(), score, contributions, state, alarm }
}

/// `None` if it names a column that there is not.
fn score(stored: StoredScore, columns: usize) -> Option<GroupScore> {
    let part = |(feature, share): (u32, f64)| {
        let feature = usize::try_from(feature).ok().filter(|feature| *feature < columns)?;
        Some(Contribution { feature, share })
    };
    let contributions = stored.contributions.into_iter().map(part).collect::<Option<_>>()?;
    let StoredScore { at, score, state, alarm, .. } = stored;
    Some(GroupScore { at: Timestamp::from_millis(at), score, contributions, state, alarm })
}

fn pairs(labels: &Labels) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
