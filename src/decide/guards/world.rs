//! Guards that know what was read from outside just before acting. Whatever could not be read holds.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{CheckValue, Observation, Reason, format_duration};

use super::super::config::{ConfirmWith, Policy};
use super::super::world::{Confirmation, Presence, RuleHealth};
use super::{AllSaid, Said};

/// A rule that was last evaluated so many of its intervals ago says nothing of now.
const STALE_INTERVALS: u32 = 4;

/// Of the samples that there should be, so many must be there.
const LEAST_SCRAPED: f64 = 0.6;

/// Everybody who must confirm says that the alert fires, what it rests on can be trusted, and all
/// conditions hold.
pub fn ask(policy: &Policy, max_down: f64, world: &Confirmation) -> AllSaid {
    let mut said: AllSaid = policy.confirm_with.iter().map(|witness| confirmed(*witness, world)).collect();
    if policy.confirm_with.is_empty() {
        said.push(Said::hold(Reason::PrometheusUnreachable, "nobody is named to confirm the alert"));
    }
    said.extend(world.rule.as_ref().map(rule));
    said.extend(world.down.as_ref().map(|down| targets_down(down, max_down)));
    said.extend(world.scraped.as_ref().map(scrape_gaps));
    let evidence = world.evidence.iter().zip(&policy.evidence);
    said.extend(
        evidence
            .map(|(seen, expr)| holds(Reason::EvidenceBroken, Reason::EvidenceBroken, expr.source(), seen)),
    );
    let conditions = world.conditions.iter().zip(&policy.conditions);
    said.extend(
        conditions
            .map(|(seen, expr)| holds(Reason::ConditionFalse, Reason::ConditionUnknown, expr.source(), seen)),
    );
    if world.evidence.len() < policy.evidence.len() {
        said.push(Said::hold(Reason::EvidenceBroken, "not every expression was evaluated"));
    }
    if world.conditions.len() < policy.conditions.len() {
        said.push(Said::hold(Reason::ConditionUnknown, "not every condition was evaluated"));
    }
    said
}

fn confirmed(witness: ConfirmWith, world: &Confirmation) -> Said {
    let (presence, absent, unreachable) = match witness {
        ConfirmWith::Alertmanager => {
            (&world.alertmanager, Reason::NotInAlertmanager, Reason::AlertmanagerUnreachable)
        }
        ConfirmWith::Prometheus => {
            (&world.prometheus, Reason::NotInPrometheus, Reason::PrometheusUnreachable)
        }
    };
    match presence {
        Some(Presence::Firing) => Said::pass(absent, "firing"),
        Some(Presence::Silenced) => Said::hold(Reason::Silenced, ""),
        Some(Presence::Inhibited) => Said::hold(Reason::Inhibited, ""),
        Some(Presence::Absent) => Said::hold(absent, ""),
        Some(Presence::Unreachable(why)) => Said::hold(unreachable, why.clone()),
        None => Said::hold(unreachable, "it was not asked"),
    }
}

/// A rule that fails, or is not evaluated any more, keeps its alert as it was.
fn rule(health: &RuleHealth) -> Said {
    let guard = Reason::EvidenceBroken;
    match health {
        RuleHealth::Good { age, interval } => {
            let value = format!("the rule was evaluated {} ago", whole(*age));
            Said::when(*age <= interval.saturating_mul(STALE_INTERVALS), guard, value)
        }
        RuleHealth::Ahead(by) => {
            let by = whole(*by);
            Said::hold(guard, format!("the rule was evaluated {by} in the future: a clock is wrong"))
        }
        RuleHealth::Failing(error) => Said::hold(guard, format!("the alert's rule fails: {error}")),
        RuleHealth::NotKnown => Said::pass(guard, "Prometheus does not have the alert's rule"),
        RuleHealth::Unreadable(why) => Said::hold(guard, format!("the alert's rule cannot be read: {why}")),
    }
}

/// If most of everything is down, it is the monitoring that is broken.
fn targets_down(down: &Result<f64, String>, most: f64) -> Said {
    let guard = Reason::EvidenceBroken;
    match down {
        // A share that is no number is more than any.
        Ok(share) if *share <= most => {
            Said::pass(guard, format!("{:.0} % of all targets are down", share * 100.0))
        }
        Ok(share) => Said::hold(guard, format!("{:.0} % of all targets are down", share * 100.0)),
        Err(why) => Said::hold(guard, format!("whether targets are down cannot be read: {why}")),
    }
}

/// Where samples are missing, what alerts and conditions rest on is missing too.
fn scrape_gaps(scraped: &Result<f64, String>) -> Said {
    let guard = Reason::EvidenceBroken;
    match scraped {
        // A share that is no number is less than any.
        Ok(share) => {
            let value = format!("targets have {:.0} % of the samples of an hour ago", share * 100.0);
            Said::when(*share >= LEAST_SCRAPED, guard, value)
        }
        Err(why) => Said::hold(guard, format!("whether samples are missing cannot be read: {why}")),
    }
}

