//! Arguments of look-ups as JSON objects, read into types that refuse what they do not know. Pure.

use serde::Deserialize;

use crate::model::{Matcher, parse_selector};

/// Matchers of one look-up.
const MAX_MATCHERS: usize = 16;

/// Which alerts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Alerts {
    /// Also those that are over.
    pub include_resolved: bool,
    /// Only those of this `alertname`.
    pub name: Option<String>,
    /// Only those whose labels all of these match.
    pub matchers: Matchers,
    /// At most so many lines.
    pub limit: Limit,
}

/// Which series.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Anomalies {
    /// Only those of this configured query.
    pub query: Option<String>,
    /// Only those whose labels all of these match.
    pub matchers: Matchers,
    /// Scores below this are left out: 1 unless another one is asked for.
    pub min_score: Option<f64>,
    /// At most so many lines.
    pub limit: Limit,
}

/// Whose score.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhyScore {
    /// The configured query or model.
    pub query: String,
    /// Which of its series.
    #[serde(default)]
    pub matchers: Matchers,
}

/// Whose decisions.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Decisions {
    /// Only about alerts of this `alertname`.
    pub alert: Option<String>,
    /// Only about alerts that have a label of this value, or a decision about this target.
    pub about: Option<String>,
    /// At most so many lines.
    pub limit: Limit,
}

/// Which runs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Remediations {
    /// Only this policy's.
    pub policy: Option<String>,
    /// Only those on this target.
    pub target: Option<String>,
    /// Only those begun since: RFC 3339, or so long ago, such as `2h`.
    pub since: Option<String>,
    /// Only those begun until: in the same forms.
    pub until: Option<String>,
    /// At most so many lines.
    pub limit: Limit,
}

/// An expression at one time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// PromQL.
    pub expr: String,
    /// When: RFC 3339, or so long ago, such as `2h`; now if absent.
    #[serde(default)]
    pub at: Option<String>,
}

/// An expression over a range.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryRange {
    /// PromQL.
    pub expr: String,
    /// The beginning: an hour before the end if absent.
    #[serde(default)]
    pub since: Option<String>,
    /// The end: now if absent.
    #[serde(default)]
    pub until: Option<String>,
    /// From one sample to the next, such as `1m`; chosen if absent.
    #[serde(default)]
    pub step: Option<String>,
}

/// Which targets.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Targets {
    /// Only this job's.
    pub job: Option<String>,
    /// Only those that cannot be scraped.
    pub down_only: bool,
    /// At most so many lines.
    pub limit: Limit,
}

/// Which rules.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Only those whose name holds this, whatever its case.
    pub name: Option<String>,
    /// Only alerting rules that are pending or firing, and rules that fail.
    pub active_only: bool,
    /// At most so many lines.
    pub limit: Limit,
}

/// Which alerts are explained.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Explain {
    /// Only those of this `alertname`.
    pub alertname: Option<String>,
}

/// No argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Lines of a finding: from 1 to 200, 50 unless another number is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Limit(pub usize);

impl Limit {
    /// The most.
    pub const MAX: usize = 200;
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u64> for Limit {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        match usize::try_from(number) {
            Ok(limit @ 1..=Self::MAX) => Ok(Self(limit)),
            _ => Err(format!("limit must be from 1 to {}, not {number}", Self::MAX)),
        }
    }
}

/// Matchers as Prometheus writes them, such as `instance="a:9100"`; all must match.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Matchers(pub Vec<Matcher>);

impl TryFrom<Vec<String>> for Matchers {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        let mut matchers = Vec::new();
        for text in texts {
            matchers.extend(parse_selector(&text).map_err(|error| format!("matchers: {error}"))?);
            if matchers.len() > MAX_MATCHERS {
                return Err(format!("matchers: there may be {MAX_MATCHERS}"));
            }
        }
        Ok(Self(matchers))
    }
}
