//! What changed around a time: the questions that are put to Prometheus, and what their answers say. Pure.

use std::time::Duration;

use serde::Serialize;

use crate::model::{Labels, Series, Timestamp, format_duration};

/// How far before an alert's beginning a change is looked for.
pub const BEFORE: Duration = Duration::from_secs(3600);
/// How long after it one still counts: an alert begins later than what it tells of, and clocks differ.
pub const AFTER: Duration = Duration::from_secs(300);
/// Changes kept of one question.
const MAX_CHANGES: usize = 20;

/// What kind of thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Another version runs.
    Version,
    /// A Deployment of Kubernetes was rolled out.
    Rollout,
    /// A configuration was loaded.
    Configuration,
    /// A host was booted.
    Reboot,
    /// A process was started.
    Restart,
    /// A container was restarted by Kubernetes.
    ContainerRestart,
    /// A target is not scraped any more.
    Vanished,
    /// A target is scraped that was not before.
    Appeared,
    /// A certificate ran out.
    Expired,
    /// What the configuration asks for by `explain.changes`.
    Configured,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// What it happened to, without `__name__`.
    pub labels: Labels,
    /// When; `None`: at some time of the window.
    pub at: Option<Timestamp>,
    /// The window that was looked at.
    pub window: (Timestamp, Timestamp),
}

/// One question: an expression with a series for each change within the hour before it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeQuestion {
    /// What a series of the answer means.
    pub kind: ChangeKind,
    /// The expression; evaluated at the end of the window.
    pub expr: String,
    /// Has no series where the expression has none, and costs a fraction of it: asked first.
    pub first: Option<String>,
}

/// What is asked of every Prometheus. The window is [`BEFORE`] and [`AFTER`] together.
const QUESTIONS: [(ChangeKind, &str); 9] = [
    (
        ChangeKind::Version,
        r#"{__name__=~".+_build_info"} unless ({__name__=~".+_build_info"} offset %w) and on (instance, job) (up offset %w)"#,
    ),
    (
        ChangeKind::Rollout,
        "kube_deployment_status_observed_generation - (kube_deployment_status_observed_generation offset %w) > 0",
    ),
    (
        ChangeKind::Configuration,
        r#"{__name__=~".+_config_last_reload_success_timestamp_seconds"} > time() - %s"#,
    ),
    (ChangeKind::Reboot, "node_boot_time_seconds > time() - %s"),
    (ChangeKind::Restart, "process_start_time_seconds > time() - %s"),
    (ChangeKind::ContainerRestart, "increase(kube_pod_container_status_restarts_total[%w]) > 0.5"),
    (ChangeKind::Vanished, "max_over_time(timestamp(up)[%w:1m]) unless up"),
    (ChangeKind::Appeared, "min_over_time(timestamp(up)[%w:1m]) unless (up offset %w)"),
    // Of the blackbox exporter, the exporters of certificates, and cert-manager.
    (
        ChangeKind::Expired,
        r#"{__name__=~"probe_ssl_earliest_cert_expiry|ssl_cert_not_after|x509_cert_not_after|certmanager_certificate_expiration_timestamp_seconds"} < time() > time() - %s"#,
    ),
];

/// What is asked first: which targets came or went costs a fraction of when they did, and mostly none has.
fn first(kind: ChangeKind) -> Option<&'static str> {
    match kind {
        ChangeKind::Vanished => Some("present_over_time(up[%w]) unless up"),
        ChangeKind::Appeared => Some("up unless (up offset %w)"),
        _ => None,
    }
}

/// Every question, those of the configuration last.
pub fn questions(configured: &[String]) -> Vec<ChangeQuestion> {
    let window = BEFORE + AFTER;
    let (written, seconds) = (format_duration(window), window.as_secs().to_string());
    let filled = |expr: &str| expr.replace("%w", &written).replace("%s", &seconds);
    let own = QUESTIONS.iter().map(|(kind, expr)| ChangeQuestion {
        kind: *kind,
        expr: filled(expr),
        first: first(*kind).map(filled),
    });
    let more = configured.iter().map(|expr| ChangeQuestion {
        kind: ChangeKind::Configured,
        expr: expr.clone(),
        first: None,
    });
    own.chain(more).collect()
}

/// What an answer says, and how many changes it says beyond those that are kept. A value that is a time of the window,
/// in seconds since the epoch, is when it happened.
pub fn read(kind: ChangeKind, answer: &[Series], window: (Timestamp, Timestamp)) -> (Vec<Change>, usize) {
    let mut changes: Vec<Change> = answer
        .iter()
        .map(|series| {
            let value = series.samples.last().map_or(f64::NAN, |sample| sample.value);
            let at = Timestamp::from_seconds(value);
            let at = (value.is_finite() && (window.0..=window.1).contains(&at)).then_some(at);
            Change { kind, labels: named(kind, &series.labels), at, window }
        })
        .collect();
    changes.sort_by(|a, b| (b.at, &a.labels).cmp(&(a.at, &b.labels)));
    changes.dedup_by(|a, b| a.labels == b.labels);
    let left_out = changes.len().saturating_sub(MAX_CHANGES);
    changes.truncate(MAX_CHANGES);
    (changes, left_out)
}

