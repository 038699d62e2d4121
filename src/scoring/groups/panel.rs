//! The members that a group is judged by, and their judge.
//!
//! The members of a panel do not change: a model's rows have one length. Who they are is settled by a census
//! (`census.rs`); a group whose members have changed gets another panel.

use std::sync::Arc;

use crate::detect::{GroupConfig, GroupJudge, GroupScore, JudgeState, MOST_FEATURES, Unlike};
use crate::model::{Labels, Timestamp};

/// A series of one of the model's queries, as it counts in its group.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Which of the model's queries, from 0.
    pub query: usize,
    /// All labels but the name.
    pub labels: Labels,
    /// In how many rows of the census it had a value.
    pub seen: u32,
    /// When it last had a value.
    pub last_seen: Timestamp,
}

/// Columns and their judge.
pub struct Panel {
    /// Which member each column is, in the order of query and labels.
    pub columns: Vec<usize>,
    /// How each column is called.
    pub names: Vec<Arc<str>>,
    /// Scores the rows.
    pub judge: GroupJudge,
    /// Room for a row.
    row: Vec<f64>,
}

impl Panel {
    /// A panel that has seen nothing; `None` for too few columns or too many.
    pub fn new(
        config: &GroupConfig,
        columns: Vec<usize>,
        members: &[Member],
        queries: &[String],
    ) -> Option<Self> {
        let judge = GroupJudge::new(config, columns.len()).ok()?;
        Some(Self::of(judge, columns, members, queries))
    }

    /// Goes on where the judge was stored.
    pub fn restore(
        config: &GroupConfig,
        columns: Vec<usize>,
        judge: JudgeState<'_>,
        members: &[Member],
        queries: &[String],
    ) -> Result<Self, Unlike> {
        let judge = GroupJudge::restore(config, columns.len(), judge)?;
        Ok(Self::of(judge, columns, members, queries))
    }

    fn of(judge: GroupJudge, columns: Vec<usize>, members: &[Member], queries: &[String]) -> Self {
        let names = names(&columns, members, queries);
        Self { row: vec![f64::NAN; columns.len()], columns, names, judge }
    }

    /// Scores the row of these values, one a member; NaN where one is missing.
    pub fn observe(&mut self, at: Timestamp, values: &[f64]) -> Option<GroupScore> {
        for (value, member) in self.row.iter_mut().zip(&self.columns) {
            *value = values[*member];
        }
        self.judge.observe(at, &self.row)
    }

    /// Whether so few of its members have a value that the row cannot be judged.
    pub fn is_lost(&self, values: &[f64]) -> bool {
        let missing = self.columns.iter().filter(|member| !values[**member].is_finite()).count();
        2 * missing >= self.columns.len()
    }
}

/// The columns of a panel of these members: those allowed, in the order of query and labels. If there are too many, each
/// query has as many as the others as far as it can, the first by their labels.
pub fn choose(members: &[Member], is_allowed: impl Fn(&Member) -> bool) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..members.len()).filter(|index| is_allowed(&members[*index])).collect();
    let key = |index: &usize| (members[*index].query, &members[*index].labels);
    chosen.sort_by(|a, b| key(a).cmp(&key(b)));
    if chosen.len() > MOST_FEATURES {
        let mut ranks: Vec<usize> = Vec::with_capacity(chosen.len());
        for (place, index) in chosen.iter().enumerate() {
            let same = place > 0 && members[chosen[place - 1]].query == members[*index].query;
            ranks.push(if same { ranks[place - 1] + 1 } else { 0 });
        }
        let mut ranked: Vec<(usize, usize)> = ranks.into_iter().zip(chosen).collect();
        ranked.sort_by_key(|(rank, index)| (*rank, members[*index].query));
        chosen = ranked.into_iter().take(MOST_FEATURES).map(|(_, index)| index).collect();
        chosen.sort_by(|a, b| key(a).cmp(&key(b)));
    }
    chosen
}

/// A column's name: its query's, and where that has several columns the labels that tell them apart.
fn names(columns: &[usize], members: &[Member], queries: &[String]) -> Vec<Arc<str>> {
    let of_query = |query: usize| columns.iter().map(|&at| &members[at]).filter(move |it| it.query == query);
    let differs = |query: usize, label: &str, value: Option<&str>| {
        of_query(query).any(|other| other.labels.get(label) != value)
    };
    let name = |member: &Member| {
        let told = member.labels.iter().filter(|(label, value)| differs(member.query, label, Some(value)));
        let told: Labels = told.collect();
        let query = &queries[member.query];
        if told.is_empty() { query.as_str().into() } else { format!("{query}{told}").into() }
    };
    columns.iter().map(|&at| name(&members[at])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(query: usize, labels: &[(&str, &str)]) -> Member {
        Member { query, labels: labels.iter().copied().collect(), seen: 1, last_seen: Timestamp::default() }
    }

    #[test]
    fn a_column_is_called_by_its_query_and_what_tells_it_apart() {
        let members = [
            member(0, &[("instance", "a"), ("job", "node")]),
            member(1, &[("device", "sda"), ("instance", "a"), ("job", "node")]),
            member(1, &[("device", "sdb"), ("instance", "a"), ("job", "node")]),
            member(2, &[("instance", "a")]),
            member(2, &[("instance", "a"), ("path", "/")]),
        ];
        let columns = choose(&members, |_| true);
        let queries = ["cpu", "disk", "http"].map(str::to_owned);
        let names = names(&columns, &members, &queries);
        let expected = ["cpu", r#"disk{device="sda"}"#, r#"disk{device="sdb"}"#, "http", r#"http{path="/"}"#];
        assert_eq!(names.iter().map(|name| &**name).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn too_many_members_are_cut_fairly_and_in_one_order_however_they_came() {
        let mut members: Vec<Member> =
            (0..100).map(|disk| member(0, &[("disk", &format!("{disk:03}"))])).collect();
        members.insert(50, member(1, &[]));
        members.extend((0..3).map(|cpu| member(2, &[("cpu", &cpu.to_string())])));
        members.reverse();
        let columns = choose(&members, |_| true);
        let chosen: Vec<(usize, &Labels)> =
            columns.iter().map(|&at| (members[at].query, &members[at].labels)).collect();
        assert!(chosen.is_sorted() && chosen.len() == MOST_FEATURES);
        let of = |query: usize| chosen.iter().filter(|(other, _)| *other == query).count();
        assert_eq!([of(0), of(1), of(2)], [60, 1, 3]);
        assert_eq!(chosen[59].1.get("disk"), Some("059"), "the first by their labels");
        assert_eq!(choose(&members, |member| member.query == 1).len(), 1);
    }
}
