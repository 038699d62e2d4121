//! What has to be looked up for a question: names of look-ups with their arguments. Pure.
//!
//! Names of whoever asks reach Prometheus only as quoted values of matchers.

use std::time::Duration;

use serde_json::{Value, json};

use super::intent::{Asked, Topic};
use super::names::{Kind, Name};
use super::when::Span;
use crate::model::{Timestamp, escape_promql};

/// Lines of one look-up.
const LIMIT: usize = 50;
/// How far back is looked where no time is named.
const USUAL: Duration = Duration::from_secs(86_400);

/// Something to look up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Planned {
    /// The look-up's name.
    pub name: &'static str,
    /// Its arguments.
    pub arguments: Value,
    /// Which of its lines are asked for.
    pub keep: Keep,
    /// Whether it is left out where it cannot be asked, as Loki where there is none.
    pub optional: bool,
}

/// Which lines of what was found are asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Keep {
    /// All.
    All,
    /// Alerts that fired in this time.
    During(Span),
    /// Runs on this target.
    Target(String),
}

/// The look-ups for a question, in the order in which they are told.
pub(super) fn plan(asked: &Asked, now: Timestamp) -> Vec<Planned> {
    let about = asked.about.iter();
    match asked.topic {
        Topic::Help => Vec::new(),
        Topic::Pending => vec![look("approvals", json!({}))],
        _ if asked.about.is_empty() => anybody(asked, now),
        _ => about.flat_map(|name| of(name, asked, now)).collect(),
    }
}

fn anybody(asked: &Asked, now: Timestamp) -> Vec<Planned> {
    match asked.topic {
        Topic::Firing => vec![look("alerts", json!({"limit": LIMIT}))],
        Topic::Anomalies => vec![anomalies(asked, "")],
        Topic::Why => vec![look("decisions", json!({"limit": 10}))],
        Topic::Happened => happened(asked, "", now),
        Topic::Status => vec![
            look("alerts", json!({"limit": LIMIT})),
            look("anomalies", json!({"limit": 10})),
            look("targets", json!({"down_only": true, "limit": 10})),
            look("approvals", json!({})),
        ],
        Topic::Logs => vec![logs("daemon", None, asked)],
        Topic::Done => vec![runs(asked, None)],
        Topic::Targets => vec![look("targets", json!({"limit": LIMIT}))],
        Topic::Down => vec![look("targets", json!({"down_only": true, "limit": LIMIT}))],
        Topic::Prometheus => vec![
            look("query", json!({"expr": "vector(1)"})),
            look("targets", json!({"down_only": true, "limit": 10})),
        ],
        Topic::Rules => vec![look("rules", json!({"limit": LIMIT}))],
        Topic::Help | Topic::Pending => Vec::new(),
    }
}

fn of(name: &Name, asked: &Asked, now: Timestamp) -> Vec<Planned> {
    let matcher = matcher(name);
    let up = || look("query", json!({"expr": format!("up{{{matcher}}}")}));
    let firing = || look("alerts", json!({"matchers": [matcher], "limit": LIMIT}));
    match asked.topic {
        Topic::Firing => vec![firing()],
        Topic::Anomalies => vec![anomalies(asked, &matcher)],
        Topic::Why => vec![decisions(name)],
        Topic::Happened => happened(asked, &matcher, now),
        Topic::Status if name.kind == Kind::Alert => vec![firing(), decisions(name)],
        Topic::Status if name.kind == Kind::Query => {
            vec![look("anomalies", json!({"matchers": [], "query": name.text, "min_score": 0, "limit": 10}))]
        }
        Topic::Status => {
            vec![firing(), look("anomalies", json!({"matchers": [matcher], "limit": 10})), up()]
        }
        Topic::Logs => vec![
            logs("remediation", Some(&name.text), asked),
            Planned { optional: true, ..logs("loki", Some(&name.text), asked) },
        ],
        Topic::Done if name.kind == Kind::Alert => vec![decisions(name)],
        Topic::Done => vec![runs(asked, Some(&name.text)), decisions(name)],
        Topic::Targets | Topic::Down | Topic::Prometheus if name.kind == Kind::Service => {
            vec![look(
                "targets",
                json!({"job": name.text, "down_only": asked.topic == Topic::Down, "limit": LIMIT}),
            )]
        }
        Topic::Targets | Topic::Down | Topic::Prometheus => vec![up()],
        Topic::Rules => vec![look("rules", json!({"name": name.text, "limit": LIMIT}))],
        Topic::Help | Topic::Pending => Vec::new(),
    }
}

