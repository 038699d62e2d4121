//! Policies and episodes for the tests beside the code.

use std::time::Duration;

use crate::model::{Alert, AlertStatus, Budget, Class, Episode, EpisodeId, Labels, Scope, Timestamp};

use super::action::ActionTemplate;
use super::autonomy::Terms;
use super::config::{Config, ConfirmWith, Mode, Policy, Step, Storm, Target, VerifyTemplate};
use super::share::Group;
use super::template::{Escape, Template};

/// Seconds after an arbitrary moment.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
}

/// One enforced policy `restart` for AppDown with one command, proved within a minute; no grace.
pub fn config() -> Config {
    let expr =
        Template::compile("up{instance=\"{{ target }}\"} == 1", Escape::PromQl).expect("a valid template");
    let argument = Template::compile("{{ target }}", Escape::Argument).expect("a valid template");
    let step = Step {
        action: ActionTemplate::Command {
            program: "/bin/restart".to_owned(),
            arguments: vec![argument],
            timeout: Duration::from_secs(10),
        },
        verify: Some(VerifyTemplate {
            expr: Some(expr),
            within: Duration::from_secs(60),
            lasts: Duration::ZERO,
        }),
    };
    let policy = Policy {
        name: "restart".into(),
        mode: None,
        matchers: vec!["alertname=\"AppDown\"".parse().expect("a valid matcher")],
        target: Target {
            label: "instance".into(),
            pattern: regex::Regex::new(r"^(?:[a-z]+\d*:\d+)$").expect("a pattern"),
        },
        steps: vec![step],
        budgets: vec![Budget { scope: Scope::PolicyTarget, rate: "1/30m".parse().expect("a rate") }],
        at_most: None,
        breaker: "3/6h".parse().expect("a rate"),
        class: Class::Disruptive,
        needs_approval: false,
        evidence: Vec::new(),
        conditions: Vec::new(),
        group: None,
        indicator: None,
        min_firing: Duration::ZERO,
        confirm_with: [ConfirmWith::Prometheus].into(),
    };
    Config {
        mode: Mode::Enforce,
        policies: vec![policy],
        startup_grace: Duration::ZERO,
        max_in_flight: 4,
        storm: Storm { total: "30/1m".parse().expect("a rate"), per_alert: "10/1m".parse().expect("a rate") },
        protected: Vec::new(),
        stop_file: None,
        budgets: Vec::new(),
        maintenance: Vec::new(),
        max_targets_down: 0.5,
        approval_valid_for: Duration::from_secs(1800),
        terms: Terms::default(),
    }
}

/// An open episode that began at `start`.
pub fn episode(labels: &[(&str, &str)], start: i64) -> Episode {
    let labels: Labels = labels.iter().copied().collect();
    let id = EpisodeId { fingerprint: labels.fingerprint(), started: at(start) };
    let alert = Alert {
        status: AlertStatus::Firing,
        labels,
        annotations: Labels::default(),
        starts_at: at(start),
        ends_at: None,
        generator_url: String::new(),
    };
    Episode {
        id,
        alert: alert.into(),
        first_seen: at(start),
        last_seen: at(start),
        deliveries: 1,
        end_presumed: false,
    }
}

/// The group of everything that runs `app`; so many of its members must be left.
pub fn group(keep: &str) -> Group {
    let expr = |text| Template::compile(text, Escape::PromQl).expect("a valid template");
    Group {
        members: expr("up{job=\"app\"}"),
        healthy: expr("up{job=\"app\"} == 1"),
        label: "instance".into(),
        keep: Some(keep.parse().expect("a share")),
    }
}
