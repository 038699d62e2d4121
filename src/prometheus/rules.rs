//! The rules that a Prometheus evaluates, as far as it matters whether an alert can be believed.

use std::time::Duration;

use serde::Deserialize;

use crate::model::{Labels, Timestamp};

/// How an alerting rule is.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRule {
    /// The expression.
    pub query: String,
    /// The labels it adds to those of a result; templates in them are not filled in.
    pub labels: Labels,
    /// Why its last evaluation failed; `None`: it did not.
    pub error: Option<String>,
    /// When it was evaluated last; `None`: never.
    pub evaluated: Option<Timestamp>,
    /// How often it is evaluated.
    pub interval: Duration,
}

/// One rule, whatever its kind, as it is told to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The group that it is evaluated in.
    pub group: String,
    /// The alert, or the metric that is recorded.
    pub name: String,
    /// `alerting` or `recording`.
    pub kind: String,
    /// The expression.
    pub query: String,
    /// Of an alerting rule `inactive`, `pending` or `firing`; else empty.
    pub state: String,
    /// Why its last evaluation failed, as the server says; `None`: it did not.
    pub error: Option<String>,
}

impl Rule {
    /// Whether it is an alerting rule that is pending or fires.
    pub fn is_active(&self) -> bool {
        matches!(self.state.as_str(), "pending" | "firing")
    }
}

/// The answer's `data`; a server that has no rules may leave them out.
#[derive(Deserialize)]
pub(super) struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    name: String,
    /// Seconds.
    #[serde(default)]
    interval: f64,
    #[serde(default)]
    rules: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    #[serde(default)]
    name: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    state: String,
    #[serde(default)]
    health: String,
    #[serde(default)]
    last_error: String,
    #[serde(default)]
    last_evaluation: String,
}

impl Groups {
    /// The alerting rules of a name. Servers that cannot be asked for one name give them all.
    pub(super) fn alerts(self, name: &str) -> Vec<AlertRule> {
        let of_group = |group: Group| {
            let interval = Duration::try_from_secs_f64(group.interval).unwrap_or(Duration::ZERO);
            let rules = group.rules.into_iter().filter(|rule| rule.kind == "alerting" && rule.name == name);
            rules.map(move |rule| rule.checked(interval))
        };
        self.groups.into_iter().flat_map(of_group).collect()
    }

    /// Every rule, in the order of the groups.
    pub(super) fn all(self) -> Vec<Rule> {
        let of_group =
            |Group { name, rules, .. }: Group| rules.into_iter().map(move |found| found.told(name.clone()));
        self.groups.into_iter().flat_map(of_group).collect()
    }
}

impl Found {
    fn told(self, group: String) -> Rule {
        let error = self.has_failed().then_some(self.last_error);
        Rule { group, name: self.name, kind: self.kind, query: self.query, state: self.state, error }
    }

    fn has_failed(&self) -> bool {
        self.health == "err" || !self.last_error.is_empty()
    }

    fn checked(self, interval: Duration) -> AlertRule {
        let failed = self.has_failed();
        // A rule that was never evaluated has the year 1.
        let evaluated = self.last_evaluation.parse().ok().filter(|at: &Timestamp| at.as_millis() > 0);
        let error = failed.then_some(self.last_error);
        AlertRule { query: self.query, labels: self.labels, error, evaluated, interval }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_of_rules_is_read() {
        let body = r#"{"groups":[{"name":"g","interval":15,"rules":[
            {"name":"Down","type":"alerting","query":"up == 0","labels":{"severity":"page"},"health":"ok","lastEvaluation":"2026-01-01T00:00:10.5Z"},
            {"name":"Down","type":"alerting","health":"err","lastError":"many-to-many","lastEvaluation":"0001-01-01T00:00:00Z"},
            {"name":"Down","type":"recording","health":"err"},
            {"name":"Up","type":"alerting","health":"err"}]}]}"#;
        let groups: Groups = serde_json::from_str(body).unwrap();
        let interval = Duration::from_secs(15);
        let bad = AlertRule {
            query: String::new(),
            labels: Labels::default(),
            error: Some("many-to-many".to_owned()),
            evaluated: None,
            interval,
        };
        let good = AlertRule {
            query: "up == 0".to_owned(),
            labels: [("severity", "page")].into_iter().collect(),
            error: None,
            evaluated: "2026-01-01T00:00:10.5Z".parse().ok(),
            interval,
        };
        assert_eq!(groups.alerts("Down"), [good, bad]);
        let told = serde_json::from_str::<Groups>(body).unwrap().all();
        let errors: Vec<_> = told.iter().map(|rule| (rule.name.as_str(), rule.error.as_deref())).collect();
        assert_eq!(
            errors,
            [("Down", None), ("Down", Some("many-to-many")), ("Down", Some("")), ("Up", Some(""))]
        );
        assert_eq!((told[0].group.as_str(), told[0].is_active()), ("g", false));
        let none: Groups = serde_json::from_str("{}").unwrap();
        assert!(none.alerts("Down").is_empty());
    }
}
