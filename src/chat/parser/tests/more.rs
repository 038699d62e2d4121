//! Logs, what was done, approvals, targets, rules and help: one row each.

use super::hold;

#[test]
fn questions_about_logs_are_understood() {
    hold(&[
        ("show logs of app", "what was logged by the service app"),
        ("logs of checkout", "what was logged by the service checkout"),
        ("show me the logs for web-1", "what was logged by the host web-1"),
        ("app logs", "what was logged by the service app"),
        ("show lgos of app", "what was logged by the service app"),
        ("what did app log?", "what was logged by the service app"),
        (
            "show logs of app, errors, last hour",
            "what was logged as error or worse by the service app, from 28 09:30 to 28 10:30",
        ),
        ("errors of app in the last hour", "not understood"),
        (
            "show errors of app since 9",
            "what was logged as error or worse by the service app, from 28 09:00 to 28 10:30",
        ),
        ("any errors?", "what was logged as error or worse"),
        (
            "any warnings in app today?",
            "what was logged as warn or worse by the service app, from 28 00:00 to 28 10:30",
        ),
        ("logs containing timeout", "what was logged, where it holds 'timeout'"),
        ("logs of app mentioning \"OOM\"", "what was logged by the service app, where it holds 'OOM'"),
        ("logs of payments", "what was logged by 'payments'"),
        ("tail your logs", "what was logged"),
        ("logs of prometheus", "what was logged by the service prometheus"),
    ]);
}

#[test]
fn questions_about_what_was_done_are_understood() {
    hold(&[
        ("what was done?", "what remediation did"),
        ("what did you do?", "what remediation did"),
        ("what have you done today", "what remediation did, from 28 00:00 to 28 10:30"),
        ("what actions were taken last night?", "what remediation did, from 27 20:00 to 28 08:00"),
        ("which remediations ran", "not understood"),
        ("list remediations", "what remediation did"),
        ("was anything restarted?", "what remediation did"),
        (
            "was app restarted yesterday?",
            "what remediation did about the service app, from 27 00:00 to 28 00:00",
        ),
        ("did web-1 reboot", "what remediation did about the host web-1"),
        ("did you restart app?", "what remediation did about the service app"),
        ("what was done about HighLatency", "what remediation did about the alert HighLatency"),
        (
            "what did you do about web-1 since 14:00",
            "what remediation did about the host web-1, from 27 14:00 to 28 10:30",
        ),
        ("was frontend restarted?", "what remediation did about 'frontend'"),
    ]);
}

#[test]
fn questions_about_approvals_targets_rules_and_help_are_understood() {
    hold(&[
        ("what is pending approval?", "what waits for approval"),
        ("pending approvals", "what waits for approval"),
        ("anything waiting for approval?", "what waits for approval"),
        ("what do I have to approve", "what waits for approval"),
        ("what needs approval?", "what waits for approval"),
        ("what is awaitng approval", "what waits for approval"),
        ("is prometheus up?", "whether Prometheus answers"),
        ("is Prometheus down", "whether Prometheus answers"),
        ("can you reach prometheus", "whether Prometheus answers"),
        ("promethues status", "whether Prometheus answers"),
        ("which targets are down?", "which targets are down"),
        ("what is down", "which targets are down"),
        ("is anything down?", "which targets are down"),
        ("which hosts are down", "which targets are down"),
        ("are all targets up?", "which targets are down"),
        ("which prometheus targets are down", "which targets are down"),
        ("list targets", "which targets Prometheus scrapes"),
        ("which targets do you scrape", "which targets Prometheus scrapes"),
        ("which hosts do you know?", "which targets Prometheus scrapes"),
        ("targets of checkout", "which targets Prometheus scrapes about the service checkout"),
        ("which rules are there?", "which rules Prometheus has"),
        ("list the alerting rules", "which rules Prometheus has"),
        ("show rules", "which rules Prometheus has"),
        ("help", "what can be asked"),
        ("what can you do?", "what can be asked"),
        ("what can I ask", "what can be asked"),
        ("what questions do you understand?", "what can be asked"),
    ]);
}
