//! Settings of the scoring loop.

use std::sync::Arc;
use std::time::Duration;

use crate::detect;
use crate::model::MaintenanceWindow;

use super::holds::WhileFiring;

/// The shortest time for which a missing series is judged by default.
const VANISHED_AFTER: Duration = Duration::from_secs(600);
/// The same in intervals: after eight, absence is an event for a series that has been known for half a day.
const VANISHED_AFTER_INTERVALS: u32 = 10;

/// What is watched, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Between two evaluations of a query. Default 1 min.
    pub interval: Duration,
    /// How much history is read at the start, so that scores come at once. At least an interval. Default 14 days.
    pub history: Duration,
    /// Series scored at most, over all queries. Default 50,000.
    pub max_series: usize,
    /// Range queries under way at once while the history is read. Default 2.
    pub backfill_concurrency: usize,
    /// How long a missing series is judged and stays on `/metrics`, with its score and state alone. At least an
    /// interval. Default 10 min, and 10 intervals at least.
    pub vanished_after: Duration,
    /// How often the state is written to the storage folder. Default 10 min.
    pub snapshot_interval: Duration,
    /// When nothing is learnt and nothing alarms. Default never.
    pub maintenance: Arc<[MaintenanceWindow]>,
    /// In the order of the file; presets follow.
    pub queries: Vec<Query>,
    /// Models of several series at once, in the order of the file. Default none.
    pub models: Vec<GroupModel>,
}

impl Config {
    /// The default of `vanished_after`.
    pub fn usual_vanished_after(interval: Duration) -> Duration {
        VANISHED_AFTER.max(interval * VANISHED_AFTER_INTERVALS)
    }
}

/// One watched query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The label `query` of its scores: unique, `[a-zA-Z_][a-zA-Z0-9_]*`.
    pub name: String,
    /// What is watched, evaluated as an instant vector; each series of the result has a score.
    pub expr: String,
    /// Metric names that must exist for the query to make sense; empty for the user's own queries.
    pub requires: Vec<String>,
    /// Whether the expected value and the band around it are published beside the score. Default true.
    pub with_band: bool,
    /// `auto`; `seasonal`, a profile of the time of day and week at a tenth of the cost; or `prophet`, a trend with
    /// smooth seasons and holidays, fitted anew every day. Default `auto`.
    pub model: detect::Model,
    /// The alerts that hold learning back. Default none.
    pub while_firing: Option<WhileFiring>,
    /// What counts as an anomaly.
    pub detect: detect::Config,
}

#[cfg(test)]
impl Query {
    /// A query of tests: `auto` with every setting at its default.
    pub(crate) fn plain(name: &str, expr: &str, interval: Duration) -> Self {
        Self {
            name: name.to_owned(),
            expr: expr.to_owned(),
            requires: Vec::new(),
            with_band: true,
            model: detect::Model::Auto,
            while_firing: None,
            detect: detect::Config::plain(interval),
        }
    }
}

/// A model that scores groups of series together.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupModel {
    /// The value of the label `query`: unique among queries and models, `[a-zA-Z_][a-zA-Z0-9_]*`.
    pub name: String,
    /// Which model.
    pub kind: detect::GroupKind,
    /// Queries, of yours or of the presets in use, whose series are the members. At most 64, each once.
    pub members: Vec<MemberQuery>,
    /// Labels that the series of a group share. `[]` makes all series one group. At most 16.
    pub group_by: Vec<String>,
    /// The time between two forests, and between two looks at who belongs to a group. Default a day.
    pub retrain_every: Duration,
    /// The interval and the false-alarm budget of a group.
    pub detect: detect::Config,
}

/// A query as a model asks it.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberQuery {
    /// The query's name.
    pub name: String,
    /// Its expression.
    pub expr: String,
    /// The alerts that hold its learning back, and so that of the group.
    pub while_firing: Option<WhileFiring>,
}

impl GroupModel {
    /// Its queries and how their series are grouped, in one line.
    pub fn definition(&self) -> String {
        let members = self.members.iter().map(|member| format!("{}: {}", member.name, member.expr));
        format!("{} by ({})", members.collect::<Vec<_>>().join("; "), self.group_by.join(", "))
    }
}
