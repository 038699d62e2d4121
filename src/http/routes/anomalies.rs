//! `GET /api/v1/anomalies`: what is anomalous now, the highest score first; of a group also its members, the
//! one whose own episode began first before the others.

mod contributors;

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

pub(super) use self::contributors::{Contributor, OwnScores};
use super::Daemon;
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::model::ScoredSeries;

/// Series listed unless the caller asks for another number.
const DEFAULT_LIMIT: usize = 100;
/// Series listed at most.
const MAX_LIMIT: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// Scores below this are left out. Default 1.
    min_score: Option<f64>,
    /// Only this query.
    query: Option<String>,
    limit: Option<usize>,
}

/// One anomaly.
#[derive(Serialize)]
pub(super) struct Anomaly {
    #[serde(flatten)]
    scored: ScoredSeries,
    /// Of a group's score: what it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    contributors: Option<Vec<Contributor>>,
}

pub(super) async fn list(
    State(daemon): State<Daemon>,
    Query(parameters): Query<Parameters>,
) -> Result<Success<Vec<Anomaly>>, ApiError> {
    let min_score = parameters.min_score.unwrap_or(1.0);
    if min_score.is_nan() {
        return Err(ApiError::new(ErrorKind::BadData, "min_score must be a number"));
    }
    let snapshot = daemon.exporter.snapshot();
    let wanted = |scored: &&ScoredSeries| {
        scored.score.score >= min_score
            && parameters.query.as_ref().is_none_or(|name| **name == *scored.query)
    };
    let mut found: Vec<ScoredSeries> = snapshot.series().filter(wanted).cloned().collect();
    found.sort_by(|a, b| b.score.score.total_cmp(&a.score.score));
    found.truncate(parameters.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT));
    let own = OwnScores::of(found.iter().filter_map(|it| it.contributions.as_deref()), snapshot.series());
    let anomaly = |scored: ScoredSeries| {
        let contributors = scored.contributions.as_ref().map(|parts| own.contributors(parts));
        Anomaly { contributors, scored }
    };
    Ok(Success(found.into_iter().map(anomaly).collect()))
}