fn look(name: &'static str, arguments: Value) -> Planned {
    Planned { name, arguments, keep: Keep::All, optional: false }
}

/// Which series and alerts a name is about.
fn matcher(name: &Name) -> String {
    let text = &name.text;
    match name.kind {
        Kind::Host => format!("instance=~\"{}(:[0-9]+)?\"", escape_promql(&regex::escape(text))),
        Kind::Unknown => format!("instance=~\"{}([.:].*)?\"", escape_promql(&regex::escape(text))),
        Kind::Service => format!("job=\"{}\"", escape_promql(text)),
        Kind::Query => format!("query=\"{}\"", escape_promql(text)),
        Kind::Alert => format!("alertname=\"{}\"", escape_promql(text)),
    }
}

/// Now from the scores themselves, and in the past from what Prometheus has scraped of them.
fn anomalies(asked: &Asked, matcher: &str) -> Planned {
    let Some(span) = asked.span else {
        let matchers: Vec<&str> = Some(matcher).filter(|matcher| !matcher.is_empty()).into_iter().collect();
        return look("anomalies", json!({"matchers": matchers, "limit": LIMIT}));
    };
    let expr = format!("anomaly_score{{{matcher}}} >= 1");
    look("query_range", json!({"expr": expr, "since": span.from, "until": span.to}))
}

fn happened(asked: &Asked, matcher: &str, now: Timestamp) -> Vec<Planned> {
    let span = asked.span.unwrap_or(Span::last(USUAL, now));
    let matchers: Vec<&str> = Some(matcher).filter(|matcher| !matcher.is_empty()).into_iter().collect();
    let alerts = json!({"include_resolved": true, "matchers": matchers, "limit": 200});
    let expr = format!("anomaly_score{{{matcher}}} >= 1");
    let target = asked.about.first().map(|name| name.text.clone());
    vec![
        Planned { keep: Keep::During(span), ..look("alerts", alerts) },
        Planned {
            keep: target.map_or(Keep::All, Keep::Target),
            ..look("remediations", json!({"since": span.from, "until": span.to, "limit": LIMIT}))
        },
        Planned {
            optional: true,
            ..look("query_range", json!({"expr": expr, "since": span.from, "until": span.to}))
        },
    ]
}

fn decisions(name: &Name) -> Planned {
    let key = if name.kind == Kind::Alert { "alert" } else { "about" };
    look("decisions", json!({key: name.text, "limit": 10}))
}

fn runs(asked: &Asked, target: Option<&str>) -> Planned {
    let mut arguments = json!({"limit": if target.is_some() { 200 } else { LIMIT }});
    within(&mut arguments, asked);
    let keep = target.map_or(Keep::All, |target| Keep::Target(target.to_owned()));
    Planned { keep, ..look("remediations", arguments) }
}

fn logs(source: &str, service: Option<&str>, asked: &Asked) -> Planned {
    let mut arguments = json!({"source": source, "limit": LIMIT});
    within(&mut arguments, asked);
    let texts = [("service", service), ("level", asked.level), ("contains", asked.contains.as_deref())];
    for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text?))) {
        arguments[key] = text.into();
    }
    look("logs", arguments)
}

fn within(arguments: &mut Value, asked: &Asked) {
    if let Some(span) = asked.span {
        arguments["since"] = span.from.to_string().into();
        arguments["until"] = span.to.to_string().into();
    }
}

impl Keep {
    /// Whether a line is asked for. A line that is not as they are written stays.
    pub fn admits(&self, line: &str) -> bool {
        match self {
            Self::All => true,
            Self::During(span) => {
                fired(line).is_none_or(|(from, to)| from <= span.to && to.is_none_or(|to| to >= span.from))
            }
            Self::Target(target) => {
                let named = line.split_once(" on ").and_then(|(_, rest)| rest.split_once(", begun at"));
                named.is_none_or(|(named, _)| {
                    named == target
                        || named
                            .strip_prefix(target.as_str())
                            .is_some_and(|rest| rest.starts_with([':', '.']))
                })
            }
        }
    }
}