/// A process that runs another version was started with it: the version's time is that of the start, where one is
/// known of the same target.
pub fn date_versions(changes: &mut [Change]) {
    let target = |change: &Change| {
        let label = |name| change.labels.get(name).map(str::to_owned);
        Some((label("instance")?, label("job")))
    };
    let starts: Vec<_> = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Restart)
        .filter_map(|change| Some((target(change)?, change.window, change.at?)))
        .collect();
    for change in changes.iter_mut().filter(|one| one.kind == ChangeKind::Version && one.at.is_none()) {
        let own = target(change);
        let start =
            starts.iter().find(|(of, window, _)| Some(of) == own.as_ref() && *window == change.window);
        change.at = start.map(|(.., at)| *at);
    }
}

/// A version is told with the name of its metric, which says whose it is.
fn named(kind: ChangeKind, labels: &Labels) -> Labels {
    let name = labels.get("__name__").and_then(|name| name.strip_suffix("_build_info"));
    let rest = labels.without(&["__name__"]);
    match (kind, name) {
        (ChangeKind::Version, Some(name)) if rest.get("of").is_none() => rest.with("of", name),
        _ => rest,
    }
}

impl ChangeKind {
    /// What happened, as the predicate of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Version => "runs another version",
            Self::Rollout => "was rolled out",
            Self::Configuration => "loaded its configuration",
            Self::Reboot => "was booted",
            Self::Restart => "was started",
            Self::ContainerRestart => "was restarted by Kubernetes",
            Self::Vanished => "is not scraped any more",
            Self::Appeared => "is scraped for the first time",
            Self::Expired => "has a certificate that ran out",
            Self::Configured => "changed",
        }
    }

    /// How often a change of this kind is what an incident comes from, in comparison: what people do breaks more than
    /// what happens by itself, and a process that was started is often the answer to a fault, not its reason. A
    /// certificate that has run out is refused by everybody.
    pub fn weight(self) -> f64 {
        match self {
            Self::Version | Self::Rollout | Self::Expired | Self::Configured => 1.0,
            Self::Configuration => 0.8,
            Self::Reboot | Self::Vanished => 0.7,
            Self::Restart | Self::ContainerRestart => 0.5,
            Self::Appeared => 0.2,
        }
    }
}

impl Change {
    /// When it happened, or the middle of the window.
    pub fn about(&self) -> Timestamp {
        let (start, end) = self.window;
        self.at.unwrap_or_else(|| start + end.since(start) / 2)
    }

    /// One sentence without its end.
    pub fn words(&self) -> String {
        let when = match self.at {
            Some(at) => format!("at {at}"),
            None => format!("between {} and {}", self.window.0, self.window.1),
        };
        format!("{} {} {when}", self.labels, self.kind.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sample;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn series(labels: &[(&str, &str)], value: f64) -> Series {
        Series { labels: labels.iter().copied().collect(), samples: vec![Sample { at: at(4000), value }] }
    }

    #[test]
    fn every_question_parses() {
        for question in questions(&["deployed_at > 0".to_owned()]) {
            for expr in [question.expr].iter().chain(&question.first) {
                let parsed = promql_parser::parser::parse(expr);
                assert!(parsed.is_ok() && !expr.contains('%'), "{expr}: {parsed:?}");
            }
        }
    }

    #[test]
    fn a_value_that_is_a_time_of_the_window_is_when_it_happened() {
        let window = (at(1000), at(4900));
        for (kind, value, expected) in [
            (ChangeKind::Restart, 2000.0, Some(at(2000))),
            (ChangeKind::Restart, 999.0, None),
            (ChangeKind::Version, 1.0, None),
            (ChangeKind::Expired, 4800.0, Some(at(4800))),
            (ChangeKind::Restart, f64::NAN, None),
        ] {
            let (changes, left_out) = read(kind, &[series(&[("instance", "a:80")], value)], window);
            assert_eq!((changes[0].at, left_out), (expected, 0), "{kind:?} {value}");
        }
        let (changes, _) = read(ChangeKind::Restart, &[series(&[("instance", "a:80")], 2000.0)], window);
        assert_eq!(changes[0].words(), "{instance=\"a:80\"} was started at 1970-01-01T00:33:20Z");
    }

    #[test]
    fn a_version_is_as_old_as_the_process_that_runs_it() {
        let window = (at(0), at(100));
        let of = |kind, labels: &[(&str, &str)], at| {
            let labels = labels.iter().copied().collect();
            Change { kind, labels, at, window }
        };
        let (a, b) = ([("instance", "a:80"), ("job", "x")], [("instance", "b:80"), ("job", "x")]);
        let mut changes = [
            of(ChangeKind::Version, &[a[0], a[1], ("version", "2")], None),
            of(ChangeKind::Version, &[b[0], b[1], ("version", "2")], None),
            of(ChangeKind::Restart, &a, Some(at(50))),
            of(ChangeKind::Reboot, &b, Some(at(60))),
        ];
        date_versions(&mut changes);
        assert_eq!((changes[0].at, changes[1].at), (Some(at(50)), None));
    }

    #[test]
    fn a_version_says_whose_it_is_and_many_changes_are_counted() {
        let window = (at(0), at(10));
        let version =
            series(&[("__name__", "shop_build_info"), ("version", "1.2"), ("instance", "a:80")], 1.0);
        let (changes, _) = read(ChangeKind::Version, &[version], window);
        assert_eq!(changes[0].labels.to_string(), r#"{instance="a:80",of="shop",version="1.2"}"#);
        let many: Vec<Series> =
            (0..30).map(|number| series(&[("instance", &number.to_string())], 5.0)).collect();
        let (changes, left_out) = read(ChangeKind::Reboot, &many, window);
        assert_eq!((changes.len(), left_out), (MAX_CHANGES, 10));
    }
}
