//! What was known of an alert before: earlier episodes of the same name, and what was done about them. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::evidence::Evidence;
use super::relate::Place;
use crate::model::{Alert, Episode, EpisodeId, Run, RunOutcome, Timestamp, format_duration};

/// Earlier episodes that share at least this much of their place are of the same place.
const SAME_PLACE: u32 = 2;

/// Earlier episodes like an alert's, within what the journal keeps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Past {
    /// How many there were with exactly the same labels.
    pub same: usize,
    /// How many more of the same name shared its place.
    pub alike: usize,
    /// When the last of the same labels, or else of those alike, began and ended.
    pub last: (Timestamp, Timestamp),
    /// The median length of all of them.
    pub lasted: String,
    /// How runs ended that answered them: policy, outcome, how often.
    pub runs: Vec<(String, RunOutcome, usize)>,
}

/// The past of an alert among the episodes of the evidence that are over; `None`: it has none.
pub fn past(alert: &Alert, own: EpisodeId, evidence: &Evidence) -> Option<Past> {
    let of_name = evidence.ended.iter().filter(|one| one.id != own && one.alert.name() == alert.name());
    let (same, others): (Vec<&Episode>, Vec<&Episode>) =
        of_name.partition(|one| one.alert.labels == alert.labels);
    let place = Place::of(&alert.labels, &evidence.reporters);
    let is_alike =
        |one: &&Episode| place.kinship(&Place::of(&one.alert.labels, &evidence.reporters)) >= SAME_PLACE;
    let alike: Vec<&Episode> = others.into_iter().filter(is_alike).collect();
    let nearest = if same.is_empty() { &alike } else { &same };
    let last = nearest.iter().max_by_key(|one| (one.id.started, one.id))?;
    let all: Vec<&Episode> = same.iter().chain(&alike).copied().collect();
    let mut lengths: Vec<_> = all.iter().map(|one| end(one).since(one.alert.starts_at).as_secs()).collect();
    lengths.sort_unstable();
    Some(Past {
        same: same.len(),
        alike: alike.len(),
        last: (last.alert.starts_at, end(last)),
        lasted: format_duration(std::time::Duration::from_secs(lengths[lengths.len() / 2])),
        runs: counted(&all, &evidence.past_runs),
    })
}

fn end(episode: &Episode) -> Timestamp {
    episode.alert.ends_at.unwrap_or(episode.last_seen)
}

fn counted(episodes: &[&Episode], runs: &[Run]) -> Vec<(String, RunOutcome, usize)> {
    let mut counts: BTreeMap<(String, &str), (RunOutcome, usize)> = BTreeMap::new();
    for run in runs.iter().filter(|run| episodes.iter().any(|one| one.id == run.plan.key.episode)) {
        let Some(outcome) = run.outcome() else { continue };
        let key = (run.plan.key.policy.to_string(), outcome.as_str());
        counts.entry(key).or_insert((outcome, 0)).1 += 1;
    }
    counts.into_iter().map(|((policy, _), (outcome, count))| (policy, outcome, count)).collect()
}

impl Past {
    /// One or two sentences.
    pub fn words(&self) -> String {
        let (begun, ended) = self.last;
        let times = |count: usize| if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let mut words = match (self.same, self.alike) {
            (0, alike) => format!("It fired {} before at the same place with other labels", times(alike)),
            (same, 0) => format!("It fired {} before with the same labels", times(same)),
            (same, alike) => format!(
                "It fired {} before with the same labels and {} more at the same place",
                times(same),
                times(alike)
            ),
        };
        words.push_str(&format!(
            ", last from {begun} to {ended}; half of them lasted {} or less.",
            self.lasted
        ));
        let runs: Vec<String> = self
            .runs
            .iter()
            .map(|(policy, outcome, count)| format!("{policy} {} ({})", outcome.as_str(), times(*count)))
            .collect();
        match runs.is_empty() {
            true => words.push_str(" Nothing was done then."),
            false => words.push_str(&format!(" What was done then: {}.", runs.join(", "))),
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, episode, ran};
    use super::*;

    fn told(now: &Episode, ended: Vec<Episode>, runs: &[Run]) -> Option<String> {
        let evidence = Evidence { ended, past_runs: runs.to_vec(), ..Evidence::default() };
        past(&now.alert, now.id, &evidence).map(|past| past.words())
    }

    #[test]
    fn the_same_alert_counts_before_others_at_the_same_place() {
        let now = episode(&[("alertname", "Down"), ("instance", "a:80"), ("job", "app")], 100, None);
        let same = |begun| {
            episode(&[("alertname", "Down"), ("instance", "a:80"), ("job", "app")], begun, Some(begun + 10))
        };
        let peer = episode(&[("alertname", "Down"), ("instance", "b:80"), ("job", "app")], 50, Some(90));
        let other = episode(&[("alertname", "Full"), ("instance", "a:80")], 60, Some(61));
        let far = episode(&[("alertname", "Down"), ("instance", "z:80"), ("job", "db")], 60, Some(61));
        let runs = [ran(&same(10), "restart", RunOutcome::Helped), ran(&other, "clean", RunOutcome::Failed)];
        for (ended, expected) in [
            (vec![], None),
            (vec![other.clone(), far.clone()], None),
            (
                vec![same(10), same(30), peer.clone(), other, far],
                Some(
                    "It fired 2 times before with the same labels and once more at the same place, last from \
                     1970-01-01T00:30:00Z to 1970-01-01T00:40:00Z; half of them lasted 10m or less. \
                     What was done then: restart helped (once).",
                ),
            ),
            (
                vec![peer],
                Some(
                    "It fired once before at the same place with other labels, last from 1970-01-01T00:50:00Z to \
                     1970-01-01T01:30:00Z; half of them lasted 40m or less. Nothing was done then.",
                ),
            ),
        ] {
            let told = told(&now, ended, &runs);
            assert_eq!(told.as_deref(), expected);
        }
        assert_eq!(told(&now, vec![now.clone()], &[]), None, "itself");
        assert_eq!(at(1).as_millis(), 60_000);
    }
}