/// From when to when an alert fired.
fn fired(line: &str) -> Option<(Timestamp, Option<Timestamp>)> {
    let time = |text: &str| text.split(' ').next().and_then(|time| time.parse().ok());
    if let Some((_, rest)) = line.split_once(" fires since ") {
        return Some((time(rest)?, None));
    }
    let (from, to) = line.split_once(" fired from ")?.1.split_once(" to ")?;
    Some((time(from)?, Some(time(to)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(topic: Topic, about: &[(Kind, &str)]) -> Asked {
        let about = about.iter().map(|(kind, text)| Name { kind: *kind, text: (*text).to_owned() }).collect();
        Asked { about, ..Asked::new(topic) }
    }

    fn told(asked: &Asked) -> Vec<String> {
        let now = Timestamp::from_millis(86_400_000);
        plan(asked, now).iter().map(|planned| format!("{} {}", planned.name, planned.arguments)).collect()
    }

    #[test]
    fn each_topic_has_its_look_ups() {
        let topics = [
            Topic::Firing,
            Topic::Anomalies,
            Topic::Why,
            Topic::Happened,
            Topic::Status,
            Topic::Logs,
            Topic::Done,
            Topic::Pending,
            Topic::Targets,
            Topic::Down,
            Topic::Prometheus,
            Topic::Rules,
        ];
        for topic in topics {
            for about in
                [&[][..], &[(Kind::Host, "web-1")], &[(Kind::Alert, "Down")], &[(Kind::Unknown, "x")]]
            {
                let looked_up = told(&asked(topic, about));
                assert!((1..=4).contains(&looked_up.len()), "{topic:?} {about:?}: {looked_up:?}");
            }
        }
        assert!(told(&asked(Topic::Help, &[])).is_empty());
        assert_eq!(
            told(&asked(Topic::Status, &[(Kind::Host, "web-1")]))[2],
            r#"query {"expr":"up{instance=~\"web\\\\-1(:[0-9]+)?\"}"}"#
        );
    }

    #[test]
    fn a_name_is_only_ever_a_quoted_value() {
        for text in ["x\"} or up{a=\"", "a\\", "$(x)", "{{ 7 }}", "a|b", "\u{1b}\n"] {
            for kind in [Kind::Host, Kind::Service, Kind::Query, Kind::Alert, Kind::Unknown] {
                let matcher = matcher(&Name { kind, text: text.to_owned() });
                let read = crate::model::parse_selector(&format!("{{{matcher}}}")).expect("a selector");
                assert_eq!(read.len(), 1, "{matcher}");
                let value = if kind == Kind::Alert { text } else { continue };
                assert_eq!(read[0].value(), value);
            }
        }
    }

    #[test]
    fn lines_of_another_time_or_target_are_left_out() {
        let at = |hour: i64| Timestamp::from_millis(hour * 3_600_000);
        let during = Keep::During(Span { from: at(2), to: at(4) });
        let target = Keep::Target("web-1".to_owned());
        for (keep, line, expected) in [
            (&during, "Down fires since 1970-01-01T03:00:00Z (1h); labels {}", true),
            (&during, "Down fires since 1970-01-01T05:00:00Z (1h); labels {}", false),
            (&during, "Down fired from 1970-01-01T01:00:00Z to 1970-01-01T02:30:00Z (1h30m)", true),
            (&during, "Down fired from 1970-01-01T00:00:00Z to 1970-01-01T01:00:00Z (1h)", false),
            (&during, "something else", true),
            (&target, "Run 1 of policy p on web-1:80, begun at 1970-01-01T01:00:00Z: helped.", true),
            (&target, "Run 1 of policy p on web-1, begun at 1970-01-01T01:00:00Z: helped.", true),
            (&target, "Run 1 of policy p on web-10, begun at 1970-01-01T01:00:00Z: helped.", false),
        ] {
            assert_eq!(keep.admits(line), expected, "{line}");
        }
    }
}
