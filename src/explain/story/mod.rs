//! Evidence → what is told: one story per alert, what all of them likely come from, what happened when. Pure and
//! deterministic.

mod decisions;
mod runs;
mod suggestions;

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use super::causes::{Cause, causes};
use super::changes::Change;
use super::evidence::Evidence;
use super::measured::Measured;
use super::pack::Pack;
use super::past::{Past, past};
use super::relate::{Place, Placed, RelatedScore, odd, relate};
use super::timeline::{Event, timeline};
use crate::model::{Decision, Episode, EpisodeId, Labels, Run, Timestamp, format_duration};

pub use decisions::DecisionStory;
use decisions::{decision_story, latest_per_policy};
pub use runs::RunStory;
use suggestions::suggestions;

/// Everything that fires, explained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// When the evidence was read.
    pub at: Timestamp,
    /// One sentence over all.
    pub headline: String,
    /// What the alerts most likely come from, the likeliest first.
    pub causes: Vec<Cause>,
    /// Where it is known who calls whom: how each service that alerts name did, and along which calls it most likely
    /// suffers; sentences without their ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    /// What happened when, around the first alert.
    pub timeline: Vec<Event>,
    /// What changed shortly before alerts began.
    pub changes: Vec<Change>,
    /// The longest-lasting first.
    pub alerts: Vec<AlertStory>,
    /// Firing alerts not shown, because there are too many.
    pub left_out: usize,
    /// Whether the stop switch is set.
    pub remediation_paused: bool,
    /// What could not be read, one sentence each.
    pub troubles: Vec<String>,
    /// All of it as sentences with ids that can be cited; at most 16 KiB as JSON.
    pub evidence: Pack,
}

impl Explanation {
    /// Whether alerts fire and nothing that was seen may be their cause.
    pub(super) fn is_unexplained(&self) -> bool {
        !self.alerts.is_empty() && self.causes.is_empty()
    }
}

/// One alert explained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertStory {
    /// The episode.
    pub episode: EpisodeId,
    /// `alertname`.
    pub name: String,
    /// All labels.
    pub labels: Labels,
    /// The annotation `summary`, or `description`; untrusted text.
    pub summary: Option<String>,
    /// Since when, as the sender says.
    pub since: Timestamp,
    /// For how long.
    pub firing_for: String,
    /// The values of its expression around its beginning; of a few alerts only.
    pub measured: Option<Measured>,
    /// Scores beside it.
    pub scores: Vec<RelatedScore>,
    /// What was decided and why, the latest decision of each policy.
    pub decisions: Vec<DecisionStory>,
    /// What was done.
    pub runs: Vec<RunStory>,
    /// Earlier episodes like it.
    pub past: Option<Past>,
    /// The annotation `runbook_url`; untrusted text.
    pub runbook: Option<String>,
    /// Where to look next.
    pub suggestions: Vec<String>,
}

/// Orders the evidence into stories.
pub fn explain(evidence: &Evidence) -> Explanation {
    let mut runs: HashMap<EpisodeId, Vec<&Run>> = HashMap::new();
    for run in &evidence.runs {
        runs.entry(run.plan.key.episode).or_default().push(run);
    }
    let own = |episode: &Episode| runs.get(&episode.id).map_or(&[][..], Vec::as_slice);
    let odd = odd(&evidence.scores, &evidence.reporters);
    let alerts: Vec<AlertStory> =
        evidence.episodes.iter().map(|episode| story(episode, own(episode), &odd, evidence)).collect();
    let (events, more_events) = timeline(evidence);
    let mut troubles = evidence.surroundings.troubles.clone();
    for (count, what) in [(evidence.surroundings.left_out, "changes"), (more_events, "events")] {
        if count > 0 {
            troubles.push(format!("{count} more {what} are not shown."));
        }
    }
    let mut explanation = Explanation {
        at: evidence.at,
        headline: headline(evidence),
        causes: causes(evidence),
        dependencies: evidence.dependencies.words(),
        timeline: events,
        changes: evidence.surroundings.changes.clone(),
        left_out: evidence.left_out,
        remediation_paused: evidence.paused,
        alerts,
        troubles,
        evidence: Pack::empty(evidence.at),
    };
    explanation.evidence = Pack::of(&explanation);
    explanation
}

fn headline(evidence: &Evidence) -> String {
    let anomalous = evidence.scores.iter().filter(|scored| scored.score.score >= 1.0).count();
    let scored = evidence.scores.len() + evidence.calm;
    let firing = evidence.episodes.len() + evidence.left_out;
    let alerts = match firing {
        0 => "No alert fires".to_owned(),
        1 => "1 alert fires".to_owned(),
        many => format!("{many} alerts fire"),
    };
    format!("{alerts}; {anomalous} of {scored} watched series are outside their band.")
}

fn story(episode: &Episode, runs: &[&Run], odd: &[Placed<'_>], evidence: &Evidence) -> AlertStory {
    let alert = &episode.alert;
    let text = |name| alert.annotations.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let decisions: Vec<&Decision> =
        latest_per_policy(evidence.decisions.get(&episode.id).map_or(&[], Vec::as_slice));
    let scores = relate(&Place::of(&alert.labels, &evidence.reporters), odd);
    AlertStory {
        episode: episode.id,
        name: alert.name().to_owned(),
        labels: alert.labels.clone(),
        summary: text("summary").or_else(|| text("description")),
        since: alert.starts_at,
        firing_for: rounded(evidence.at.since(alert.starts_at)),
        measured: evidence.surroundings.measured.get(&episode.id).cloned(),
        suggestions: suggestions(episode, &scores, &decisions, runs),
        decisions: decisions.into_iter().map(decision_story).collect(),
        runs: runs.iter().map(|run| RunStory::of(run)).collect(),
        past: past(alert, episode.id, evidence),
        runbook: text("runbook_url"),
        scores,
    }
}

/// Whole seconds: nobody reads the milliseconds.
fn rounded(duration: Duration) -> String {
    format_duration(Duration::from_secs(duration.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, episode};
    use super::*;
    use crate::model::{DecisionVerdict, Reason};

    #[test]
    fn the_latest_decision_of_a_policy_is_told() {
        let down = episode(&[("alertname", "AppDown"), ("instance", "a:80")], 1, None);
        let hold = |minute, reason| Decision {
            episode: down.id,
            policy: Some("restart".into()),
            target: Some("a:80".into()),
            at: at(minute),
            verdict: DecisionVerdict::Hold { reason, detail: String::new(), plan: None },
            checks: Vec::new(),
        };
        let decisions = vec![hold(1, Reason::Starting), hold(3, Reason::Shadow), hold(2, Reason::Paused)];
        let evidence = Evidence {
            at: at(62),
            decisions: [(down.id, decisions)].into(),
            episodes: vec![down],
            ..Evidence::default()
        };
        let explanation = explain(&evidence);
        let story = &explanation.alerts[0];
        assert_eq!(story.firing_for, "1h1m");
        assert_eq!(story.decisions.len(), 1);
        assert_eq!(story.decisions[0].reason, Some(Reason::Shadow));
        assert!(story.suggestions[0].contains("enforce"));
        let text = explanation.render(crate::explain::Format::Text, None);
        let told = "Nothing that was seen explains the alerts.";
        assert!(
            text.contains(told) && explanation.evidence.items.iter().any(|item| item.text == told),
            "{text}"
        );
    }

    #[test]
    fn silence_is_said_too() {
        let explanation = explain(&Evidence::default());
        assert_eq!(explanation.headline, "No alert fires; 0 of 0 watched series are outside their band.");
    }
}
