//! Why remediation acted, or did not.

use std::collections::HashMap;

use super::arguments::Decisions;
use super::{Finding, LookupError, Lookups};
use crate::explain::DecisionStory;
use crate::journal::EpisodeFilter;
use crate::model::{Decision, Episode, EpisodeId, Timestamp};

/// Episodes looked at, those heard of last.
const MAX_EPISODES: u32 = 500;

impl Lookups {
    pub(super) async fn decisions(&self, asked: &Decisions, now: Timestamp) -> Result<Finding, LookupError> {
        let episodes = self.sources.journal.episodes(EpisodeFilter::latest(MAX_EPISODES)).await?;
        let ids: Vec<EpisodeId> = episodes.iter().map(|episode| episode.id).collect();
        let decisions = self.sources.journal.decisions_for(&ids).await?;
        let paused = self.sources.journal.paused().await?.is_some();
        Ok(found(&episodes, decisions, asked, paused, now))
    }
}

fn found(
    episodes: &[Episode],
    decisions: Vec<Decision>,
    asked: &Decisions,
    paused: bool,
    now: Timestamp,
) -> Finding {
    let known: HashMap<EpisodeId, &Episode> = episodes.iter().map(|episode| (episode.id, episode)).collect();
    let mut lines: Vec<(bool, Timestamp, String)> = Vec::new();
    let mut of_each: HashMap<EpisodeId, Vec<Decision>> = HashMap::new();
    for decision in decisions {
        of_each.entry(decision.episode).or_default().push(decision);
    }
    for (id, decisions) in of_each {
        let Some(episode) = known.get(&id) else { continue };
        if asked.alert.as_deref().is_some_and(|name| name != episode.alert.name()) {
            continue;
        }
        for story in DecisionStory::latest_of_each_policy(&decisions) {
            if is_about(asked.about.as_deref(), episode, &story) {
                lines.push((episode.is_firing(), story.at, line(episode, &story)));
            }
        }
    }
    lines.sort_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
    let switch = if paused { " The stop switch is set: nothing new is begun." } else { "" };
    let title = format!("{} decisions, as of {now}.{switch}", lines.len());
    let more = lines.len().saturating_sub(asked.limit.0);
    Finding::new(&title, lines.into_iter().take(asked.limit.0).map(|(_, _, line)| line)).and_more(more)
}

fn is_about(about: Option<&str>, episode: &Episode, story: &DecisionStory) -> bool {
    about.is_none_or(|about| {
        story.target.as_deref() == Some(about)
            || story.policy.as_deref() == Some(about)
            || episode.alert.labels.iter().any(|(_, value)| value == about || host(value) == about)
    })
}

/// The part of an address before its port.
fn host(value: &str) -> &str {
    value.rsplit_once(':').map_or(value, |(host, _)| host)
}

fn line(episode: &Episode, story: &DecisionStory) -> String {
    let state = if episode.is_firing() { "fires" } else { "has ended" };
    let asked: Vec<String> = story
        .checks
        .iter()
        .map(|check| {
            let said = if check.passed { "passes" } else { "stands against it" };
            format!("{} {said} ({})", check.guard, check.value)
        })
        .collect();
    let guards = if asked.is_empty() { String::new() } else { format!(" Guards: {}.", asked.join(", ")) };
    format!(
        "{} {} ({state}), decided at {}: {}{guards}",
        episode.alert.name(),
        episode.alert.labels.without(&["alertname"]),
        story.at,
        story.sentence
    )
}
