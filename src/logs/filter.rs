//! Which records are asked for: read once out of named parameters, whoever brings them. Pure.

use super::record::{Record, Source};
use super::times;
use crate::log::Level;
use crate::model::Timestamp;

/// Records of one answer unless another number is asked for.
const DEFAULT_LIMIT: usize = 200;
/// Records of one answer at most.
pub const MAX_LIMIT: usize = 1000;
/// Longest service and longest text that can be asked for, in bytes.
const MAX_TEXT: usize = 256;
/// The names of the parameters.
const NAMES: &str = "source, service, level, since, until, contains and limit";

/// Which records are asked for. Every condition must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Who has them. Default: the daemon.
    pub source: Source,
    /// Who speaks: a module of the daemon; a policy, its target or what a step acts on; a service in Loki. `None`:
    /// anybody.
    pub service: Option<String>,
    /// How severe they are at least. `None`: also where nobody says.
    pub level: Option<Level>,
    /// The first time. `None`: as early as there is something; in Loki one hour before `until`.
    pub since: Option<Timestamp>,
    /// The last time, itself included. `None`: now.
    pub until: Option<Timestamp>,
    /// A plain text that they hold, whatever its case. `None`: any.
    pub contains: Option<String>,
    /// At most so many, the newest: from 1 to 1,000. Default 200.
    pub limit: usize,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            source: Source::default(),
            service: None,
            level: None,
            since: None,
            until: None,
            contains: None,
            limit: DEFAULT_LIMIT,
        }
    }
}

/// Why a filter cannot be made of what was asked. Names the parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// There is no such parameter.
    #[error("there is no parameter '{0}'; the parameters are {NAMES}")]
    Unknown(String),
    /// A parameter is given more than once.
    #[error("the parameter {0} is given twice")]
    Twice(&'static str),
    /// A value makes no sense.
    #[error("the parameter {0} {1}")]
    Bad(&'static str, String),
}

impl Filter {
    /// Reads parameters as `GET /logs` has them; `now` is what times are counted back from.
    pub fn read<N, V>(
        parameters: impl IntoIterator<Item = (N, V)>,
        now: Timestamp,
    ) -> Result<Self, FilterError>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut reading = Reading { filter: Self::default(), given: Vec::new(), now };
        for (name, value) in parameters {
            reading.take(name.as_ref(), value.as_ref())?;
        }
        let filter = reading.filter;
        if filter.since.zip(filter.until).is_some_and(|(since, until)| since > until) {
            return Err(FilterError::Bad("since", "is later than until".to_owned()));
        }
        Ok(filter)
    }

    /// Whether a record is severe enough, of the times asked for, and holds the text.
    pub(super) fn admits(&self, record: &Record) -> bool {
        let severe = self.level.is_none_or(|least| record.level.is_some_and(|level| level >= least));
        severe && self.admits_time(record.time) && self.admits_text(record)
    }

    /// Whether a time is one of those asked for.
    pub(super) fn admits_time(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time <= until)
    }

    fn admits_text(&self, record: &Record) -> bool {
        let Some(text) = &self.contains else { return true };
        let text = text.to_lowercase();
        let holds = |part: &str| part.to_lowercase().contains(&text);
        holds(&record.message) || holds(&record.service) || record.fields.values().any(|value| holds(value))
    }
}

/// A filter under way.
struct Reading {
    filter: Filter,
    given: Vec<&'static str>,
    now: Timestamp,
}

impl Reading {
    fn take(&mut self, name: &str, value: &str) -> Result<(), FilterError> {
        let (filter, now) = (&mut self.filter, self.now);
        let (name, taken) = match name {
            "source" => ("source", source(value).map(|source| filter.source = source)),
            "service" => ("service", text(value).map(|text| filter.service = Some(text))),
            "level" => ("level", level(value).map(|level| filter.level = Some(level))),
            "since" => ("since", times::read(value, now).map(|time| filter.since = Some(time))),
            "until" => ("until", times::read(value, now).map(|time| filter.until = Some(time))),
            "contains" => ("contains", text(value).map(|text| filter.contains = Some(text))),
            "limit" => ("limit", limit(value).map(|limit| filter.limit = limit)),
            other => return Err(FilterError::Unknown(other.chars().take(40).collect())),
        };
        if self.given.contains(&name) {
            return Err(FilterError::Twice(name));
        }
        self.given.push(name);
        taken.map_err(|reason| FilterError::Bad(name, reason))
    }
}

fn source(value: &str) -> Result<Source, String> {
    let found = Source::ALL.into_iter().find(|source| source.as_str() == value);
    found.ok_or_else(|| "is not one of daemon, remediation, loki".to_owned())
}

fn level(value: &str) -> Result<Level, String> {
    value.parse::<Level>().map_err(|error| error.to_string())
}

fn text(value: &str) -> Result<String, String> {
    match value.len() {
        0 => Err("is empty; leave it out".to_owned()),
        1..=MAX_TEXT => Ok(value.to_owned()),
        length => Err(format!("has {length} bytes, which is more than {MAX_TEXT}")),
    }
}

fn limit(value: &str) -> Result<usize, String> {
    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| format!("must be a whole number from 1 to {MAX_LIMIT}"))
}

#[cfg(test)]
mod tests;
