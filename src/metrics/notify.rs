//! Self-metrics of what is told to others, by receiver. The age of what waits grows by itself, so it is computed at the
//! scrape.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::model::Timestamp;

/// What became of a message, or of an attempt to send it; the label `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The receiver has taken the message.
    Delivered,
    /// An attempt failed, and another one follows.
    Retried,
    /// The receiver will not have the message: it is dropped.
    Refused,
    /// The time for it ran out: it is dropped.
    GivenUp,
    /// Something that happened more than a day ago: it is not told.
    Expired,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Delivered, Self::Retried, Self::Refused, Self::GivenUp, Self::Expired];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retried => "retried",
            Self::Refused => "refused",
            Self::GivenUp => "given_up",
            Self::Expired => "expired",
        }
    }
}

/// How something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// At once, past all that waits: requests for approval.
    Urgent,
    /// In one message with what happens at about the same time.
    Grouped,
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        EncodeLabelValue::encode(&self.as_str(), encoder)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    receiver: String,
    outcome: Outcome,
}

/// How much waits in each lane of a receiver, and when the oldest of it happened.
type Waiting = BTreeMap<String, BTreeMap<Lane, (u64, Option<Timestamp>)>>;

/// What is counted of what is told to others. Cheap to clone.
#[derive(Clone, Debug)]
pub struct NotifyMetrics {
    notifications: Family<OutcomeLabels, Counter>,
    waiting: Arc<Mutex<Waiting>>,
}

impl NotifyMetrics {
    /// Registers everything; receivers come with [`NotifyMetrics::expect`].
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self { notifications: Family::default(), waiting: Arc::default() };
        registry.register(
            "smartcloudops_notifications",
            "Messages to a receiver by what became of them, and attempts that are followed by another",
            metrics.notifications.clone(),
        );
        registry.register_collector(Box::new(Queues(metrics.waiting.clone())));
        metrics
    }

    /// A receiver is configured: its series exist, at zero.
    pub fn expect(&self, receiver: &str) {
        for outcome in Outcome::ALL {
            self.notifications.get_or_create_owned(&labels(receiver, outcome));
        }
        self.lock().insert(receiver.to_owned(), BTreeMap::new());
    }

    /// A receiver is configured no more.
    pub fn forget(&self, receiver: &str) {
        for outcome in Outcome::ALL {
            self.notifications.remove(&labels(receiver, outcome));
        }
        self.lock().remove(receiver);
    }

    /// Something became of a message, or of several.
    pub fn ended(&self, receiver: &str, outcome: Outcome, count: u64) {
        self.notifications.get_or_create(&labels(receiver, outcome)).inc_by(count);
    }

    /// How much waits in a lane that the receiver wants to hear of, and when the oldest of it happened.
    pub fn waits(&self, receiver: &str, lane: Lane, count: u64, oldest: Option<Timestamp>) {
        if let Some(lanes) = self.lock().get_mut(receiver) {
            lanes.insert(lane, (count, oldest));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn labels(receiver: &str, outcome: Outcome) -> OutcomeLabels {
    OutcomeLabels { receiver: receiver.to_owned(), outcome }
}

/// What waits, and its age as seen by the scrape's clock.
#[derive(Debug)]
struct Queues(Arc<Mutex<Waiting>>);

impl Collector for Queues {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let now = Timestamp::from(SystemTime::now());
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut metric = encoder.encode_descriptor(
            "smartcloudops_notifications_waiting",
            "Things that happened which a receiver wants to hear of and was not told yet, those of one message at most",
            None,
            MetricType::Gauge,
        )?;
        for (receiver, lanes) in waiting.iter() {
            let count: u64 = lanes.values().map(|(count, _)| count).sum();
            metric.encode_family(&[("receiver", receiver.as_str())])?.encode_gauge(&count)?;
        }
        let mut metric = encoder.encode_descriptor(
            "smartcloudops_notifications_oldest_waiting_age_seconds",
            "Age of the oldest thing that a receiver wants to hear of and was not told yet, 0 if there is none",
            None,
            MetricType::Gauge,
        )?;
        for (receiver, lanes) in waiting.iter() {
            let oldest = lanes.values().filter_map(|(_, oldest)| *oldest).min();
            let age = oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64());
            metric.encode_family(&[("receiver", receiver.as_str())])?.encode_gauge(&age)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::page;

    #[test]
    fn a_receiver_exists_at_zero_until_it_is_forgotten() {
        let mut registry = Registry::default();
        let metrics = NotifyMetrics::register(&mut registry);
        metrics.expect("ops");
        for outcome in Outcome::ALL {
            let name = outcome.as_str();
            let line = format!("smartcloudops_notifications_total{{receiver=\"ops\",outcome=\"{name}\"}} 0");
            assert!(page(&registry).contains(&line), "{line}");
        }
        let oldest = r#"smartcloudops_notifications_oldest_waiting_age_seconds{receiver="ops"}"#;
        assert!(page(&registry).contains(&format!("{oldest} 0.0")));
        let ago = |seconds| Some(Timestamp::from(SystemTime::now()) - Duration::from_secs(seconds));
        metrics.waits("ops", Lane::Urgent, 1, ago(60));
        metrics.waits("ops", Lane::Grouped, 2, ago(3600));
        metrics.waits("nobody", Lane::Grouped, 2, ago(3600));
        let page_now = page(&registry);
        assert!(page_now.contains("smartcloudops_notifications_waiting{receiver=\"ops\"} 3"), "{page_now}");
        let age = page_now.lines().find_map(|line| line.strip_prefix(oldest)).unwrap().trim();
        assert!((3600.0..3660.0).contains(&age.parse::<f64>().unwrap()), "{age}");
        metrics.forget("ops");
        assert!(!page(&registry).contains("receiver=\"ops\""));
    }
}
