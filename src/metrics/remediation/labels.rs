//! The labels of remediation's metrics.

use prometheus_client::encoding::EncodeLabelSet;

/// The kinds of actions; the label `action`.
pub(super) const ACTIONS: [&str; 9] =
    ["command", "http", "ec2", "autoscaling", "ssm", "kubernetes", "systemd", "docker", "alertmanager"];

/// Whose list was compared; the label `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Alertmanager's.
    Alertmanager,
    /// Prometheus's.
    Prometheus,
}

impl Source {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Alertmanager => "alertmanager",
            Self::Prometheus => "prometheus",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct DecisionLabels {
    pub policy: String,
    pub decision: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ActionLabels {
    pub action: &'static str,
    pub outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RunLabels {
    pub policy: String,
    pub outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ReconciliationLabels {
    pub source: &'static str,
    pub outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct PolicyLabels {
    pub policy: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct LevelLabels {
    pub policy: String,
    pub level: &'static str,
}

/// What policies may earn; the label `level`.
pub(super) const LEVELS: [&str; 3] = ["shadow", "ask", "act"];
