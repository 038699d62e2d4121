//! The routes of the public contract. A handler extracts, parses, asks one stage and answers.

mod accept;
mod alerts;
mod anomalies;
mod approvals;
mod explain;
mod holds;
mod lifecycle;
mod logs;
mod mcp;
mod metrics;
mod openapi;
mod policies;
mod query;
mod remediations;
mod slack;
mod status;
mod webhook;
mod why;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use axum::Router;
use axum::routing::{delete, get, post};
use prometheus_client::registry::Registry;

use crate::chat::Chat;
use crate::exporter::Exporter;
use crate::journal::{Journal, JournalError};
use crate::llm;
use crate::lookup::Lookups;
use crate::metrics::daemon::DaemonMetrics;
use crate::metrics::http::{MethodLabel, Route};
use crate::metrics::llm::LlmMetrics;
use crate::metrics::scoring::ScoringMetrics;
use crate::metrics::webhook::WebhookMetrics;
use crate::model::Timestamp;
use crate::remediation;
use crate::scoring;
use crate::upstreams::Upstreams;

use super::config::Scope;
use super::error::{ApiError, ErrorKind};
use super::identity::{require, time_limit};

pub use lifecycle::{Readiness, Reload, ReloadRequest};
pub use slack::{Answerer, Slack};

/// Every route with the methods it serves, for the metrics and the OpenAPI test.
pub const ROUTES: &[Route] = &[
    served("/", GET),
    served("/metrics", GET),
    served("/-/healthy", GET),
    served("/-/ready", GET),
    served("/-/reload", POST),
    served("/webhook", POST),
    served("/explain", BOTH),
    served("/slack/command", POST),
    served("/slack/interactive", POST),
    served("/status", GET),
    served("/logs", GET),
    served("/query", &[MethodLabel::Post, MethodLabel::Delete]),
    served("/mcp", POST),
    served("/api/v1/anomalies", GET),
    served("/api/v1/anomalies/why", GET),
    served("/api/v1/alerts", GET),
    served("/api/v1/remediations", GET),
    served("/api/v1/remediations/{id}", GET),
    served("/api/v1/policies", GET),
    served("/api/v1/approvals", BOTH),
    served("/api/v1/approvals/{id}", BOTH),
    served("/api/v1/remediation/pause", POST),
    served("/api/v1/remediation/resume", POST),
    served("/api/v1/scoring/hold", POST),
    served("/api/v1/scoring/hold/{id}", DELETE),
    served("/api/v1/openapi.json", GET),
];

const GET: &[MethodLabel] = &[MethodLabel::Get];
const POST: &[MethodLabel] = &[MethodLabel::Post];
const DELETE: &[MethodLabel] = &[MethodLabel::Delete];
const BOTH: &[MethodLabel] = &[MethodLabel::Get, MethodLabel::Post];

const fn served(path: &'static str, methods: &'static [MethodLabel]) -> Route {
    Route { path, methods }
}

/// Read routes give up after this.
const READ_LIMIT: Duration = Duration::from_secs(30);

/// An answer to a question may wait for a language model, and then for look-ups.
const CHAT_LIMIT: Duration = Duration::from_secs(120);

/// What the routes are served from. Cheap to clone.
#[derive(Clone)]
pub struct Daemon {
    /// Encoded by `/metrics`.
    pub registry: Arc<Registry>,
    /// The latest scores.
    pub exporter: Exporter,
    /// The durable record.
    pub journal: Journal,
    /// Woken by deliveries, paused and resumed.
    pub remediation: remediation::Handle,
    /// Asked why a series has its score.
    pub inquiries: scoring::Inquiries,
    /// Begun and released.
    pub holds: scoring::Requests,
    /// Counts deliveries.
    pub webhook_metrics: WebhookMetrics,
    /// Asked by `/status` whether they answer, and by `/explain` what happened.
    pub upstreams: Arc<ArcSwap<Upstreams>>,
    /// What explanations look at besides.
    pub explain: Arc<ArcSwap<crate::explain::Config>>,
    /// Asked for summaries.
    pub llm: llm::Client,
    /// Counts what of them is struck.
    pub llm_metrics: LlmMetrics,
    /// Asked by `/query`.
    pub chat: Chat,
    /// When the configuration was last read.
    pub daemon_metrics: DaemonMetrics,
    /// When each query was last evaluated.
    pub scoring_metrics: ScoringMetrics,
    /// Reads what was logged.
    pub logs: crate::logs::Reader,
    /// Answers questions of MCP clients.
    pub lookups: Lookups,
    /// Believes and answers Slack.
    pub slack: Slack,
    /// Set once everything has started.
    pub readiness: Readiness,
    /// Asks the app to read the configuration again.
    pub reload: Reload,
    /// When the process started.
    pub started: Timestamp,
}

/// All routes over `daemon`.
pub fn router(daemon: Daemon) -> Router {
    let read = |route| require(Scope::Read, time_limit(READ_LIMIT, route));
    let approvals = read(get(approvals::list)).merge(require(Scope::Operate, post(approvals::request)));
    let approval = read(get(approvals::one)).merge(require(Scope::Operate, post(approvals::answer)));
    let chat = post(query::ask).delete(query::forget);
    let chat = require(Scope::Chat, time_limit(CHAT_LIMIT, chat));
    Router::new()
        .route("/", read(get(status::index)))
        .route("/metrics", read(get(metrics::metrics)))
        .route("/-/healthy", get(lifecycle::healthy))
        .route("/-/ready", get(lifecycle::ready))
        .route("/-/reload", require(Scope::Operate, post(lifecycle::reload)))
        .route("/webhook", require(Scope::Alerts, post(webhook::receive)))
        .route("/explain", read(get(explain::firing).post(explain::posted)))
        .route("/slack/command", post(slack::command))
        .route("/slack/interactive", post(slack::interactive))
        .route("/status", read(get(status::status)))
        .route("/logs", read(get(logs::read)))
        .route("/query", chat)
        .route("/mcp", require(Scope::Chat, time_limit(READ_LIMIT, mcp::route(&daemon))))
        .route("/api/v1/anomalies", read(get(anomalies::list)))
        .route("/api/v1/anomalies/why", read(get(why::why)))
        .route("/api/v1/alerts", read(get(alerts::list)))
        .route("/api/v1/remediations", read(get(remediations::list)))
        .route("/api/v1/remediations/{id}", read(get(remediations::one)))
        .route("/api/v1/policies", read(get(policies::list)))
        .route("/api/v1/approvals", approvals)
        .route("/api/v1/approvals/{id}", approval)
        .route("/api/v1/remediation/pause", require(Scope::Operate, post(remediations::pause)))
        .route("/api/v1/remediation/resume", require(Scope::Operate, post(remediations::resume)))
        .route("/api/v1/scoring/hold", require(Scope::Operate, post(holds::begin)))
        .route("/api/v1/scoring/hold/{id}", require(Scope::Operate, delete(holds::release)))
        .route("/api/v1/openapi.json", read(get(openapi::document)))
        .with_state(daemon)
}

/// The wall clock, read once a request.
fn clock() -> Timestamp {
    SystemTime::now().into()
}

/// The journal cannot be read: the caller may come again.
fn unreadable(error: JournalError) -> ApiError {
    ApiError::new(ErrorKind::Unavailable, "the journal cannot be read").because(&error)
}
