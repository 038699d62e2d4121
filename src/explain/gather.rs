//! Reads what is known about firing alerts from the journal, the published scores and Prometheus.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::Config;
use super::evidence::Evidence;
use super::surroundings::surroundings;
use crate::exporter::Exporter;
use crate::journal::{EpisodeFilter, Journal, JournalError, RunFilter};
use crate::model::{Alert, AlertStatus, Decision, Episode, EpisodeId, Labels, Timestamp};
use crate::prometheus::Client;

/// Alerts explained at once; the rest is counted.
const MAX_ALERTS: usize = 100;
/// Firing episodes read at once.
const MAX_KNOWN: u32 = 10_000;
/// Runs read at once, the latest first.
const MAX_RUNS: u32 = 2000;
/// Episodes that are over and read for what is known from before, those heard of last first; and how far back.
const MAX_ENDED: u32 = 1000;
const PAST: Duration = Duration::from_secs(30 * 86_400);

/// What the evidence is read from.
#[derive(Clone, Copy)]
pub struct Sources<'s> {
    /// The durable record.
    pub journal: &'s Journal,
    /// The latest scores.
    pub exporter: &'s Exporter,
    /// Asked about expressions and changes.
    pub prometheus: &'s Client,
    /// What changes are looked for besides.
    pub config: &'s Config,
}

/// The evidence for every alert that fires, or for those of one name.
pub async fn gather(
    sources: Sources<'_>,
    name: Option<&str>,
    now: Timestamp,
) -> Result<Evidence, JournalError> {
    let mut episodes = sources.journal.episodes(firing()).await?;
    episodes.retain(|episode| name.is_none_or(|name| episode.alert.name() == name));
    collect(sources, episodes, now).await
}

/// The evidence for the alerts given, with the episode known for each where there is one.
pub async fn gather_for(
    alerts: Vec<Alert>,
    sources: Sources<'_>,
    now: Timestamp,
) -> Result<Evidence, JournalError> {
    let known = sources.journal.episodes(firing()).await?;
    let known: HashMap<&Labels, &Episode> =
        known.iter().map(|episode| (&episode.alert.labels, episode)).collect();
    let episode = |alert: Alert| {
        let found = known.get(&alert.labels).map(|episode| (*episode).clone());
        found.unwrap_or_else(|| unknown(alert, now))
    };
    let episodes = alerts.into_iter().map(episode).collect();
    collect(sources, episodes, now).await
}

fn firing() -> EpisodeFilter {
    EpisodeFilter { limit: MAX_KNOWN, ..EpisodeFilter::firing() }
}

fn unknown(alert: Alert, now: Timestamp) -> Episode {
    let id = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    Episode { id, alert, first_seen: now, last_seen: now, deliveries: 0, end_presumed: false }
}

async fn collect(
    sources: Sources<'_>,
    mut episodes: Vec<Episode>,
    now: Timestamp,
) -> Result<Evidence, JournalError> {
    episodes.sort_by_key(|episode| (episode.alert.starts_at, episode.id));
    let left_out = episodes.len().saturating_sub(MAX_ALERTS);
    episodes.truncate(MAX_ALERTS);
    let asked = surroundings(sources.prometheus, sources.config, &episodes, now);
    let (surroundings, recorded) = futures::join!(asked, recorded(sources.journal, &episodes, now));
    let recorded = recorded?;
    Ok(Evidence {
        at: now,
        left_out,
        surroundings,
        scores: sources.exporter.snapshot().series().cloned().collect(),
        episodes,
        queries: sources.config.queries.clone(),
        ..recorded
    })
}

/// What the journal knows of these episodes and of earlier ones.
async fn recorded(journal: &Journal, episodes: &[Episode], now: Timestamp) -> Result<Evidence, JournalError> {
    let ids: HashSet<EpisodeId> = episodes.iter().map(|episode| episode.id).collect();
    let mut decisions: HashMap<EpisodeId, Vec<Decision>> = HashMap::new();
    let ordered: Vec<EpisodeId> = episodes.iter().map(|episode| episode.id).collect();
    for decision in journal.decisions_for(&ordered).await? {
        decisions.entry(decision.episode).or_default().push(decision);
    }
    let earliest = episodes.iter().map(|episode| episode.first_seen).min();
    let since = earliest.map(|first| first.min(now - PAST));
    let (runs, past_runs) = match since {
        Some(_) => journal.runs(RunFilter { since, ..RunFilter::latest(MAX_RUNS) }).await?,
        None => Vec::new(),
    }
    .into_iter()
    .partition(|run| ids.contains(&run.plan.key.episode));
    let ended = EpisodeFilter { status: Some(AlertStatus::Resolved), since, limit: MAX_ENDED };
    let ended = if since.is_some() { journal.episodes(ended).await? } else { Vec::new() };
    let paused = journal.paused().await?.is_some();
    Ok(Evidence { decisions, runs, past_runs, ended, paused, ..Evidence::default() })
}