fn holds(wrong: Reason, unknown: Reason, expr: &Arc<str>, seen: &Observation) -> Said {
    match seen {
        Observation::Holds => Said::pass(wrong, CheckValue::Holds(expr.clone())),
        Observation::DoesNotHold => Said::hold(wrong, format!("does not hold: {expr}")),
        Observation::Failed(why) => Said::hold(unknown, format!("{why}: {expr}")),
    }
}

fn whole(age: Duration) -> String {
    format_duration(Duration::from_secs(age.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::config;
    use super::super::super::template::{Escape, Template};
    use super::*;

    fn firing() -> Confirmation {
        Confirmation { prometheus: Some(Presence::Firing), ..Confirmation::default() }
    }

    fn good(age: u64) -> Option<RuleHealth> {
        Some(RuleHealth::Good { age: Duration::from_secs(age), interval: Duration::from_secs(60) })
    }

    #[test]
    fn each_guard_stops_alone_and_lets_pass_alone() {
        let mut policy = config().policies.remove(0);
        let expr = Template::compile("up == 1", Escape::PromQl).unwrap();
        policy.conditions = vec![expr.clone()];
        policy.evidence = vec![expr];
        let (yes, no, failed) =
            (Observation::Holds, Observation::DoesNotHold, Observation::Failed("x".into()));
        let world =
            || Confirmation { conditions: vec![yes.clone()], evidence: vec![yes.clone()], ..firing() };
        for (seen, expected, sentence) in [
            (world(), None, "all is well"),
            (
                Confirmation { prometheus: None, ..world() },
                Some(Reason::PrometheusUnreachable),
                "nobody was asked",
            ),
            (
                Confirmation { prometheus: Some(Presence::Absent), ..world() },
                Some(Reason::NotInPrometheus),
                "it is over",
            ),
            (Confirmation { rule: good(240), ..world() }, None, "four intervals ago"),
            (Confirmation { rule: good(241), ..world() }, Some(Reason::EvidenceBroken), "more than four ago"),
            (
                Confirmation { rule: Some(RuleHealth::Ahead(Duration::from_secs(90))), ..world() },
                Some(Reason::EvidenceBroken),
                "evaluated in the future",
            ),
            (
                Confirmation {
                    rule: Some(RuleHealth::Good { age: Duration::MAX, interval: Duration::MAX }),
                    ..world()
                },
                None,
                "an interval as long as can be",
            ),
            (
                Confirmation { rule: Some(RuleHealth::Failing("x".into())), ..world() },
                Some(Reason::EvidenceBroken),
                "a rule that fails",
            ),
            (
                Confirmation { rule: Some(RuleHealth::Unreadable("x".into())), ..world() },
                Some(Reason::EvidenceBroken),
                "a rule that cannot be read",
            ),
            (Confirmation { rule: Some(RuleHealth::NotKnown), ..world() }, None, "another ruler's"),
            (Confirmation { down: Some(Ok(0.5)), ..world() }, None, "half of all"),
            (
                Confirmation { down: Some(Ok(0.51)), ..world() },
                Some(Reason::EvidenceBroken),
                "more than half",
            ),
            (Confirmation { down: Some(Ok(f64::NAN)), ..world() }, Some(Reason::EvidenceBroken), "no number"),
            (
                Confirmation { down: Some(Err("x".into())), ..world() },
                Some(Reason::EvidenceBroken),
                "not read",
            ),
            (Confirmation { scraped: Some(Ok(0.6)), ..world() }, None, "most samples are there"),
            (
                Confirmation { scraped: Some(Ok(0.59)), ..world() },
                Some(Reason::EvidenceBroken),
                "samples are missing",
            ),
            (
                Confirmation { scraped: Some(Ok(f64::NAN)), ..world() },
                Some(Reason::EvidenceBroken),
                "no number of samples",
            ),
            (
                Confirmation { scraped: Some(Err("x".into())), ..world() },
                Some(Reason::EvidenceBroken),
                "samples that cannot be counted",
            ),
            (
                Confirmation { evidence: vec![no.clone()], ..world() },
                Some(Reason::EvidenceBroken),
                "the exporter is down",
            ),
            (
                Confirmation { evidence: vec![failed.clone()], ..world() },
                Some(Reason::EvidenceBroken),
                "who knows",
            ),
            (Confirmation { evidence: vec![], ..world() }, Some(Reason::EvidenceBroken), "nobody looked"),
            (
                Confirmation { conditions: vec![no], ..world() },
                Some(Reason::ConditionFalse),
                "the score disagrees",
            ),
            (
                Confirmation { conditions: vec![failed], ..world() },
                Some(Reason::ConditionUnknown),
                "who knows",
            ),
            (Confirmation { conditions: vec![], ..world() }, Some(Reason::ConditionUnknown), "nobody looked"),
        ] {
            let held = ask(&policy, 0.5, &seen).iter().find_map(Said::held);
            assert_eq!(held.map(|held| held.reason), expected, "{sentence}");
        }
    }
}
