//! The world is read again just before acting: what Alertmanager and Prometheus say of one alert.

use crate::alertmanager::{self, AlertState};
use crate::decide::{ConfirmWith, Confirmation, Presence};
use crate::model::{Alert, Matcher, Observation, Timestamp};
use crate::prometheus;
use crate::verify;

/// The two that are asked.
#[derive(Clone)]
pub(super) struct Witnesses {
    pub(super) prometheus: prometheus::Client,
    pub(super) alertmanager: Option<alertmanager::Client>,
}

impl Witnesses {
    /// Asks whoever must confirm, and evaluates the first verification as a baseline.
    pub(super) async fn confirm(
        &self,
        alert: &Alert,
        with: &[ConfirmWith],
        baseline: Option<&str>,
        now: Timestamp,
    ) -> Confirmation {
        let alertmanager = async {
            match with.contains(&ConfirmWith::Alertmanager) {
                true => Some(self.in_alertmanager(alert).await),
                false => None,
            }
        };
        let prometheus = async {
            match with.contains(&ConfirmWith::Prometheus) {
                true => Some(self.in_prometheus(alert, now).await),
                false => None,
            }
        };
        let baseline = async {
            match baseline {
                Some(expr) => Some(self.observe(expr, now).await),
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

    async fn in_prometheus(&self, alert: &Alert, now: Timestamp) -> Presence {
        let Some(name) = alert.labels.get("alertname") else {
            return Presence::Absent;
        };
        match self.prometheus.alerts_firing(name, now).await {
            // External labels are in Alertmanager's set and not in ALERTS.
            Ok(firing) if firing.iter().any(|labels| labels.is_subset_of(&alert.labels)) => Presence::Firing,
            Ok(_) => Presence::Absent,
            Err(error) => Presence::Unreachable(error.to_string()),
        }
    }
}

/// Narrows the list by `alertname`, so that a large Alertmanager answers cheaply.
fn filter(alert: &Alert) -> Vec<Matcher> {
    let name = alert.labels.get("alertname").unwrap_or_default();
    format!("alertname=\"{}\"", crate::model::escape_promql(name)).parse().into_iter().collect()
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
