//! `GET /status`: how the daemon and what it depends on are doing, on one page, for programs and for people.

mod dependencies;
mod models;
mod queues;
mod recorded;
mod text;

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::accept::Form;
use super::{Daemon, clock};
use crate::journal::{JournalStatus, Pause};
use crate::metrics::daemon::revision;
use crate::model::{Timestamp, format_duration};
use crate::scoring::Request;

use dependencies::Dependency;
use models::{Model, Scores};
use queues::Queue;
use recorded::Recorded;

/// A dependency that does not answer in this time counts as not answering.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// Overrides the `Accept` header.
    format: Option<Form>,
}

/// Everything about the daemon's own state.
#[derive(Serialize)]
pub(super) struct Status {
    version: &'static str,
    revision: &'static str,
    started_at: Timestamp,
    uptime: String,
    ready: bool,
    config: Configuration,
    /// Whatever is configured, each with its version or its trouble.
    dependencies: Vec<Dependency>,
    /// The one of this name among them.
    prometheus: Option<Dependency>,
    /// The same; `None`: none is configured.
    alertmanager: Option<Dependency>,
    journal: JournalStatus,
    queues: Vec<Queue>,
    scores: Scores,
    models: Vec<Model>,
    /// What learning is held back by on request.
    holds: Vec<Request>,
    remediation: Remediation,
}

/// The configuration file.
#[derive(Serialize)]
struct Configuration {
    /// Whether it was valid when it was last read. The log says what is wrong with it.
    ok: bool,
    /// Since when the one in force is; `None`: the daemon is starting.
    loaded_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Remediation {
    /// `leading`, or `standing by` where another replica leads.
    role: &'static str,
    /// Who set the stop switch and when; `None`: it is not set, or the journal cannot be read.
    paused: Option<Pause>,
    /// `None`, as the following: the journal cannot be read.
    episodes_firing: Option<usize>,
    runs_under_way: Option<usize>,
    approvals_pending: Option<usize>,
}

/// `GET /`: where to go.
pub(super) async fn index() -> &'static str {
    "smartcloudops\n\n/metrics  scores and self-metrics\n/status   how it is doing\n/explain  what fires, and why\n\
     /logs     what was logged\n/api/v1/openapi.json  every route\n"
}

pub(super) async fn status(
    State(daemon): State<Daemon>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Response {
    let now = clock();
    let (dependencies, recorded) = tokio::join!(dependencies::ask(&daemon), recorded::read(&daemon.journal));
    let status = Status::of(&daemon, dependencies, recorded, now);
    Form::wanted(parameters.format, &headers).answer(status, |status| text::render(status, now))
}

impl Status {
    fn of(
        daemon: &Daemon,
        dependencies: Vec<Dependency>,
        recorded: Option<Recorded>,
        now: Timestamp,
    ) -> Self {
        let journal = daemon.journal.status();
        let (ok, loaded_at) = daemon.daemon_metrics.config_state();
        let models = models::list(daemon, now);
        let named = |name: &str| dependencies.iter().find(|one| one.name == name).cloned();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            revision: revision(),
            started_at: daemon.started,
            uptime: format_duration(Duration::from_secs(now.since(daemon.started).as_secs())),
            ready: daemon.readiness.is_set(),
            config: Configuration { ok, loaded_at },
            prometheus: named("prometheus"),
            alertmanager: named("alertmanager"),
            queues: queues::list(&journal, recorded.as_ref(), daemon.inquiries.waiting(), now),
            scores: Scores::of(daemon, &models),
            holds: daemon.holds.under_way(now),
            remediation: Remediation::of(&journal, recorded),
            dependencies,
            journal,
            models,
        }
    }
}

impl Remediation {
    fn of(journal: &JournalStatus, recorded: Option<Recorded>) -> Self {
        let count = |count: fn(&Recorded) -> usize| recorded.as_ref().map(count);
        Self {
            role: if journal.leads { "leading" } else { "standing by" },
            episodes_firing: count(|recorded| recorded.episodes_firing),
            runs_under_way: count(|recorded| recorded.runs.len()),
            approvals_pending: count(|recorded| recorded.approvals.len()),
            paused: recorded.and_then(|recorded| recorded.paused),
        }
    }
}
