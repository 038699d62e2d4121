//! Self-metrics of the clients of Prometheus, Alertmanager and Loki.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// In seconds: from a fast instant query to the default time-out.
const DURATION_BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Which server was asked; the label `server`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    /// Prometheus, or what speaks its API.
    Prometheus,
    /// Alertmanager.
    Alertmanager,
    /// Loki.
    Loki,
}

/// What was asked; the label `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A query at one time.
    Instant,
    /// A query over a range of time.
    Range,
    /// Which metrics exist, which version runs.
    Metadata,
    /// Which alerts are firing.
    Alerts,
    /// Which silences there are.
    Silences,
    /// An alert or a silence is posted.
    Post,
    /// A silence is ended.
    Expire,
}

/// How a request ended; the label `outcome`. One for each variant of `RequestError`, and success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// An answer.
    Success,
    /// No connection, or a broken one.
    Unreachable,
    /// Too slow.
    TimedOut,
    /// 429 or 503.
    Overloaded,
    /// The request is at fault.
    Rejected,
    /// The credentials are refused.
    Unauthorized,
    /// More than the size limit.
    TooLarge,
    /// Not the expected JSON.
    Malformed,
    /// Another 5xx.
    Server,
    /// The credentials cannot be read.
    Credentials,
}

impl Server {
    const ALL: [Self; 3] = [Self::Prometheus, Self::Alertmanager, Self::Loki];

    /// The label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Alertmanager => "alertmanager",
            Self::Loki => "loki",
        }
    }

    /// What this server can be asked.
    fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Prometheus => &[Kind::Instant, Kind::Range, Kind::Metadata, Kind::Alerts],
            Self::Alertmanager => &[Kind::Metadata, Kind::Alerts, Kind::Silences, Kind::Post, Kind::Expire],
            Self::Loki => &[Kind::Range, Kind::Metadata],
        }
    }
}

impl Kind {
    /// The label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Range => "range",
            Self::Metadata => "metadata",
            Self::Alerts => "alerts",
            Self::Silences => "silences",
            Self::Post => "post",
            Self::Expire => "expire",
        }
    }
}

impl Outcome {
    const ALL: [Self; 10] = [
        Self::Success,
        Self::Unreachable,
        Self::TimedOut,
        Self::Overloaded,
        Self::Rejected,
        Self::Unauthorized,
        Self::TooLarge,
        Self::Malformed,
        Self::Server,
        Self::Credentials,
    ];

    /// The label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Overloaded => "overloaded",
            Self::Rejected => "rejected",
            Self::Unauthorized => "unauthorized",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Server => "server",
            Self::Credentials => "credentials",
        }
    }

    /// Whether the API itself answered: a refused expression proves a working server.
    fn is_answer(self) -> bool {
        matches!(self, Self::Success | Self::Rejected | Self::TooLarge)
    }
}

impl EncodeLabelValue for Server {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        self.as_str().encode(encoder)
    }
}

impl EncodeLabelValue for Kind {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        self.as_str().encode(encoder)
    }
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        self.as_str().encode(encoder)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    server: Server,
    kind: Kind,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabels {
    server: Server,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ServerLabels {
    server: Server,
}

/// What the clients count.
#[derive(Clone, Debug)]
pub struct PrometheusMetrics {
    requests: Family<RequestLabels, Counter>,
    durations: Family<DurationLabels, Histogram, fn() -> Histogram>,
    up: Family<ServerLabels, Gauge>,
    retries: Family<ServerLabels, Counter>,
    duplicate_series: Counter,
}

impl PrometheusMetrics {
    /// Registers the metrics, every combination of labels that can occur at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS)),
            up: Family::default(),
            retries: Family::default(),
            duplicate_series: Counter::default(),
        };
        metrics.start_at_zero();
        metrics.name_in(registry);
        metrics
    }

    fn start_at_zero(&self) {
        for server in Server::ALL {
            self.up.get_or_create_owned(&ServerLabels { server });
            self.retries.get_or_create_owned(&ServerLabels { server });
            for kind in server.kinds().iter().copied() {
                self.durations.get_or_create_owned(&DurationLabels { server, kind });
                for outcome in Outcome::ALL {
                    self.requests.get_or_create_owned(&RequestLabels { server, kind, outcome });
                }
            }
        }
    }

    fn name_in(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_prometheus_requests",
            "Requests sent to Prometheus, Alertmanager and Loki, each attempt counted with its outcome",
            self.requests.clone(),
        );
        registry.register(
            "smartcloudops_prometheus_request_duration_seconds",
            "Time from sending a request to having decoded its answer",
            self.durations.clone(),
        );
        registry.register(
            "smartcloudops_prometheus_up",
            "Whether the last request to the server got an answer of its API, 0 before the first one",
            self.up.clone(),
        );
        registry.register(
            "smartcloudops_prometheus_retries",
            "Attempts made after a failed attempt of the same request",
            self.retries.clone(),
        );
        registry.register(
            "smartcloudops_prometheus_duplicate_series",
            "Series dropped because an answer had another series with the same labels before it",
            self.duplicate_series.clone(),
        );
    }

    /// Counts one attempt.
    pub fn answered(&self, server: Server, kind: Kind, outcome: Outcome, took: Duration) {
        self.requests.get_or_create(&RequestLabels { server, kind, outcome }).inc();
        self.durations.get_or_create(&DurationLabels { server, kind }).observe(took.as_secs_f64());
        self.up.get_or_create(&ServerLabels { server }).set(i64::from(outcome.is_answer()));
    }

    /// Counts a decision to try again.
    pub fn retried(&self, server: Server) {
        self.retries.get_or_create(&ServerLabels { server }).inc();
    }

    /// Counts series dropped from an answer because their labels were there already.
    pub fn duplicate_series(&self, count: u64) {
        self.duplicate_series.inc_by(count);
    }
}

#[cfg(test)]
mod tests;
