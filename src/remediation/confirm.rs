//! The world is read again just before acting: what Alertmanager and Prometheus say of one alert.
//!
//! An answer that took long is none: what was true when the other one answered may not be any more.

use std::time::Duration;

use tokio::time::timeout;

use crate::alertmanager::{self, AlertState};
use crate::decide::{ConfirmWith, Confirmation, Presence};
use crate::model::{Alert, Labels, Matcher, Observation, Timestamp, format_duration};
use crate::prometheus;
use crate::verify;

/// How old what is acted on may be.
const PATIENCE: Duration = Duration::from_secs(15);

/// Of names and encoded values in one question's address.
const FILTER_BYTES: usize = 4 << 10;

/// The two that are asked.
#[derive(Clone)]
pub(super) struct Witnesses {
    pub(super) prometheus: prometheus::Client,
    pub(super) alertmanager: Option<alertmanager::Client>,
}

/// What is to be confirmed.
pub(super) struct Question {
    pub(super) target: String,
    pub(super) alert: Alert,
    pub(super) with: Vec<ConfirmWith>,
    pub(super) baseline: Option<String>,
}

impl Witnesses {
    /// Asks whoever must confirm, and evaluates the first verification as a baseline.
    pub(super) async fn confirm(&self, question: &Question, now: Timestamp) -> Confirmation {
        let Question { target, alert, with, baseline } = question;
        let alertmanager = async {
            match with.contains(&ConfirmWith::Alertmanager) {
                true => Some(in_time(self.in_alertmanager(alert)).await),
                false => None,
            }
        };
        let prometheus = async {
            match with.contains(&ConfirmWith::Prometheus) {
                true => Some(in_time(self.in_prometheus(alert, target)).await),
                false => None,
            }
        };
        let baseline = async {
            match baseline {
                Some(expr) => Some(match timeout(PATIENCE, self.observe(expr, now)).await {
                    Ok(observation) => observation,
                    Err(_) => Observation::Failed(no_answer()),
                }),
                None => None,
            }
        };
        let (alertmanager, prometheus, baseline) = tokio::join!(alertmanager, prometheus, baseline);
        Confirmation { alertmanager, prometheus, baseline }
    }

    /// Evaluates a verification expression.
    pub(super) async fn observe(&self, expr: &str, now: Timestamp) -> Observation {
        match self.prometheus.query(expr, now).await {
            Ok(result) => verify::observe(&result),
            Err(error) => Observation::Failed(error.to_string()),
        }
    }

    async fn in_alertmanager(&self, alert: &Alert) -> Presence {
        let Some(client) = &self.alertmanager else {
            return Presence::Unreachable("no Alertmanager is configured".to_owned());
        };
        match client.active_alerts(&filter(alert)).await {
            Ok(alerts) => {
                let own = alerts.iter().find(|known| known.alert.labels == alert.labels);
                own.map_or(Presence::Absent, presence)
            }
            Err(error) => Presence::Unreachable(error.to_string()),
        }
    }

    async fn in_prometheus(&self, alert: &Alert, target: &str) -> Presence {
        let Some(name) = alert.labels.get("alertname") else {
            return Presence::Absent;
        };
        match self.prometheus.alerts_firing(name).await {
            Ok(firing) if firing.iter().any(|labels| is_about(labels, alert, target)) => Presence::Firing,
            Ok(_) => Presence::Absent,
            Err(error) => Presence::Unreachable(error.to_string()),
        }
    }
}

/// Whether a firing series of Prometheus is the alert. External labels are in Alertmanager's set and not in
/// ALERTS; that it names the target itself keeps an aggregate from standing for each of its members.
fn is_about(labels: &Labels, alert: &Alert, target: &str) -> bool {
    labels.is_subset_of(&alert.labels) && labels.iter().any(|(_, value)| value == target)
}

async fn in_time(answer: impl Future<Output = Presence>) -> Presence {
    timeout(PATIENCE, answer).await.unwrap_or_else(|_| Presence::Unreachable(no_answer()))
}

fn no_answer() -> String {
    format!("no answer within {}", format_duration(PATIENCE))
}

/// Narrows the list to the one alert, so that a large Alertmanager answers cheaply: thousands of alerts of one
/// name would each ask for thousands. A label too long for an address is left out, and so is a name that is
/// no matcher's.
fn filter(alert: &Alert) -> Vec<Matcher> {
    let matcher = |(name, value): (&str, &str)| {
        format!("{name}=\"{}\"", crate::model::escape_promql(value)).parse::<Matcher>().ok()
    };
    let mut room = FILTER_BYTES;
    let mut fits = |(name, value): &(&str, &str)| {
        let size = name.len() + 3 * value.len();
        let fits = size <= room;
        room -= if fits { size } else { 0 };
        fits
    };
    alert.labels.iter().filter(|label| fits(label)).filter_map(matcher).collect()
}

fn presence(known: &alertmanager::ActiveAlert) -> Presence {
    if !known.silenced_by.is_empty() {
        Presence::Silenced
    } else if !known.inhibited_by.is_empty() || !known.muted_by.is_empty() {
        Presence::Inhibited
    } else {
        match known.state {
            AlertState::Active => Presence::Firing,
            AlertState::Suppressed => Presence::Inhibited,
            AlertState::Unprocessed => Presence::Unreachable("it has not looked at the alert yet".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::*;
    use crate::metrics::Metrics;
    use crate::model::{AlertStatus, Labels};

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

    #[test]
    fn one_alert_is_asked_for_within_an_address() {
        let long = "x".repeat(5000);
        let labels = [("alertname", "A \"b\""), ("instance", "web:80"), ("odd name", "x"), ("text", &long)];
        let asked: Vec<String> = filter(&alert(&labels)).iter().map(Matcher::to_string).collect();
        assert_eq!(asked, [r#"alertname="A \"b\"""#, r#"instance="web:80""#]);
    }

    #[test]
    fn a_firing_series_confirms_only_the_alert_that_names_its_target() {
        let alert = alert(&[("alertname", "A"), ("instance", "web:80"), ("cluster", "one")]);
        for (labels, expected, sentence) in [
            (vec![("alertname", "A"), ("instance", "web:80")], true, "all but the external label"),
            (vec![("alertname", "A"), ("instance", "web:81")], false, "another target"),
            (vec![("alertname", "A")], false, "an aggregate over all targets"),
            (
                vec![("alertname", "A"), ("instance", "web:80"), ("pod", "x")],
                false,
                "a label the alert lacks",
            ),
        ] {
            let firing: Labels = labels.into_iter().collect();
            assert_eq!(is_about(&firing, &alert, "web:80"), expected, "{sentence}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_takes_long_is_none() {
        // Connections are accepted by the system, and nobody ever answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap()).parse().unwrap();
        let metrics = Metrics::register(&mut Registry::default(), &[]);
        let config = prometheus::Config::new(url);
        let prometheus = prometheus::Client::new(&config, metrics.prometheus.clone()).unwrap();
        let witnesses = Witnesses { prometheus, alertmanager: None };
        let alert = alert(&[("alertname", "A")]);
        let begun = tokio::time::Instant::now();
        let now = Timestamp::default();
        let with = vec![ConfirmWith::Prometheus];
        let question = Question { target: "a".to_owned(), alert, with, baseline: Some("up".to_owned()) };
        let confirmation = witnesses.confirm(&question, now).await;
        assert!(begun.elapsed() < Duration::from_secs(16), "{:?}", begun.elapsed());
        assert!(matches!(confirmation.prometheus, Some(Presence::Unreachable(_))));
        assert!(matches!(confirmation.baseline, Some(Observation::Failed(_))));
    }
}
