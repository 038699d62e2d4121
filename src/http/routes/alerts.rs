//! `GET /api/v1/alerts`: the alerts known, with the decision taken for each and its reason.

use std::collections::HashMap;

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::{Daemon, unreadable};
use crate::http::error::{ApiError, Success};
use crate::journal::EpisodeFilter;
use crate::model::{Decision, Episode, EpisodeId};

/// Episodes listed unless the caller asks for another number.
const DEFAULT_LIMIT: u32 = 1000;
/// Episodes listed at most.
const MAX_LIMIT: u32 = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// `firing` (the default) or `all`.
    #[serde(default)]
    state: StateFilter,
    limit: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StateFilter {
    #[default]
    Firing,
    All,
}

#[derive(Serialize)]
pub(super) struct KnownAlert {
    #[serde(flatten)]
    episode: Episode,
    decisions: Vec<Decision>,
}

pub(super) async fn list(
    State(daemon): State<Daemon>,
    Query(parameters): Query<Parameters>,
) -> Result<Success<Vec<KnownAlert>>, ApiError> {
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    let filter = match parameters.state {
        StateFilter::Firing => EpisodeFilter { limit, ..EpisodeFilter::firing() },
        StateFilter::All => EpisodeFilter::latest(limit),
    };
    let episodes = daemon.journal.episodes(filter).await.map_err(unreadable)?;
    let ids: Vec<EpisodeId> = episodes.iter().map(|episode| episode.id).collect();
    let mut decisions: HashMap<EpisodeId, Vec<Decision>> = HashMap::new();
    for decision in daemon.journal.decisions_for(&ids).await.map_err(unreadable)? {
        decisions.entry(decision.episode).or_default().push(decision);
    }
    let known = |episode: Episode| KnownAlert {
        decisions: decisions.remove(&episode.id).unwrap_or_default(),
        episode,
    };
    Ok(Success(episodes.into_iter().map(known).collect()))
}
