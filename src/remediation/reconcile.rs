//! The comparison of what is known with what Alertmanager and Prometheus say: at the start, every few
//! minutes, and at once after a truncated delivery. Messages get lost, silences swallow them; lists do not.

use std::collections::HashSet;
use std::time::Duration;

use crate::alertmanager::{self, ActiveAlert, AlertState};
use crate::alerts::Episodes;
use crate::metrics::remediation::{RemediationMetrics, Source};
use crate::model::{Alert, Delivery, DeliverySource, EpisodeId, Labels, Timestamp};
use crate::prometheus;

/// How often, where no Alertmanager says otherwise.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(300);
/// Alert names asked for in Prometheus in one round.
const MAX_NAMES: usize = 200;

/// Asks for the lists and compares them.
pub(super) struct Reconciler {
    prometheus: prometheus::Client,
    alertmanager: Option<(alertmanager::Client, alertmanager::Config)>,
    metrics: RemediationMetrics,
    due: Option<Timestamp>,
    asking: bool,
    /// When the lists at hand were asked for.
    asked: Timestamp,
    /// Open episodes that Prometheus has shown as firing: only their absence means something.
    seen: HashSet<EpisodeId>,
}

/// What was answered.
pub(super) enum Listing {
    /// Alertmanager's alerts.
    Alertmanager(Vec<ActiveAlert>),
    /// By alert name, the label sets Prometheus shows as firing.
    Prometheus(Vec<(String, Vec<Labels>)>),
    /// Nothing that could be used.
    Failed,
}

impl Reconciler {
    pub(super) fn new(
        prometheus: prometheus::Client,
        alertmanager: Option<(alertmanager::Client, alertmanager::Config)>,
        metrics: RemediationMetrics,
    ) -> Self {
        Self {
            prometheus,
            alertmanager,
            metrics,
            due: None,
            asking: false,
            asked: Timestamp::default(),
            seen: HashSet::new(),
        }
    }

    /// Asks others from now on, at once.
    pub(super) fn use_clients(
        &mut self,
        prometheus: prometheus::Client,
        alertmanager: Option<(alertmanager::Client, alertmanager::Config)>,
    ) {
        self.prometheus = prometheus;
        self.alertmanager = alertmanager;
        self.hurry();
    }

    /// No answer will come: the lists are asked for again when they are due.
    pub(super) fn ask_again(&mut self) {
        self.asking = false;
    }

    /// The next turn asks, whatever the clock says.
    pub(super) fn hurry(&mut self) {
        self.due = None;
    }

    /// How long until the lists are asked for again; `None` while an answer is awaited. A time further away
    /// than the interval comes from a clock that was set back since.
    pub(super) fn due_in(&self, now: Timestamp) -> Option<Duration> {
        let wait = self.due.map_or(Duration::ZERO, |due| due.since(now));
        (!self.asking).then(|| if wait > self.interval() { Duration::ZERO } else { wait })
    }

    fn interval(&self) -> Duration {
        self.alertmanager.as_ref().map_or(DEFAULT_INTERVAL, |(_, config)| config.reconcile_interval)
    }

    /// The question to ask, if it is time.
    pub(super) fn question(
        &mut self,
        episodes: &Episodes,
        now: Timestamp,
    ) -> Option<impl Future<Output = Listing> + Send + use<>> {
        if self.due_in(now)? > Duration::ZERO {
            return None;
        }
        self.asking = true;
        self.asked = now;
        self.due = Some(now + self.interval());
        let names: HashSet<String> = episodes
            .open()
            .filter_map(|episode| Some(episode.alert.labels.get("alertname")?.to_owned()))
            .collect();
        let (prometheus, metrics) = (self.prometheus.clone(), self.metrics.clone());
        let alertmanager = self.alertmanager.as_ref().map(|(client, _)| client.clone());
        Some(async move {
            match alertmanager {
                Some(client) => ask_alertmanager(&client, &metrics).await,
                None => ask_prometheus(&prometheus, &metrics, names).await,
            }
        })
    }

    /// What the lists say that the messages did not, as a delivery to be written; `None` if they agree.
    pub(super) fn compare(
        &mut self,
        listing: Listing,
        episodes: &Episodes,
        now: Timestamp,
    ) -> Option<Delivery> {
        self.asking = false;
        let alerts = match listing {
            Listing::Alertmanager(listed) => self.compare_alertmanager(listed, episodes, now),
            Listing::Prometheus(listed) => self.compare_prometheus(&listed, episodes, now),
            Listing::Failed => Vec::new(),
        };
        (!alerts.is_empty()).then(|| {
            tracing::info!(alerts = alerts.len(), "the reconciliation found what no message told");
            let source = DeliverySource::Reconciliation;
            Delivery { received_at: now, source, alerts, quarantined: Vec::new(), truncated: 0 }
        })
    }

    /// A silenced alert that is known stays open; one that is not known is not taken up while silenced.
    fn compare_alertmanager(
        &self,
        listed: Vec<ActiveAlert>,
        episodes: &Episodes,
        now: Timestamp,
    ) -> Vec<Alert> {
        let receiver = self.alertmanager.as_ref().map(|(_, config)| config.receiver.as_str());
        let ours = |known: &ActiveAlert| known.receivers.iter().any(|name| Some(name.as_str()) == receiver);
        let kept: Vec<Alert> = listed
            .into_iter()
            .filter(|known| {
                episodes.is_open(known.alert.fingerprint())
                    || (ours(known) && known.state == AlertState::Active)
            })
            .map(|known| known.alert)
            .collect();
        episodes.reconcile(&kept, self.asked, now)
    }

    /// Without an Alertmanager only the end of an episode can be found out, and only where Prometheus
    /// itself evaluates the rule.
    fn compare_prometheus(
        &mut self,
        listed: &[(String, Vec<Labels>)],
        episodes: &Episodes,
        now: Timestamp,
    ) -> Vec<Alert> {
        let mut ended = Vec::new();
        for (name, firing) in listed {
            for episode in
                episodes.open().filter(|episode| episode.alert.labels.get("alertname") == Some(name))
            {
                if firing.iter().any(|labels| labels.is_subset_of(&episode.alert.labels)) {
                    self.seen.insert(episode.id);
                } else if episode.last_seen < self.asked && self.seen.remove(&episode.id) {
                    ended.push(episode.ended(now));
                }
            }
        }
        self.seen.retain(|id| episodes.is_open(id.fingerprint));
        ended
    }
}

async fn ask_alertmanager(client: &alertmanager::Client, metrics: &RemediationMetrics) -> Listing {
    let answer = client.active_alerts(&[]).await;
    metrics.reconciled(Source::Alertmanager, answer.is_ok());
    match answer {
        Ok(listed) => Listing::Alertmanager(listed),
        Err(error) => {
            tracing::warn!(%error, "cannot compare the alerts known with Alertmanager's");
            Listing::Failed
        }
    }
}

async fn ask_prometheus(
    client: &prometheus::Client,
    metrics: &RemediationMetrics,
    names: HashSet<String>,
) -> Listing {
    let mut listed = Vec::new();
    for name in names.into_iter().take(MAX_NAMES) {
        let answer = client.alerts_firing(&name).await;
        metrics.reconciled(Source::Prometheus, answer.is_ok());
        match answer {
            Ok(firing) => listed.push((name, firing)),
            Err(error) => {
                tracing::warn!(%error, "cannot compare the alerts known with Prometheus's");
                return Listing::Failed;
            }
        }
    }
    Listing::Prometheus(listed)
}
