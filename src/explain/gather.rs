//! Reads what is known about firing alerts from the journal, the published scores and Prometheus.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use super::Config;
use super::answers::{Answers, paced};
use super::causes::in_common;
use super::dependencies::dependencies;
use super::evidence::Evidence;
use super::evidence::Surroundings;
use super::graph::Dependencies;
use super::relate::is_odd;
use super::reporters::{self, Reporters};
use super::surroundings::{Asked, PATIENCE, surroundings};
use crate::exporter::Exporter;
use crate::journal::{EpisodeFilter, Journal, JournalError, RunFilter};
use crate::model::{Alert, AlertStatus, Decision, Episode, EpisodeId, Labels, ScoredSeries, Timestamp};
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
/// An alert that begins so much later by its sender's clock has begun.
const SKEW: Duration = Duration::from_secs(2);

/// What the evidence is read from.
#[derive(Clone, Copy)]
pub struct Sources<'s> {
    /// The durable record.
    pub journal: &'s Journal,
    /// The latest scores.
    pub exporter: &'s Exporter,
    /// Asked about expressions and changes.
    pub prometheus: &'s Client,
    /// What it answered a moment ago.
    pub answers: &'s Answers,
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
    Episode { id, alert: alert.into(), first_seen: now, last_seen: now, deliveries: 0, end_presumed: false }
}

async fn collect(
    sources: Sources<'_>,
    mut episodes: Vec<Episode>,
    now: Timestamp,
) -> Result<Evidence, JournalError> {
    episodes.sort_by_key(|episode| (episode.alert.starts_at, episode.id));
    let left_out = episodes.len().saturating_sub(MAX_ALERTS);
    episodes.truncate(MAX_ALERTS);
    let Sources { journal, prometheus, answers, config, .. } = sources;
    let asked = Asked { client: prometheus, answers, deadline: Instant::now() + PATIENCE };
    let present = present(&episodes, now);
    let (mut surroundings, (dependencies, troubles), recorded) = futures::join!(
        surroundings(asked, config, &episodes, present),
        told(asked, config, &episodes, present),
        recorded(journal, &episodes, now),
    );
    troubles.into_iter().for_each(|trouble| surroundings.note(trouble));
    let recorded = recorded?;
    let snapshot = sources.exporter.snapshot();
    let scores: Vec<ScoredSeries> = snapshot.series().filter(|scored| is_odd(scored)).cloned().collect();
    let reporters = reporters(asked, (&episodes, &scores, &mut surroundings), present).await;
    Ok(Evidence {
        at: now,
        left_out,
        surroundings,
        dependencies,
        calm: snapshot.series().count() - scores.len(),
        scores,
        common: in_common(&episodes, snapshot.series(), &reporters),
        reporters,
        episodes,
        queries: sources.config.queries.clone(),
        ..recorded
    })
}

/// As of when Prometheus is asked: a moment ago, unless an alert has begun since.
fn present(episodes: &[Episode], now: Timestamp) -> Timestamp {
    let paced = paced(now);
    let begun = |at: Timestamp| at > paced && at <= now + SKEW;
    if episodes.iter().any(|episode| begun(episode.alert.starts_at)) { now } else { paced }
}

/// What the graph says, where there is one.
async fn told(
    asked: Asked<'_>,
    config: &Config,
    episodes: &[Episode],
    now: Timestamp,
) -> (Dependencies, Vec<String>) {
    match &config.graph {
        Some(graph) => dependencies(asked, graph, episodes, now).await,
        None => Default::default(),
    }
}

/// The targets that speak for others, of all that the evidence has.
async fn reporters(
    asked: Asked<'_>,
    (episodes, scores, surroundings): (&[Episode], &[ScoredSeries], &mut Surroundings),
    now: Timestamp,
) -> Reporters {
    let alerts = episodes.iter().map(|episode| &episode.alert.labels);
    let series = alerts.chain(scores.iter().map(|scored| &scored.labels));
    let series = series.chain(surroundings.changes.iter().map(|change| &change.labels));
    let Some(question) = reporters::question(series) else { return Reporters::default() };
    match asked.instant(&question, now).await {
        Ok(answer) => Reporters::read(&answer),
        Err(trouble) => {
            surroundings.note(trouble);
            Reporters::default()
        }
    }
}

/// What the journal knows of these episodes and of earlier ones.
async fn recorded(journal: &Journal, episodes: &[Episode], now: Timestamp) -> Result<Evidence, JournalError> {
    let ids: HashSet<EpisodeId> = episodes.iter().map(|episode| episode.id).collect();
    let ordered: Vec<EpisodeId> = episodes.iter().map(|episode| episode.id).collect();
    let earliest = episodes.iter().map(|episode| episode.first_seen).min();
    let since = earliest.map(|first| first.min(now - PAST));
    let runs = async {
        let Some(since) = since else { return Ok(Vec::new()) };
        journal.runs(RunFilter { since: Some(since), ..RunFilter::latest(MAX_RUNS) }).await
    };
    let ended = async {
        let filter = EpisodeFilter { status: Some(AlertStatus::Resolved), since, limit: MAX_ENDED };
        if since.is_some() { journal.episodes(filter).await } else { Ok(Vec::new()) }
    };
    let (taken, runs, ended, paused) =
        futures::try_join!(journal.decisions_for(&ordered), runs, ended, journal.paused())?;
    let mut decisions: HashMap<EpisodeId, Vec<Decision>> = HashMap::new();
    for decision in taken {
        decisions.entry(decision.episode).or_default().push(decision);
    }
    let (runs, past_runs) = runs.into_iter().partition(|run| ids.contains(&run.plan.key.episode));
    let paused = paused.is_some();
    Ok(Evidence { decisions, runs, past_runs, ended, paused, ..Evidence::default() })
}
