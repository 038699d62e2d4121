//! What questions are understood as: one row each. It is Saturday, 28 November 2026, 10:30 in Berlin.

mod more;
mod others;

use super::*;

const NOW: &str = "2026-11-28T09:30:00Z";

fn names() -> Names {
    let mut names = Names::default();
    for (label, value) in [
        ("instance", "web-1:9100"),
        ("instance", "web-2:9100"),
        ("instance", "db-1.eu.example.org:5432"),
        ("job", "app"),
        ("job", "checkout"),
        ("job", "prometheus"),
        ("job", "node"),
        ("alertname", "HighLatency"),
        ("alertname", "AppDown"),
        ("query", "node_cpu_busy"),
    ] {
        names.add_label(label, value);
    }
    names
}

fn read(question: &str, before: Option<&Asked>) -> Understood {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let context = Context { names: &names(), before, now: NOW.parse().unwrap(), zone: &zone };
    understand(question, &context)
}

fn words(understood: &Understood) -> String {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    match understood {
        Understood::Asked { asked, .. } => {
            asked.words(&zone).replace("2026-11-", "").replace(" Europe/Berlin", "")
        }
        Understood::Ambiguous(sentence) => sentence.clone(),
        Understood::Nothing => "not understood".to_owned(),
    }
}

#[track_caller]
fn hold(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(question, expected)| (question, expected, words(&read(question, None))))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(question, expected, found)| {
            format!("{question}\n   expected: {expected}\n      found: {found}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn questions_about_alerts_are_understood() {
    hold(&[
        ("what is firing?", "which alerts fire"),
        ("What's firing right now?", "which alerts fire"),
        ("WHAT IS FIRING", "which alerts fire"),
        ("which alerts are firing", "which alerts fire"),
        ("show me all alerts", "which alerts fire"),
        ("any alerts?", "which alerts fire"),
        ("alerts", "which alerts fire"),
        ("list active alerts please", "which alerts fire"),
        ("is anything on fire?", "which alerts fire"),
        ("what is alerting", "which alerts fire"),
        ("are there any alarms?", "which alerts fire"),
        ("waht is firng", "which alerts fire"),
        ("what is firing on web-1?", "which alerts fire about the host web-1"),
        ("alerts for the checkout service", "which alerts fire about the service checkout"),
        ("is HighLatency firing?", "which alerts fire about the alert HighLatency"),
        ("is high latency still firing", "which alerts fire about the alert HighLatency"),
        ("is app down firing", "which alerts fire about the alert AppDown"),
        ("which alerts fire on db-1", "which alerts fire about the host db-1.eu.example.org"),
        ("why is HighLatency firing?", "which alerts fire about the alert HighLatency"),
        ("what is firing in production", "which alerts fire about 'production'"),
        ("since when is HighLatency firing?", "which alerts fire about the alert HighLatency"),
        ("which rules are firing?", "which alerts fire"),
    ]);
}

#[test]
fn questions_about_anomalies_are_understood() {
    hold(&[
        ("what is anomalous?", "which series are anomalous"),
        ("any anomalies now?", "which series are anomalous"),
        ("anomolies", "which series are anomalous"),
        ("what looks strange", "which series are anomalous"),
        ("is anything unusual on web-1?", "which series are anomalous about the host web-1"),
        ("anomalies of node_cpu_busy", "which series are anomalous about the query node_cpu_busy"),
        ("is node cpu busy anomalous?", "which series are anomalous about the query node_cpu_busy"),
        ("which series are anomalous on host web-2", "which series are anomalous about the host web-2"),
        ("show anomaly scores for checkout", "which series are anomalous about the service checkout"),
        ("why is web-1 anomalous?", "which series are anomalous about the host web-1"),
        ("anomalies last night", "which series are anomalous, from 27 20:00 to 28 08:00"),
    ]);
}

#[test]
fn questions_why_nothing_was_done_are_understood() {
    let app = "what was decided, and why about the service app";
    let latency = "what was decided, and why about the alert HighLatency";
    hold(&[
        ("why did app not restart?", app),
        ("why didn't app restart", app),
        ("Why did the app not restart last night?", &format!("{app}, from 27 20:00 to 28 08:00")),
        ("why was app not restarted?", app),
        ("why wasn't app rebooted", app),
        ("how come app was not restarted?", app),
        ("why was nothing done about HighLatency?", latency),
        ("why did nothing happen about HighLatency", latency),
        ("why was no action taken for HighLatency", latency),
        ("what prevented the restart of app?", app),
        ("why was app restarted?", app),
        ("why HighLatency?", latency),
        ("why was remediation refused", "what was decided, and why"),
        ("what was refused today?", "what was decided, and why, from 28 00:00 to 28 10:30"),
        ("which decisions were made about web-1", "what was decided, and why about the host web-1"),
        ("why was nothing done?", "what was decided, and why"),
        ("why did frontend not restart?", "what was decided, and why about 'frontend'"),
    ]);
}

#[test]
fn questions_about_the_past_are_understood() {
    let night = "what happened, from 27 20:00 to 28 08:00";
    hold(&[
        ("what happened last night?", night),
        ("What happend last nigth", night),
        ("what went wrong overnight?", night),
        ("anything last night?", night),
        ("summary of last night", night),
        ("give me a recap of last night", night),
        ("how was last night?", night),
        ("which alerts fired last night", night),
        ("any incidents last night?", night),
        ("what happened in the last 2 hours?", "what happened, from 28 08:30 to 28 10:30"),
        ("what happened since 14:00", "what happened, from 27 14:00 to 28 10:30"),
        ("what happened yesterday", "what happened, from 27 00:00 to 28 00:00"),
        ("what happened between 2 and 4?", "what happened, from 28 02:00 to 28 04:00"),
        (
            "what happened to web-1 this morning",
            "what happened about the host web-1, from 28 05:00 to 28 10:30",
        ),
        ("what happened?", "what happened"),
        ("events since yesterday", "what happened, from 27 00:00 to 28 10:30"),
        (
            "what was wrong with db-1 at 3am",
            "what happened about the host db-1.eu.example.org, from 28 02:30 to 28 03:30",
        ),
    ]);
}

#[test]
fn questions_how_somebody_is_are_understood() {
    let web = "how things are with the host web-1";
    hold(&[
        ("status of web-1", web),
        ("status web-1", web),
        ("web-1 status", web),
        ("how is web-1?", web),
        ("how is web-1 doing", web),
        ("is web-1 ok?", web),
        ("is web-1 up", web),
        ("is web-1 down?", web),
        ("is the host web-1 healthy?", web),
        ("what about web-1", web),
        ("tell me about web-1", web),
        ("web-1", web),
        ("web-1?", web),
        ("web-1:9100", web),
        ("what is wrong with web-1", web),
        ("whats the state of WEB-1", web),
        ("staus of web-1", web),
        ("why is web-1 down?", web),
        ("how is db-1.eu", "how things are with the host db-1.eu.example.org"),
        ("health of the checkout service", "how things are with the service checkout"),
        ("is checkout working?", "how things are with the service checkout"),
        ("status of web-1 and web-2", "how things are with the host web-1 and the host web-2"),
        ("status of frontend", "how things are with 'frontend'"),
        ("is frontend up", "how things are with 'frontend'"),
        ("status", "how everything is"),
        ("how is everything?", "how everything is"),
        ("is everything ok", "how everything is"),
        ("what is going on?", "how everything is"),
        ("what's happening", "how everything is"),
        ("anything wrong?", "how everything is"),
        ("give me an overview", "how everything is"),
    ]);
}
