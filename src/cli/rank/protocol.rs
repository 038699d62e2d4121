//! The benchmark's protocol: how often the cause is among the first, and how often nothing is said where nothing is
//! wrong.

use serde::Serialize;

use super::flags::{Method, Rank};
use super::recording::Recording;
use super::scenario::{Complaint, Issue, Scenario, Split, Target};
use super::{question, traversal};

/// How many suspects an issue shows.
const SHOWN: usize = 3;
/// Rows that a cut must leave.
const MIN_CUT: usize = 3;

/// The answer on one issue.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The scenario.
    pub scenario: String,
    /// The issue.
    pub issue: String,
    /// Its part of the benchmark.
    pub split: Split,
    /// What was complained about.
    pub target: Complaint,
    /// The node at fault.
    pub cause: String,
    /// The chance that it comes first if ties are broken at random.
    pub top_1: f64,
    /// The chance that it is among the first three.
    pub top_3: f64,
    /// How many suspects there are.
    pub suspects: usize,
    /// The first of them with their scores; JSON has no infinity, it is null there.
    pub first: Vec<(String, f64)>,
}

/// What was said of one cut of the normal time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cut {
    /// The scenario.
    pub scenario: String,
    /// What was asked about.
    pub target: Complaint,
    /// The row, from 0, from which on time was taken for abnormal.
    pub row: usize,
    /// Whether nobody was suspected.
    pub empty: bool,
}

/// Everything that was asked of a scenario.
pub fn answers(scenario: &Scenario, flags: &Rank) -> anyhow::Result<(Vec<Answer>, Vec<Cut>)> {
    let issues = scenario.issues.iter().map(|issue| answer(scenario, issue, flags));
    let issues = issues.collect::<anyhow::Result<Vec<_>>>()?;
    let mut targets: Vec<&Target> = scenario.issues.iter().map(|issue| &issue.target).collect();
    targets.sort();
    targets.dedup();
    let mut cuts = Vec::new();
    for target in targets {
        for row in cut_rows(scenario.normal.times.len()) {
            let (before, after) = scenario.normal.split(row);
            let empty = ranked(scenario, target, &before, &after, flags)?.is_empty();
            cuts.push(Cut { scenario: scenario.name.clone(), target: target.metric, row, empty });
        }
    }
    Ok((issues, cuts))
}

/// From the middle on, a tenth apart.
fn cut_rows(rows: usize) -> impl Iterator<Item = usize> {
    (rows / 2..rows.saturating_sub(MIN_CUT)).step_by((rows / 10).max(1))
}

fn answer(scenario: &Scenario, issue: &Issue, flags: &Rank) -> anyhow::Result<Answer> {
    let mut suspects = ranked(scenario, &issue.target, &scenario.normal, &issue.abnormal, flags)?;
    suspects.sort_by(|one, other| other.1.total_cmp(&one.1));
    Ok(Answer {
        scenario: scenario.name.clone(),
        issue: issue.name.clone(),
        split: issue.split,
        target: issue.target.metric,
        cause: issue.cause.clone(),
        top_1: hit(&suspects, &issue.cause, 1),
        top_3: hit(&suspects, &issue.cause, 3),
        suspects: suspects.len(),
        first: suspects.into_iter().take(SHOWN).collect(),
    })
}

fn ranked(
    scenario: &Scenario,
    target: &Target,
    normal: &Recording,
    abnormal: &Recording,
    flags: &Rank,
) -> anyhow::Result<Vec<(String, f64)>> {
    match flags.method {
        Method::Excess => Ok(question::suspects(&scenario.graph, target, normal, abnormal, &flags.without)?),
        Method::Traversal => Ok(traversal::suspects(&scenario.graph, target, normal, abnormal)),
    }
}

/// The chance that a node is among the first so many if equal scores are put in random order.
fn hit(suspects: &[(String, f64)], node: &str, first: usize) -> f64 {
    let Some((_, own)) = suspects.iter().find(|(name, _)| name == node) else { return 0.0 };
    let better = suspects.iter().filter(|(_, score)| score > own).count() as f64;
    let tied = suspects.iter().filter(|(_, score)| score == own).count() as f64;
    ((first as f64 - better) / tied).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_places_they_take() {
        let suspects: Vec<(String, f64)> =
            [("a", f64::INFINITY), ("b", 2.0), ("c", 2.0), ("d", 2.0), ("e", 1.0)]
                .map(|(name, score)| (name.to_owned(), score))
                .to_vec();
        for (node, first, expected) in [
            ("a", 1, 1.0),
            ("b", 1, 0.0),
            ("b", 3, 2.0 / 3.0),
            ("d", 2, 1.0 / 3.0),
            ("e", 3, 0.0),
            ("e", 5, 1.0),
            ("f", 5, 0.0),
        ] {
            assert_eq!(hit(&suspects, node, first), expected, "{node} {first}");
        }
    }

    #[test]
    fn normal_time_is_cut_in_its_second_half() {
        assert_eq!(cut_rows(589).collect::<Vec<_>>(), [294, 352, 410, 468, 526, 584]);
        assert_eq!(cut_rows(4).collect::<Vec<_>>(), Vec::<usize>::new());
    }
}
