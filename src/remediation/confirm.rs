//! The world is read again just before acting: what Alertmanager and Prometheus say of one alert, of what it rests
//! on, and of the target's group.
//!
//! An answer that took long is none: what was true when the other one answered may not be any more.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;

use crate::act::Actor;
use crate::alertmanager;
use crate::decide::{ConfirmWith, Confirmation, GroupQuestion, Members, Presence, Question, RuleHealth};
use crate::model::{Observation, Series, Timestamp, format_duration};
use crate::prometheus::{self, QueryError};
use crate::verify;

use super::presence::{in_alertmanager, in_prometheus};

/// How old what is acted on may be.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);
/// The share of scraped targets that are up.
const UP: &str = "avg(up)";
/// How many samples half of the targets have of the last five minutes, as a share of what half had an hour before. An
/// hour after the first there is none to compare with, and the result is empty.
const SCRAPED: &str =
    "quantile(0.5, count_over_time(up[5m])) / quantile(0.5, count_over_time(up[5m] offset 1h))";
/// Members of a group at most.
const MOST_MEMBERS: usize = 10_000;

/// What two clocks may differ by.
const CLOCKS_MAY_DIFFER: Duration = Duration::from_secs(60);

/// Those that are asked.
#[derive(Clone)]
pub(super) struct Witnesses {
    pub(super) prometheus: prometheus::Client,
    pub(super) alertmanager: Option<alertmanager::Client>,
    /// Looks at what can be acted on; `None`: it is the past.
    pub(super) actor: Option<Actor>,
}

impl Witnesses {
    /// Asks everything that is to be known before acting.
    pub(super) async fn confirm(&self, question: &Question, now: Timestamp) -> Confirmation {
        let believes = question.with.contains(&ConfirmWith::Prometheus);
        let alert = async {
            tokio::join!(
                self.presence(question, ConfirmWith::Alertmanager),
                self.presence(question, ConfirmWith::Prometheus),
            )
        };
        let foundation = async {
            tokio::join!(
                asked(believes.then(|| self.rule(question, now))),
                asked(believes.then(|| self.down(now))),
                asked(believes.then(|| self.scraped(now))),
                self.observe_all(&question.evidence, now),
            )
        };
        let surroundings = async {
            tokio::join!(
                self.observe_all(&question.conditions, now),
                asked(question.group.as_ref().map(|group| self.members(group, now))),
                asked(question.at_most_of.as_ref().map(|expr| self.number(expr, now))),
            )
        };
        let effect = async {
            tokio::join!(
                asked(question.baseline.as_ref().map(|expr| self.observe_in_time(expr, now))),
                asked(question.effect.as_ref().map(|effect| self.measure(effect, &question.touched, now))),
            )
        };
        let found = self.look_up_all(&question.lookups);
        let (alert, foundation, surroundings, effect, found) =
            tokio::join!(alert, foundation, surroundings, effect, found);
        let (alertmanager, prometheus) = alert;
        let (rule, down, scraped, evidence) = foundation;
        let (conditions, group, at_most_of) = surroundings;
        let (baseline, before) = effect;
        let (down, scraped) = (down.flatten(), scraped.flatten());
        Confirmation {
            alertmanager,
            prometheus,
            rule,
            down,
            scraped,
            evidence,
            conditions,
            group,
            at_most_of,
            found,
            baseline,
            before,
        }
    }

    async fn presence(&self, question: &Question, witness: ConfirmWith) -> Option<Presence> {
        let alert = question.alert.as_ref().filter(|_| question.with.contains(&witness))?;
        let answer = async {
            match witness {
                ConfirmWith::Alertmanager => in_alertmanager(self.alertmanager.as_ref(), alert).await,
                ConfirmWith::Prometheus => in_prometheus(&self.prometheus, alert, &question.target).await,
            }
        };
        Some(timeout(PATIENCE, answer).await.unwrap_or_else(|_| Presence::Unreachable(no_answer())))
    }

    /// The worst of the rules of the alert's name.
    async fn rule(&self, question: &Question, now: Timestamp) -> RuleHealth {
        let name = question.alert.as_ref().and_then(|alert| alert.labels.get("alertname"));
        let Some(name) = name else { return RuleHealth::NotKnown };
        match timeout(PATIENCE, self.prometheus.alert_rules(name)).await {
            Ok(Ok(rules)) => {
                rules.iter().map(|rule| health(rule, now)).max_by_key(badness).unwrap_or(RuleHealth::NotKnown)
            }
            // A server that answers and has no such route evaluates no rules.
            Ok(Err(QueryError::Rejected { .. })) => RuleHealth::NotKnown,
            Ok(Err(error)) => RuleHealth::Unreadable(error.to_string()),
            Err(_) => RuleHealth::Unreadable(no_answer()),
        }
    }

    /// The share of targets that are down; `None` where nothing is scraped.
    async fn down(&self, now: Timestamp) -> Option<Result<f64, String>> {
        match self.read(UP, now).await {
            Ok(result) => Some(Ok(1.0 - value(result.first()?))),
            Err(why) => Some(Err(why)),
        }
    }

    /// Whether samples are missing; `None` where nobody can tell.
    async fn scraped(&self, now: Timestamp) -> Option<Result<f64, String>> {
        match self.read(SCRAPED, now).await {
            Ok(result) => Some(Ok(value(result.first()?))),
            Err(why) => Some(Err(why)),
        }
    }

