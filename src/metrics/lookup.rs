//! Self-metrics of look-ups.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// In seconds: from what is known already to what Prometheus works on for long.
const DURATION_BUCKETS: [f64; 6] = [0.005, 0.025, 0.1, 0.5, 2.5, 10.0];

/// On whose behalf something is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Whoever asked a question in words.
    Chat,
    /// An MCP client.
    Mcp,
}

impl Caller {
    const ALL: [Self; 2] = [Self::Chat, Self::Mcp];

    fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Mcp => "mcp",
        }
    }
}

/// How a look-up has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// There was an answer.
    Success,
    /// There was none: the question was at fault, or what was asked.
    Failure,
    /// Whoever asked waited no longer: their time was over, or they have gone.
    Cut,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Success, Self::Failure, Self::Cut];

    fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cut => "cut",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    lookup: &'static str,
    caller: &'static str,
    outcome: &'static str,
}

/// What look-ups count. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LookupMetrics {
    lookups: Family<Labels, Counter>,
    durations: Histogram,
}

impl LookupMetrics {
    /// Registers everything, at zero; `names` are the look-ups there are.
    pub fn register(registry: &mut Registry, names: impl IntoIterator<Item = &'static str>) -> Self {
        let metrics = Self { lookups: Family::default(), durations: Histogram::new(DURATION_BUCKETS) };
        for lookup in names {
            for caller in Caller::ALL.map(Caller::as_str) {
                for outcome in Outcome::ALL.map(Outcome::as_str) {
                    metrics.lookups.get_or_create_owned(&Labels { lookup, caller, outcome });
                }
            }
        }
        registry.register(
            "smartcloudops_lookups",
            "Read-only look-ups by what was asked, on whose behalf, and how it ended; cut: whoever asked waited no longer",
            metrics.lookups.clone(),
        );
        registry.register_with_unit(
            "smartcloudops_lookup_duration",
            "How long look-ups took",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        metrics
    }

    /// One look-up has ended.
    pub fn looked_up(&self, lookup: &'static str, caller: Caller, outcome: Outcome, took: Duration) {
        self.lookups
            .get_or_create_owned(&Labels { lookup, caller: caller.as_str(), outcome: outcome.as_str() })
            .inc();
        self.durations.observe(took.as_secs_f64());
    }
}
