//! `GET /status`: how the daemon and what it depends on are doing, on one page.

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;

use super::{Daemon, clock, unreadable};
use crate::http::error::{ApiError, Success};
use crate::journal::{EpisodeFilter, JournalStatus, Pause, RunFilter};
use crate::model::{Timestamp, format_duration};
use crate::scoring::Request;

/// A dependency that does not answer in this time counts as not answering.
const PATIENCE: Duration = Duration::from_secs(2);

/// Everything about the daemon's own state.
#[derive(Serialize)]
pub(super) struct Status {
    version: &'static str,
    started_at: Timestamp,
    uptime: String,
    ready: bool,
    prometheus: Dependency,
    alertmanager: Option<Dependency>,
    journal: JournalStatus,
    scores: Scores,
    /// What learning is held back by on request.
    holds: Vec<Request>,
    remediation: Remediation,
}

#[derive(Serialize)]
struct Dependency {
    up: bool,
    /// The version it says it is, or why it does not answer.
    detail: String,
}

#[derive(Serialize)]
struct Scores {
    series: usize,
    anomalous: usize,
    newest: Option<Timestamp>,
}

#[derive(Serialize)]
struct Remediation {
    /// Who set the stop switch and when; `None`: it is not set.
    paused: Option<Pause>,
    episodes_firing: usize,
    runs_under_way: usize,
}

/// `GET /`: where to go.
pub(super) async fn index() -> &'static str {
    "smartcloudops\n\n/metrics  scores and self-metrics\n/status   how it is doing\n/explain  what fires, and why\n\
     /api/v1/openapi.json  every route\n"
}

pub(super) async fn status(State(daemon): State<Daemon>) -> Result<Success<Status>, ApiError> {
    let now = clock();
    let (prometheus, alertmanager) = tokio::join!(prometheus(&daemon), alertmanager(&daemon));
    let journal = &daemon.journal;
    let firing = journal.episodes(EpisodeFilter::firing());
    let open = journal.runs(RunFilter::open());
    Ok(Success(Status {
        version: env!("CARGO_PKG_VERSION"),
        started_at: daemon.started,
        uptime: format_duration(Duration::from_secs(now.since(daemon.started).as_secs())),
        ready: daemon.readiness.is_set(),
        prometheus,
        alertmanager,
        journal: journal.status(),
        scores: scores(&daemon),
        holds: daemon.holds.under_way(now),
        remediation: Remediation {
            paused: journal.paused().await.map_err(unreadable)?,
            episodes_firing: firing.await.map_err(unreadable)?.len(),
            runs_under_way: open.await.map_err(unreadable)?.len(),
        },
    }))
}

fn scores(daemon: &Daemon) -> Scores {
    let snapshot = daemon.exporter.snapshot();
    Scores {
        series: snapshot.len(),
        anomalous: snapshot.series().filter(|scored| scored.score.score >= 1.0).count(),
        newest: snapshot.series().map(|scored| scored.score.at).max(),
    }
}

async fn prometheus(daemon: &Daemon) -> Dependency {
    match tokio::time::timeout(PATIENCE, daemon.upstreams.load().prometheus.build_info()).await {
        Ok(Ok(info)) => Dependency { up: true, detail: info.version },
        Ok(Err(error)) => Dependency { up: false, detail: error.to_string() },
        Err(_) => silent(),
    }
}

async fn alertmanager(daemon: &Daemon) -> Option<Dependency> {
    let upstreams = daemon.upstreams.load_full();
    let (client, _) = upstreams.alertmanager.as_ref()?;
    Some(match tokio::time::timeout(PATIENCE, client.version()).await {
        Ok(Ok(version)) => Dependency { up: true, detail: version },
        Ok(Err(error)) => Dependency { up: false, detail: error.to_string() },
        Err(_) => silent(),
    })
}

fn silent() -> Dependency {
    Dependency { up: false, detail: format!("no answer within {}", format_duration(PATIENCE)) }
}
