//! What would have to change for a policy to act: one sentence for every reason, with the value that decided. Pure.

use crate::model::{Decision, DecisionVerdict, Reason};

/// What would have to change; `None` if the policy acts.
pub(super) fn remedy(decision: &Decision) -> Option<String> {
    let DecisionVerdict::Hold { reason, detail, .. } = &decision.verdict else {
        return None;
    };
    let stopped = decision.checks.iter().find(|check| !check.passed && check.guard == *reason);
    let value = stopped.map_or_else(|| detail.as_str().into(), |check| check.value.text());
    let now = if value.is_empty() { String::new() } else { format!("; {}: {value}", decision.at) };
    let change = change(*reason);
    Some(match (&decision.policy, &decision.target) {
        (Some(policy), Some(target)) => {
            format!("For policy {policy} to act on {target}, {change} ({reason}{now}).")
        }
        (Some(policy), None) => format!("For policy {policy} to act, {change} ({reason}{now})."),
        (None, _) => format!("For anything to be done, {change} ({reason}{now})."),
    })
}

/// The rest of the sentence that begins with what is to be done.
fn change(reason: Reason) -> &'static str {
    match reason {
        Reason::NoPolicy => "the matchers of a policy must match the alert's labels",
        Reason::Escalation => "the alert must not be one of our own, which call a person",
        Reason::Shadow => "set its mode to ask or enforce, once its plans are what you would do yourself",
        Reason::Paused => "end the pause with POST /api/v1/remediation/resume, or remove the stop file",
        Reason::Starting => "wait until remediation.startup_grace is over",
        Reason::TargetMissing => "the alert must carry the label that target.label names",
        Reason::TargetRefused => "target.pattern must match the whole of the label that names the target",
        Reason::TargetProtected => {
            "neither the target nor what a step names may be listed under remediation.protected, nor be a unit of \
             the daemon or of its watchers"
        }
        Reason::TemplateRefused => {
            "the alert must carry what the template names, in a form that is safe there"
        }
        Reason::TooYoung => "the alert must fire for as long as min_firing says",
        Reason::Cooldown => "wait until its limits.per_target has room again, or raise it",
        Reason::TargetBudget => "wait until remediation.limits.per_target has room again, or raise it",
        Reason::PolicyBudget => "wait until its limits.per_policy has room again, or raise it",
        Reason::FleetBudget => "wait until remediation.limits.total has room again, or raise it",
        Reason::BreakerOpen => "find out why its last runs did not help, and wait until its breaker closes",
        Reason::Maintenance => "wait until the window of remediation.maintenance ends",
        Reason::TargetBusy => "wait until the other run on it ends",
        Reason::TooManyInFlight => "wait until a run ends, or raise remediation.max_in_flight",
        Reason::AlreadyRun => {
            "the alert must resolve and begin anew: it runs once for each; a person should take over"
        }
        Reason::Storm => "fewer alerts may begin at once (remediation.storm): look for what they share",
        Reason::Resolved => "the alert must fire again",
        Reason::Silenced => "the silence in Alertmanager must end",
        Reason::Inhibited => "what inhibits or mutes it in Alertmanager must end",
        Reason::NotInAlertmanager => "Alertmanager must show the alert with these labels as active",
        Reason::NotInPrometheus => {
            "Prometheus must show the alert as firing, with the target among its labels, or confirm_with leave it out"
        }
        Reason::AlertmanagerUnreachable => {
            "Alertmanager must answer: the monitoring itself fails, look there first"
        }
        Reason::PrometheusUnreachable => {
            "Prometheus must answer: the monitoring itself fails, look there first"
        }
        Reason::ConditionFalse => "the condition must hold",
        Reason::ConditionUnknown => "Prometheus must be able to evaluate the condition",
        Reason::EvidenceBroken => {
            "what the alert rests on must be sound: its rule, its targets, its evidence"
        }
        Reason::BlastRadius => {
            "more of its group must be healthy or less be under way, or group.keep and limits.at_most ask for less"
        }
        Reason::LastHealthy => "another member of its group must be healthy first",
        Reason::GroupUnknown => "group.members must be readable and yield a series for the target",
        Reason::LookupFailed => {
            "the tag, the address or the label that a step names must lead to exactly one instance or container"
        }
        Reason::ApprovalPending => "a person must approve, with POST /api/v1/approvals/ID",
        Reason::ApprovalRejected => "the alert must resolve and begin anew: a person has said no to this one",
        Reason::ApprovalExpired => {
            "the alert must resolve and begin anew: nobody approved within remediation.approvals.valid_for"
        }
        Reason::JournalUnavailable => "the journal must be writable: look at its disk or database",
        Reason::ShuttingDown => "the daemon must be started again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Check, EpisodeId, Fingerprint, Timestamp};

    fn held(reason: Reason, policy: Option<&str>, checks: Vec<Check>) -> Decision {
        let at = Timestamp::from_millis(0);
        let verdict = DecisionVerdict::Hold { reason, detail: "the detail".to_owned(), plan: None };
        let (policy, target) = (policy.map(Into::into), policy.map(|_| "a:80".into()));
        Decision {
            episode: EpisodeId { fingerprint: Fingerprint(1), started: at },
            policy,
            target,
            at,
            verdict,
            checks,
        }
    }

    #[test]
    fn every_reason_says_what_would_have_to_change_and_by_which_value() {
        for reason in Reason::ALL {
            let sentence = remedy(&held(*reason, Some("p"), Vec::new())).unwrap();
            let begin = "For policy p to act on a:80, ";
            assert!(sentence.starts_with(begin) && sentence.contains("Z: the detail)."), "{sentence}");
            assert!(sentence.len() > begin.len() + 40, "{sentence}");
        }
    }

    #[test]
    fn the_guard_that_stopped_it_gives_the_number() {
        let check = |guard, passed, value: &str| Check { guard, passed, value: value.to_owned().into() };
        let checks = vec![
            check(Reason::Storm, true, "calm"),
            check(Reason::FleetBudget, false, "20 of 20 in the last 1h"),
            check(Reason::Cooldown, false, "1 of 1 in the last 30m, until 12:00"),
        ];
        let sentence = remedy(&held(Reason::Cooldown, Some("p"), checks)).unwrap();
        assert_eq!(
            sentence,
            "For policy p to act on a:80, wait until its limits.per_target has room again, or raise it \
             (cooldown; 1970-01-01T00:00:00Z: 1 of 1 in the last 30m, until 12:00)."
        );
        let none = remedy(&held(Reason::NoPolicy, None, Vec::new())).unwrap();
        assert!(none.starts_with("For anything to be done, the matchers of a policy"), "{none}");
    }
}