    pub(super) async fn members(&self, group: &GroupQuestion, now: Timestamp) -> Result<Members, String> {
        let names = async |expr: &str, counts: fn(&Series) -> bool| {
            let mut result = self.read(expr, now).await?;
            result.retain(counts);
            if result.len() > MOST_MEMBERS {
                return Err(format!("a group of more than {MOST_MEMBERS} members: {expr}"));
            }
            let name = |series: &Series| series.labels.get(&group.label).map(str::to_owned);
            let names: Option<_> = result.iter().map(name).collect();
            names.ok_or_else(|| format!("a series without the label '{}': {expr}", group.label))
        };
        let (all, healthy) =
            tokio::join!(names(&group.members, |_| true), names(&group.healthy, verify::holds));
        Ok(Members { all: all?, healthy: healthy? })
    }

    /// The one number that an expression yields.
    pub(super) async fn number(&self, expr: &str, now: Timestamp) -> Result<f64, String> {
        match self.read(expr, now).await?.as_slice() {
            [series] => Ok(value(series)),
            several => Err(format!("{} series instead of one number: {expr}", several.len())),
        }
    }

    pub(super) async fn read(&self, expr: &str, now: Timestamp) -> Result<Vec<Series>, String> {
        match timeout(PATIENCE, self.prometheus.query(expr, now)).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(no_answer()),
        }
    }

    async fn observe_all(&self, exprs: &[String], now: Timestamp) -> Vec<Observation> {
        join_all(exprs.iter().map(|expr| self.observe_in_time(expr, now))).await
    }

    async fn observe_in_time(&self, expr: &str, now: Timestamp) -> Observation {
        let answer = timeout(PATIENCE, self.observe(expr, now)).await;
        answer.unwrap_or_else(|_| Observation::Failed(no_answer()))
    }

    /// Evaluates a verification expression.
    pub(super) async fn observe(&self, expr: &str, now: Timestamp) -> Observation {
        match self.prometheus.query(expr, now).await {
            Ok(result) => verify::observe(&result),
            Err(error) => Observation::Failed(error.to_string()),
        }
    }
}

async fn asked<T>(question: Option<impl Future<Output = T>>) -> Option<T> {
    Some(question?.await)
}

/// The value of a series at one time.
pub(super) fn value(series: &Series) -> f64 {
    series.samples.last().map_or(f64::NAN, |sample| sample.value)
}

fn health(rule: &prometheus::AlertRule, now: Timestamp) -> RuleHealth {
    match (&rule.error, rule.evaluated) {
        (Some(error), _) => RuleHealth::Failing(error.clone()),
        (None, Some(at)) if at.since(now) > CLOCKS_MAY_DIFFER => RuleHealth::Ahead(at.since(now)),
        (None, Some(at)) => RuleHealth::Good { age: now.since(at), interval: rule.interval },
        (None, None) => RuleHealth::Failing("it was never evaluated".to_owned()),
    }
}

/// Of several rules with the alert's name the worst decides: which of them raised it nobody can tell.
fn badness(health: &RuleHealth) -> (u8, Duration) {
    match health {
        RuleHealth::NotKnown => (0, Duration::ZERO),
        RuleHealth::Good { age, .. } => (1, *age),
        RuleHealth::Ahead(_) | RuleHealth::Failing(_) | RuleHealth::Unreadable(_) => (2, Duration::ZERO),
    }
}

pub(super) fn no_answer() -> String {
    format!("no answer within {}", format_duration(PATIENCE))
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::*;
    use crate::metrics::Metrics;
    use crate::model::{Alert, AlertStatus, Labels};

    fn alert(labels: &[(&str, &str)]) -> Alert {
        Alert {
            status: AlertStatus::Firing,
            labels: labels.iter().copied().collect(),
            annotations: Labels::default(),
            starts_at: Timestamp::default(),
            ends_at: None,
            generator_url: String::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_takes_long_is_none() {
        // Connections are accepted by the system, and nobody ever answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap()).parse().unwrap();
        let metrics = Metrics::register(&mut Registry::default(), &[], []);
        let config = prometheus::Config::new(url);
        let prometheus = prometheus::Client::new(&config, metrics.prometheus.clone()).unwrap();
        let witnesses = Witnesses { prometheus, alertmanager: None, actor: None };
        let alert = alert(&[("alertname", "A")]);
        let begun = tokio::time::Instant::now();
        let now = Timestamp::default();
        let with = vec![ConfirmWith::Prometheus];
        let question = Question {
            target: "a".into(),
            alert: Some(alert.into()),
            with: with.into(),
            baseline: Some("up".to_owned()),
            conditions: vec!["up".to_owned()],
            at_most_of: Some("up".to_owned()),
            ..Question::default()
        };
        let confirmation = witnesses.confirm(&question, now).await;
        assert!(begun.elapsed() < Duration::from_secs(16), "{:?}", begun.elapsed());
        assert!(matches!(confirmation.prometheus, Some(Presence::Unreachable(_))));
        assert!(matches!(confirmation.baseline, Some(Observation::Failed(_))));
        assert!(matches!(confirmation.conditions[..], [Observation::Failed(_)]));
        assert!(matches!(confirmation.rule, Some(RuleHealth::Unreadable(_))));
        assert!(matches!((confirmation.down, confirmation.at_most_of), (Some(Err(_)), Some(Err(_)))));
    }
}
