//! The labels of the scoring metrics.

use std::fmt;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// How the evaluation of a query ended; the label `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EvaluationOutcome {
    /// Prometheus answered and the samples were scored.
    Success,
    /// Prometheus answered, but had no data at all of that time: neither series nor targets.
    NoData,
    /// Prometheus did not answer, or not with samples.
    PrometheusError,
}

/// Why learning is held back; the label `cause`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoldCause {
    /// A matching alert fires.
    Firing,
    /// A maintenance window.
    Maintenance,
    /// Somebody asked for it.
    Request,
}

/// The state of an open episode; the label `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum OpenState {
    Anomalous,
    Sustained,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct QueryLabels {
    pub(super) query: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct EvaluationLabels {
    pub(super) query: String,
    pub(super) outcome: EvaluationOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct HeldLabels {
    pub(super) query: String,
    pub(super) cause: HoldCause,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct AnomalyLabels {
    pub(super) query: String,
    pub(super) state: OpenState,
}

impl EvaluationOutcome {
    /// The label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::NoData => "no_data",
            Self::PrometheusError => "prometheus_error",
        }
    }
}

impl EncodeLabelValue for EvaluationOutcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.as_str().encode(encoder)
    }
}

impl HoldCause {
    /// Every cause.
    pub const ALL: [Self; 3] = [Self::Firing, Self::Maintenance, Self::Request];
}

impl EncodeLabelValue for HoldCause {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        let name = match self {
            Self::Firing => "firing",
            Self::Maintenance => "maintenance",
            Self::Request => "request",
        };
        name.encode(encoder)
    }
}

impl EncodeLabelValue for OpenState {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        let name = match self {
            Self::Anomalous => "anomalous",
            Self::Sustained => "sustained",
        };
        name.encode(encoder)
    }
}
