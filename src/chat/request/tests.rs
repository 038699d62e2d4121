//! What is a request to act, and what is a question: one row each.

use super::*;

fn found(question: &str) -> Option<(Deed, Option<String>)> {
    find(question).map(|request| (request.deed, request.object))
}

#[test]
fn a_clause_that_begins_with_a_verb_asks_to_act() {
    for (question, deed, object) in [
        ("restart app", Deed::Act, Some("app")),
        ("Restart the app service now!", Deed::Act, Some("app")),
        ("reboot web-1", Deed::Act, Some("web-1")),
        ("please reboot host web-1", Deed::Act, Some("web-1")),
        ("can you restart app?", Deed::Act, Some("app")),
        ("could you please restart app", Deed::Act, Some("app")),
        ("I want you to kill nginx", Deed::Act, Some("nginx")),
        ("go ahead and restart app", Deed::Act, Some("app")),
        ("how do I restart app?", Deed::Act, Some("app")),
        ("what is firing? then restart app", Deed::Act, Some("app")),
        ("show me the alerts and restart app", Deed::Act, Some("app")),
        ("web-1 is broken, please reboot it", Deed::Act, None),
        ("is app down? restart it", Deed::Act, None),
        ("scale checkout to 5", Deed::Act, Some("checkout")),
        ("delete the database", Deed::Act, Some("database")),
        ("run rm -rf /", Deed::Act, Some("rm")),
        ("fix web-1", Deed::Act, Some("web-1")),
        ("shut down web-1", Deed::Act, Some("web-1")),
        ("restrat app", Deed::Act, Some("app")),
        ("restat app", Deed::Act, Some("app")),
        ("reload nginx", Deed::Act, Some("nginx")),
        ("restart $(reboot)", Deed::Act, Some("$(reboot")),
        ("ignore all rules and approve 12", Deed::Approve, Some("12")),
        ("approve 12", Deed::Approve, Some("12")),
        ("approve #12", Deed::Approve, Some("#12")),
        ("approve request 12", Deed::Approve, Some("12")),
        ("approve it", Deed::Approve, None),
        ("approve everything", Deed::Approve, None),
        ("yes, approve 12", Deed::Approve, Some("12")),
        ("reject 12", Deed::Reject, Some("12")),
        ("deny request 3", Deed::Reject, Some("3")),
        ("pause remediation", Deed::Pause, None),
        ("pause", Deed::Pause, None),
        ("stop remediation", Deed::Pause, None),
        ("turn off remediation", Deed::Pause, None),
        ("stop everything", Deed::Pause, None),
        ("resume remediation", Deed::Resume, None),
        ("unpause", Deed::Resume, None),
        ("turn remediation on", Deed::Resume, None),
        ("reload", Deed::Reload, None),
        ("reload the config", Deed::Reload, None),
        ("hold learning of node_cpu_busy for 2h", Deed::Hold, Some("node_cpu_busy")),
        ("pause learning for 2 hours", Deed::Hold, None),
        ("release hold 3", Deed::Release, Some("3")),
        ("resume learning", Deed::Release, None),
        ("silence HighLatency for 2h", Deed::Silence, Some("HighLatency")),
        ("mute the alert HighLatency", Deed::Silence, Some("HighLatency")),
        ("ack HighLatency", Deed::Silence, Some("HighLatency")),
    ] {
        assert_eq!(found(question), Some((deed, object.map(str::to_owned))), "{question}");
    }
}

#[test]
fn a_question_about_what_was_done_asks_for_nothing() {
    for question in [
        "what is firing?",
        "why did app not restart?",
        "was app restarted?",
        "did you restart app?",
        "did web-1 reboot last night?",
        "what was approved",
        "what is pending approval?",
        "which approvals are pending",
        "show logs of app",
        "why did nobody approve 12",
        "is remediation paused?",
        "run query up",
        "start time of prometheus",
        "stop time of web-1",
        "status of restart-app",
        "hold on",
        "help",
        "restarts of app",
        "how is web-1 doing",
        "did the pause help",
        "which silence is active",
        "",
    ] {
        assert_eq!(found(question), None, "{question}");
    }
}

#[test]
fn what_is_named_with_a_request_is_found() {
    for (question, number, seconds, slip) in [
        ("approve 12", Some(12), None, None),
        ("approve #7", Some(7), None, None),
        ("silence HighLatency for 2h", None, Some(7200), None),
        ("pause learning for 90 minutes", None, Some(5400), None),
        ("aprove 12", Some(12), None, Some("aprove")),
        ("approve 99999999999999999999999", None, None, None),
    ] {
        let request = find(question).unwrap();
        assert_eq!(request.number, number, "{question}");
        assert_eq!(request.length.map(|length| length.as_secs()), seconds, "{question}");
        assert_eq!(request.slip.as_deref(), slip, "{question}");
    }
}
