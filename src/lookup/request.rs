//! A checked look-up: its name and arguments, read once. Pure.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::LookupError;
use super::arguments::{
    Alerts, Anomalies, Decisions, Explain, Nothing, Query, QueryRange, Remediations, Rules, Targets, WhyScore,
};
use super::range::{self, Instant, Range};
use crate::logs::Filter;
use crate::model::Timestamp;

/// Bytes of all arguments together.
const MAX_ARGUMENTS: usize = 8 * 1024;

/// The name of a look-up: what a tool is called by, and the value of a metric's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// Alerts and since when they fire.
    Alerts,
    /// Series outside of their band.
    Anomalies,
    /// The score of one series taken apart.
    WhyScore,
    /// Why something was done about an alert, or was not.
    Decisions,
    /// What was done.
    Remediations,
    /// What waits for a person's approval.
    Approvals,
    /// What fires, explained.
    Explain,
    /// PromQL at one time.
    Query,
    /// PromQL over a range.
    QueryRange,
    /// Logs.
    Logs,
    /// What Prometheus scrapes.
    Targets,
    /// What rules Prometheus evaluates.
    Rules,
}

impl Name {
    /// Every look-up.
    pub const ALL: [Self; 12] = [
        Self::Alerts,
        Self::Anomalies,
        Self::WhyScore,
        Self::Decisions,
        Self::Remediations,
        Self::Approvals,
        Self::Explain,
        Self::Query,
        Self::QueryRange,
        Self::Logs,
        Self::Targets,
        Self::Rules,
    ];

    /// In lower case, with underscores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Anomalies => "anomalies",
            Self::WhyScore => "why_score",
            Self::Decisions => "decisions",
            Self::Remediations => "remediations",
            Self::Approvals => "approvals",
            Self::Explain => "explain",
            Self::Query => "query",
            Self::QueryRange => "query_range",
            Self::Logs => "logs",
            Self::Targets => "targets",
            Self::Rules => "rules",
        }
    }

    /// All names, for an error.
    pub(super) fn list() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One look-up, checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// See [`Name::Alerts`].
    Alerts(Alerts),
    /// See [`Name::Anomalies`].
    Anomalies(Anomalies),
    /// See [`Name::WhyScore`].
    WhyScore(WhyScore),
    /// See [`Name::Decisions`].
    Decisions(Decisions),
    /// See [`Name::Remediations`]; since when, and until when.
    Remediations(Remediations, Option<Timestamp>, Option<Timestamp>),
    /// See [`Name::Approvals`].
    Approvals,
    /// See [`Name::Explain`].
    Explain(Explain),
    /// See [`Name::Query`].
    Query(Instant),
    /// See [`Name::QueryRange`].
    QueryRange(Range),
    /// See [`Name::Logs`].
    Logs(Filter),
    /// See [`Name::Targets`].
    Targets(Targets),
    /// See [`Name::Rules`].
    Rules(Rules),
}

impl Lookup {
    /// A look-up of this name; `arguments` is a JSON object, or null where there are none. `now` is what times are
    /// counted back from.
    ///
    /// # Errors
    /// There is no such look-up, or an argument that it does not know, is missing or makes no sense.
    pub fn parse(name: &str, arguments: &Value, now: Timestamp) -> Result<Self, LookupError> {
        let known = Name::ALL.into_iter().find(|known| known.as_str() == name);
        let lookup = known.ok_or_else(|| LookupError::Unknown(super::finding::one_line(name, 60)))?;
        Self::read(lookup, arguments, now)
            .map_err(|fault| LookupError::Argument { lookup, fault: super::finding::one_line(&fault, 300) })
    }

    fn read(name: Name, arguments: &Value, now: Timestamp) -> Result<Self, String> {
        let given = object(arguments)?;
        Ok(match name {
            Name::Alerts => Self::Alerts(typed(given)?),
            Name::Anomalies => Self::Anomalies(anomalies(typed(given)?)?),
            Name::WhyScore => Self::WhyScore(typed(given)?),
            Name::Decisions => Self::Decisions(typed(given)?),
            Name::Remediations => remediations(typed(given)?, now)?,
            Name::Approvals => typed(given).map(|Nothing {}| Self::Approvals)?,
            Name::Explain => Self::Explain(typed(given)?),
            Name::Query => Self::Query(instant(typed(given)?, now)?),
            Name::QueryRange => Self::QueryRange(stretch(typed(given)?, now)?),
            Name::Logs => Self::Logs(Filter::read(texts(given)?, now).map_err(|error| error.to_string())?),
            Name::Targets => Self::Targets(typed(given)?),
            Name::Rules => Self::Rules(typed(given)?),
        })
    }

    /// Its name.
    pub fn name(&self) -> Name {
        match self {
            Self::Alerts(_) => Name::Alerts,
            Self::Anomalies(_) => Name::Anomalies,
            Self::WhyScore(_) => Name::WhyScore,
            Self::Decisions(_) => Name::Decisions,
            Self::Remediations(..) => Name::Remediations,
            Self::Approvals => Name::Approvals,
            Self::Explain(_) => Name::Explain,
            Self::Query(_) => Name::Query,
            Self::QueryRange(_) => Name::QueryRange,
            Self::Logs(_) => Name::Logs,
            Self::Targets(_) => Name::Targets,
            Self::Rules(_) => Name::Rules,
        }
    }
}

/// A model leaves out arguments as `null` or as an empty text.
fn object(arguments: &Value) -> Result<Map<String, Value>, String> {
    let given = match arguments {
        Value::Null => Map::new(),
        Value::Object(given) => given.clone(),
        _ => return Err("the arguments must be a JSON object".to_owned()),
    };
    if arguments.to_string().len() > MAX_ARGUMENTS {
        return Err(format!("the arguments are longer than {MAX_ARGUMENTS} bytes"));
    }
    let is_given = |value: &Value| !value.is_null() && value.as_str() != Some("");
    Ok(given.into_iter().filter(|(_, value)| is_given(value)).collect())
}

fn typed<T: DeserializeOwned>(given: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(given)).map_err(|error| error.to_string())
}

/// Arguments that are read as the parameters of a route are.
fn texts(given: Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(number) => Ok((name, number.to_string())),
        _ => Err(format!("the argument {name} must be a text or a number")),
    };
    given.into_iter().map(text).collect()
}

fn anomalies(asked: Anomalies) -> Result<Anomalies, String> {
    match asked.min_score {
        Some(score) if score < 0.0 => Err("min_score must be at least 0".to_owned()),
        _ => Ok(asked),
    }
}

fn remediations(asked: Remediations, now: Timestamp) -> Result<Lookup, String> {
    let since = range::time("since", asked.since.as_deref(), now)?;
    let until = range::time("until", asked.until.as_deref(), now)?;
    Ok(Lookup::Remediations(asked, since, until))
}

fn instant(Query { expr, at }: Query, now: Timestamp) -> Result<Instant, String> {
    Instant::new(expr, range::time("at", at.as_deref(), now)?, now)
}

fn stretch(QueryRange { expr, since, until, step }: QueryRange, now: Timestamp) -> Result<Range, String> {
    let since = range::time("since", since.as_deref(), now)?;
    let until = range::time("until", until.as_deref(), now)?;
    Range::new(expr, (since, until), step.as_deref(), now)
}
