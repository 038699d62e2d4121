//! Reads what is known about firing alerts from the journal and the published scores.

use std::collections::HashMap;

use crate::exporter::Exporter;
use crate::journal::{EpisodeFilter, Journal, JournalError, RunFilter};
use crate::model::{Alert, Decision, Episode, EpisodeId, Labels, Run, ScoredSeries, Timestamp};

/// Alerts explained at once; the rest is counted.
const MAX_ALERTS: usize = 100;
/// Firing episodes read at once.
const MAX_KNOWN: u32 = 10_000;
/// Runs read at once, the latest first.
const MAX_RUNS: u32 = 2000;

/// Everything an explanation rests on, read at one moment.
#[derive(Debug, Default)]
pub struct Evidence {
    /// When it was read.
    pub at: Timestamp,
    /// The episodes to explain, the longest-lasting first.
    pub episodes: Vec<Episode>,
    /// How many more there are.
    pub left_out: usize,
    /// Every decision taken about them.
    pub decisions: HashMap<EpisodeId, Vec<Decision>>,
    /// Runs that answer them.
    pub runs: Vec<Run>,
    /// The latest score of every watched series.
    pub scores: Vec<ScoredSeries>,
    /// Whether the stop switch is set.
    pub paused: bool,
}

/// The evidence for every alert that fires, or for those of one name.
pub async fn gather(
    journal: &Journal,
    exporter: &Exporter,
    name: Option<&str>,
    now: Timestamp,
) -> Result<Evidence, JournalError> {
    let mut episodes = journal.episodes(firing()).await?;
    episodes.retain(|episode| name.is_none_or(|name| episode.alert.name() == name));
    collect(journal, exporter, episodes, now).await
}

/// The evidence for the alerts given, with the episode known for each where there is one.
pub async fn gather_for(
    alerts: Vec<Alert>,
    journal: &Journal,
    exporter: &Exporter,
    now: Timestamp,
) -> Result<Evidence, JournalError> {
    let known = journal.episodes(firing()).await?;
    let known: HashMap<&Labels, &Episode> =
        known.iter().map(|episode| (&episode.alert.labels, episode)).collect();
    let episode = |alert: Alert| {
        let found = known.get(&alert.labels).map(|episode| (*episode).clone());
        found.unwrap_or_else(|| unknown(alert, now))
    };
    let episodes = alerts.into_iter().map(episode).collect();
    collect(journal, exporter, episodes, now).await
}

fn firing() -> EpisodeFilter {
    EpisodeFilter { limit: MAX_KNOWN, ..EpisodeFilter::firing() }
}

fn unknown(alert: Alert, now: Timestamp) -> Episode {
    let id = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    Episode { id, alert, first_seen: now, last_seen: now, deliveries: 0, end_presumed: false }
}

async fn collect(
    journal: &Journal,
    exporter: &Exporter,
    mut episodes: Vec<Episode>,
    now: Timestamp,
) -> Result<Evidence, JournalError> {
    episodes.sort_by_key(|episode| (episode.alert.starts_at, episode.id));
    let left_out = episodes.len().saturating_sub(MAX_ALERTS);
    episodes.truncate(MAX_ALERTS);
    let ids: Vec<EpisodeId> = episodes.iter().map(|episode| episode.id).collect();
    let mut decisions: HashMap<EpisodeId, Vec<Decision>> = HashMap::new();
    for decision in journal.decisions_for(&ids).await? {
        decisions.entry(decision.episode).or_default().push(decision);
    }
    let since = episodes.iter().map(|episode| episode.first_seen).min();
    let mut runs = journal.runs(RunFilter { since, ..RunFilter::latest(MAX_RUNS) }).await?;
    runs.retain(|run| ids.contains(&run.plan.key.episode));
    Ok(Evidence {
        at: now,
        episodes,
        left_out,
        decisions,
        runs,
        scores: exporter.snapshot().series().cloned().collect(),
        paused: journal.paused().await?.is_some(),
    })
}
