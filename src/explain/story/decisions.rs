//! Decisions in words: the latest of each policy, what held it back, and what else would have. Pure.

use std::sync::Arc;

use serde::Serialize;

use crate::model::{Check, Decision, DecisionVerdict, Reason, Timestamp};

/// One decision in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionStory {
    /// When.
    pub at: Timestamp,
    /// The policy, where one matched.
    pub policy: Option<Arc<str>>,
    /// The target, where one could be named.
    pub target: Option<Arc<str>>,
    /// Why nothing was done; `None` if it was.
    pub reason: Option<Reason>,
    /// In words: what held it back, and what else would have.
    pub sentence: String,
    /// Every guard that was asked, with its value and what it said.
    pub checks: Vec<Check>,
}

impl DecisionStory {
    /// Of the decisions about one episode the latest of each policy.
    pub fn latest_of_each_policy(decisions: &[Decision]) -> Vec<Self> {
        latest_per_policy(decisions).into_iter().map(decision_story).collect()
    }
}

pub(super) fn latest_per_policy(decisions: &[Decision]) -> Vec<&Decision> {
    let mut latest: Vec<&Decision> = Vec::new();
    for decision in decisions {
        match latest.iter_mut().find(|known| known.policy == decision.policy) {
            Some(known) if known.at <= decision.at => *known = decision,
            Some(_) => {}
            None => latest.push(decision),
        }
    }
    latest
}

pub(super) fn decision_story(decision: &Decision) -> DecisionStory {
    let policy = decision.policy.as_deref().unwrap_or("(none)");
    let target = decision.target.as_deref().unwrap_or("(no target)");
    let (reason, sentence) = match &decision.verdict {
        DecisionVerdict::Act { .. } => (None, format!("Policy {policy} acts on {target}.")),
        DecisionVerdict::Hold { reason: Reason::NoPolicy, .. } => {
            (Some(Reason::NoPolicy), "No policy matches this alert, so nothing is done.".to_owned())
        }
        DecisionVerdict::Hold { reason: Reason::Escalation, .. } => {
            let meaning = Reason::Escalation.meaning();
            (Some(Reason::Escalation), format!("Nothing is done:{meaning}"))
        }
        DecisionVerdict::Hold { reason, detail, .. } => {
            let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
            let also = also_against(*reason, &decision.checks);
            (
                Some(*reason),
                format!("Policy {policy} does nothing to {target}:{}{detail}{also}", reason.meaning()),
            )
        }
    };
    let (policy, target) = (decision.policy.clone(), decision.target.clone());
    DecisionStory { at: decision.at, policy, target, reason, sentence, checks: decision.checks.clone() }
}

/// The guards that stand against it besides the one that held it back, so that lifting that one surprises nobody.
fn also_against(reason: Reason, checks: &[Check]) -> String {
    let others: Vec<String> = checks
        .iter()
        .filter(|check| !check.passed && check.guard != reason)
        .map(|check| format!("{} ({})", check.guard, check.value))
        .collect();
    let passed = checks.iter().filter(|check| check.passed).count();
    match (others.is_empty(), passed) {
        (true, 0) => String::new(),
        (true, passed) => format!("; guards that let it pass: {passed}"),
        (false, passed) => {
            format!("; also against it: {}; guards that let it pass: {passed}", others.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_else_stands_against_it_is_told() {
        let check = |guard, passed, value: &str| Check { guard, passed, value: value.to_owned().into() };
        let shadow = check(Reason::Shadow, false, "shadow");
        let cooldown = check(Reason::Cooldown, false, "1 of 1 in 30m");
        let starting = check(Reason::Starting, true, "up for 3h");
        for (checks, expected) in [
            (vec![], ""),
            (vec![shadow.clone()], ""),
            (vec![starting.clone(), shadow.clone()], "; guards that let it pass: 1"),
            (
                vec![starting, cooldown, shadow],
                "; also against it: cooldown (1 of 1 in 30m); guards that let it pass: 1",
            ),
        ] {
            assert_eq!(also_against(Reason::Shadow, &checks), expected);
        }
    }
}
