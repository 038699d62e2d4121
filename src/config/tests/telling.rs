//! What is accepted of the settings for explanations, questions, notifications and Slack.

use std::time::Duration;

use crate::model::SecretSource;
use crate::notify::{Address, Format, Topic};

use super::*;

#[test]
fn questions_have_limits_and_the_time_zone_of_scoring() {
    let defaults = crate::chat::Config::default();
    assert_eq!(good("presets: []").chat, defaults);
    let zone = |text: &str| good(text).chat.time_zone.iana_name().map(str::to_owned);
    assert_eq!(zone("scoring: {time_zone: Europe/Berlin}").as_deref(), Some("Europe/Berlin"));
    let both = "scoring: {time_zone: Europe/Berlin}\nchat: {time_zone: Asia/Tokyo}";
    assert_eq!(zone(both).as_deref(), Some("Asia/Tokyo"));
    let chat = good(
        "chat: {max_question: 500, max_calls: 3, timeout: 5s, memory: {turns: 0, clients: 10, keep_for: 1h}}",
    )
    .chat;
    let memory = crate::chat::Limits { turns: 0, clients: 10, keep_for: Duration::from_secs(3600) };
    let timeout = Duration::from_secs(5);
    let expected = crate::chat::Config { max_question: 500, max_calls: 3, timeout, memory, ..defaults };
    assert_eq!(chat, expected);
}

#[test]
fn what_explanations_look_for_is_read() {
    let config = good("explain: {changes: ['deployed_at > time() - 3600']}");
    assert_eq!(config.explain.changes, ["deployed_at > time() - 3600"]);
    let plain = good("queries: [{name: load, expr: node_load1}]").explain;
    assert!(plain.changes.is_empty());
    assert_eq!(plain.queries.get("load").map(String::as_str), Some("node_load1"), "to know what it reads");
}

#[test]
fn who_calls_whom_is_read() {
    let config = good(
        "explain:\n  graph:\n    calls: [{from: web, to: [api, cache]}, {from: api, to: [db]}]\n    services: [{name: db, matchers:          ['job=\"postgres\"']}]\n    measures: {label: service, latency: 'latency_seconds{service=~\"{{ services }}\"}'}",
    );
    let graph = config.explain.graph.expect("it is written");
    let calls: Vec<(&str, &str)> =
        graph.calls.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!(calls, [("web", "api"), ("web", "cache"), ("api", "db")]);
    assert_eq!((graph.services[0].0.as_str(), graph.services[0].1.len()), ("db", 1));
    assert_eq!((graph.map, graph.measures.label.as_str(), graph.measures.requests), (None, "service", None));

    for preset in ["tempo", "istio"] {
        let graph = good(&format!("explain: {{service_map: {{preset: {preset}}}}}"))
            .explain
            .graph
            .expect("it is written");
        let map = graph.map.expect("the preset knows it");
        assert!(map.expr.contains(&map.client) && graph.measures.latency.is_some(), "{map:?}");
    }
    let graph = good(
        "explain:\n  service_map: {expr: 'calls', client: a, server: b}\n  graph: {measures: {label: b, requests: 'r'}}",
    );
    assert_eq!(graph.explain.graph.expect("it is written").map.expect("it is written").expr, "calls");
    assert_eq!(good("explain: {graph: }").explain.graph, None);
}

#[test]
fn whoever_is_told_something_has_one_address_and_defaults() {
    let config = good(
        "notify:\n  - {name: ops, url: 'https://hooks.example.org/a'}\n  \
         - {name: channel, slack_webhook_url_file: slack.url, on: [firing, approval], matchers: ['severity=page'], group_wait: 0s}\n  \
         - {name: other, url_env: OTHER, format: slack, secret_env: KEY}\n",
    );
    let [ops, channel, other] = &config.notify.receivers[..] else { panic!("{:?}", config.notify) };
    assert_eq!((&ops.topics[..], ops.format, &ops.signing_key), (&Topic::ALL[..], Format::Json, &None));
    assert!(matches!(&ops.address, Address::Plain(url) if url.path() == "/a"));
    let file = Address::Secret(SecretSource::File("slack.url".into()));
    assert_eq!((&channel.address, channel.format), (&file, Format::Slack));
    assert_eq!((channel.topics.len(), channel.matchers.len(), channel.group_wait), (2, 1, Duration::ZERO));
    assert_eq!(other.address, Address::Secret(SecretSource::Environment("OTHER".to_owned())));
    assert_eq!(other.signing_key, Some(SecretSource::Environment("KEY".to_owned())));
    assert!(good("").notify.receivers.is_empty() && good("").slack.is_none());
}

#[test]
fn slack_needs_a_secret_and_nothing_else() {
    let slack = good("slack: {signing_secret_env: SLACK, approvers: {U012: ann}}").slack.unwrap();
    assert_eq!(slack.signing_secret, SecretSource::Environment("SLACK".to_owned()));
    assert_eq!(slack.approvers.get("U012").map(String::as_str), Some("ann"));
    assert_eq!(slack.response_hosts, ["hooks.slack.com"]);
    assert_eq!(
        (slack.team_id, slack.allowed_users, slack.allowed_channels),
        (None, None, None),
        "the whole workspace"
    );
    let slack = good(
        "slack: {signing_secret_env: SLACK, team_id: T1, allowed_users: [U1, W2], allowed_channels: [C1, G2, D3]}",
    );
    let slack = slack.slack.unwrap();
    assert_eq!(slack.team_id.as_deref(), Some("T1"));
    let list = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    assert_eq!(
        (slack.allowed_users, slack.allowed_channels),
        (list(&["U1", "W2"]), list(&["C1", "G2", "D3"]))
    );
}
