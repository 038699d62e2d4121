//! Evidence → one story per alert: what fires, since when, what else is odd, what was done, where to look.
//! Pure and deterministic.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::model::{
    Check, Decision, DecisionVerdict, Episode, EpisodeId, Labels, Reason, Run, RunId, RunOutcome, Timestamp,
    format_duration, format_number as number,
};

use super::Evidence;
use super::relate::{RelatedScore, relate};
use super::remedy::remedy;

/// Everything that fires, explained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// When the evidence was read.
    pub at: Timestamp,
    /// One sentence over all.
    pub headline: String,
    /// The longest-lasting first.
    pub alerts: Vec<AlertStory>,
    /// Firing alerts not shown, because there are too many.
    pub left_out: usize,
    /// Whether the stop switch is set.
    pub remediation_paused: bool,
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
    /// Scores beside it.
    pub scores: Vec<RelatedScore>,
    /// What was decided and why, the latest decision of each policy.
    pub decisions: Vec<DecisionStory>,
    /// What was done.
    pub runs: Vec<RunStory>,
    /// Where to look next.
    pub suggestions: Vec<String>,
}

/// One decision in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionStory {
    /// When.
    pub at: Timestamp,
    /// The policy, where one matched.
    pub policy: Option<Arc<str>>,
    /// The target, where one could be named.
    pub target: Option<Arc<str>>,
    /// Why nothing was done; `None` if it was.
    pub reason: Option<Reason>,
    /// In words: what held it back, and what else would have.
    pub sentence: String,
    /// Every guard that was asked, with its value and what it said.
    pub checks: Vec<Check>,
}

/// One run in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunStory {
    /// The journal's number.
    pub id: RunId,
    /// The policy.
    pub policy: String,
    /// The target.
    pub target: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// How it ended; `None` while under way.
    pub outcome: Option<RunOutcome>,
    /// One sentence per step.
    pub steps: Vec<String>,
}

/// Orders the evidence into stories.
pub fn explain(evidence: &Evidence) -> Explanation {
    let alerts: Vec<AlertStory> = evidence.episodes.iter().map(|episode| story(episode, evidence)).collect();
    Explanation {
        at: evidence.at,
        headline: headline(&alerts, evidence),
        left_out: evidence.left_out,
        remediation_paused: evidence.paused,
        alerts,
    }
}

fn headline(alerts: &[AlertStory], evidence: &Evidence) -> String {
    let anomalous = evidence.scores.iter().filter(|scored| scored.score.score >= 1.0).count();
    let scored = evidence.scores.len();
    let firing = alerts.len() + evidence.left_out;
    let alerts = match firing {
        0 => "No alert fires".to_owned(),
        1 => "1 alert fires".to_owned(),
        many => format!("{many} alerts fire"),
    };
    format!("{alerts}; {anomalous} of {scored} watched series are outside their band.")
}

fn story(episode: &Episode, evidence: &Evidence) -> AlertStory {
    let alert = &episode.alert;
    let text = |name| alert.annotations.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let runs: Vec<&Run> = evidence.runs.iter().filter(|run| run.plan.key.episode == episode.id).collect();
    let decisions = latest_per_policy(evidence.decisions.get(&episode.id).map_or(&[], Vec::as_slice));
    let scores = relate(&alert.labels, &evidence.scores);
    AlertStory {
        episode: episode.id,
        name: alert.name().to_owned(),
        labels: alert.labels.clone(),
        summary: text("summary").or_else(|| text("description")),
        since: alert.starts_at,
        firing_for: rounded(evidence.at.since(alert.starts_at)),
        suggestions: suggestions(episode, &scores, &decisions, &runs),
        decisions: decisions.into_iter().map(decision_story).collect(),
        runs: runs.into_iter().map(run_story).collect(),
        scores,
    }
}

/// Whole seconds: nobody reads the milliseconds.
fn rounded(duration: Duration) -> String {
    format_duration(Duration::from_secs(duration.as_secs()))
}

fn latest_per_policy(decisions: &[Decision]) -> Vec<&Decision> {
    let mut latest: Vec<&Decision> = Vec::new();
    for decision in decisions {
        match latest.iter_mut().find(|known| known.policy == decision.policy) {
            Some(known) if known.at <= decision.at => *known = decision,
            Some(_) => {}
            None => latest.push(decision),
        }
    }
    latest
}

fn decision_story(decision: &Decision) -> DecisionStory {
    let policy = decision.policy.as_deref().unwrap_or("(none)");
    let target = decision.target.as_deref().unwrap_or("(no target)");
    let (reason, sentence) = match &decision.verdict {
        DecisionVerdict::Act { .. } => (None, format!("Policy {policy} acts on {target}.")),
        DecisionVerdict::Hold { reason: Reason::NoPolicy, .. } => {
            (Some(Reason::NoPolicy), "No policy matches this alert, so nothing is done.".to_owned())
        }
        DecisionVerdict::Hold { reason: Reason::Escalation, .. } => {
            let meaning = Reason::Escalation.meaning();
            (Some(Reason::Escalation), format!("Nothing is done:{meaning}"))
        }
        DecisionVerdict::Hold { reason, detail, .. } => {
            let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
            let also = also_against(*reason, &decision.checks);
            (
                Some(*reason),
                format!("Policy {policy} does nothing to {target}:{}{detail}{also}", reason.meaning()),
            )
        }
    };
    let (policy, target) = (decision.policy.clone(), decision.target.clone());
    DecisionStory { at: decision.at, policy, target, reason, sentence, checks: decision.checks.clone() }
}

/// The guards that stand against it besides the one that held it back, so that lifting that one surprises nobody.
fn also_against(reason: Reason, checks: &[Check]) -> String {
    let others: Vec<String> = checks
        .iter()
        .filter(|check| !check.passed && check.guard != reason)
        .map(|check| format!("{} ({})", check.guard, check.value))
        .collect();
    let passed = checks.iter().filter(|check| check.passed).count();
    match (others.is_empty(), passed) {
        (true, 0) => String::new(),
        (true, passed) => format!("; guards that let it pass: {passed}"),
        (false, passed) => {
            format!("; also against it: {}; guards that let it pass: {passed}", others.join(", "))
        }
    }
}

fn run_story(run: &Run) -> RunStory {
    let steps = run.steps.iter().zip(&run.plan.steps).enumerate().map(|(index, (record, planned))| {
        let acted = match &record.acted {
            None => "result not known yet".to_owned(),
            Some((_, Ok(report))) => format!("accepted ({})", report.summary),
            Some((_, Err(error))) => error.to_string(),
        };
        let proof = match (&record.verified, &planned.verify) {
            (Some((at, verdict)), _) => {
                let why = record.effect.as_ref().map_or("", |effect| effect.why.as_str());
                let colon = if why.is_empty() { "" } else { ": " };
                format!("; effect: {} at {at}{colon}{why}", verdict.as_str())
            }
            (None, Some(_)) => "; effect not judged yet".to_owned(),
            (None, None) => "; no proof of effect is configured".to_owned(),
        };
        format!("Step {} ({}) at {}: {acted}{proof}.", index + 1, planned.action.kind(), record.begun_at)
    });
    RunStory {
        id: run.id,
        policy: run.plan.key.policy.to_string(),
        target: run.plan.key.target.to_string(),
        begun_at: run.begun_at,
        outcome: run.outcome(),
        steps: steps.collect(),
    }
}

fn suggestions(
    episode: &Episode,
    scores: &[RelatedScore],
    decisions: &[&Decision],
    runs: &[&Run],
) -> Vec<String> {
    let mut suggestions = Vec::new();
    let top = scores.iter().find(|related| related.score >= 1.0 && !related.shared.is_empty());
    if let Some(related) = top {
        let side = if related.value >= related.expected { "above" } else { "below" };
        suggestions.push(format!(
            "Look at {} of {}: {} is {side} the expected {}.",
            related.query,
            related.labels,
            number(related.value),
            number(related.expected)
        ));
    }
    if let Some(link) = episode.alert.annotations.get("runbook_url").filter(|link| !link.is_empty()) {
        suggestions.push(format!("Follow the runbook: {link}"));
    }
    let helped = runs.iter().any(|run| run.outcome() == Some(RunOutcome::Helped));
    let ended = runs.iter().any(|run| run.ended.is_some());
    if helped {
        suggestions.push("The action's proof holds; the alert should resolve by itself.".to_owned());
    } else if ended {
        suggestions.push("The action did not prove an effect; a person should take over.".to_owned());
    }
    suggestions.extend(decisions.iter().filter_map(|decision| remedy(decision)));
    suggestions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Action, Alert, AlertStatus, CommandAction, Effect, Plan, PlannedStep, RunKey, StepRecord, Verdict,
    };

    fn episode() -> Episode {
        let labels: Labels = [("alertname", "AppDown"), ("instance", "a:80")].into_iter().collect();
        let starts_at = Timestamp::from_millis(60_000);
        let alert = Alert {
            status: AlertStatus::Firing,
            annotations: [("summary", "a is down")].into_iter().collect(),
            starts_at,
            ends_at: None,
            generator_url: String::new(),
            labels,
        };
        let id = EpisodeId { fingerprint: alert.fingerprint(), started: starts_at };
        Episode { id, alert, first_seen: starts_at, last_seen: starts_at, deliveries: 1, end_presumed: false }
    }

    fn hold(at: i64, reason: Reason) -> Decision {
        Decision {
            episode: episode().id,
            policy: Some("restart".into()),
            target: Some("a:80".into()),
            at: Timestamp::from_millis(at),
            verdict: DecisionVerdict::Hold { reason, detail: String::new(), plan: None },
            checks: Vec::new(),
        }
    }

    #[test]
    fn the_latest_decision_of_a_policy_is_told() {
        let decisions = [hold(1, Reason::Starting), hold(3, Reason::Shadow), hold(2, Reason::Paused)];
        let evidence = Evidence {
            at: Timestamp::from_millis(3_720_000),
            episodes: vec![episode()],
            decisions: [(episode().id, decisions.to_vec())].into(),
            ..Evidence::default()
        };
        let explanation = explain(&evidence);
        let story = &explanation.alerts[0];
        assert_eq!(story.firing_for, "1h1m");
        assert_eq!(story.decisions.len(), 1);
        assert_eq!(story.decisions[0].reason, Some(Reason::Shadow));
        assert!(story.suggestions[0].contains("enforce"));
    }

    #[test]
    fn what_else_stands_against_it_is_told() {
        let check = |guard, passed, value: &str| Check { guard, passed, value: value.to_owned().into() };
        let shadow = check(Reason::Shadow, false, "shadow");
        let cooldown = check(Reason::Cooldown, false, "1 of 1 in 30m");
        let starting = check(Reason::Starting, true, "up for 3h");
        for (checks, expected) in [
            (vec![], ""),
            (vec![shadow.clone()], ""),
            (vec![starting.clone(), shadow.clone()], "; guards that let it pass: 1"),
            (
                vec![starting, cooldown, shadow],
                "; also against it: cooldown (1 of 1 in 30m); guards that let it pass: 1",
            ),
        ] {
            assert_eq!(also_against(Reason::Shadow, &checks), expected);
        }
    }

    #[test]
    fn a_run_tells_what_its_verdict_rests_on() {
        let at = Timestamp::from_millis(0);
        let effect = |why: &str| Effect { why: why.to_owned(), ..Effect::from(Verdict::NoEffect) };
        for (effect, end) in [
            (None, "effect: no_effect at 1970-01-01T00:00:00Z."),
            (Some(effect("peers recovered too")), "no_effect at 1970-01-01T00:00:00Z: peers recovered too."),
        ] {
            let argv = vec!["/bin/restart".to_owned()];
            let action = Action::Command(CommandAction { argv, timeout: Duration::from_secs(1) });
            let key = RunKey { policy: "p".into(), target: "t".into(), episode: episode().id };
            let record = StepRecord {
                begun_at: at,
                acted: None,
                verified: Some((at, Verdict::NoEffect)),
                effect: effect.map(Box::new),
                ..StepRecord::default()
            };
            let plan = Plan { key, host: None, steps: vec![PlannedStep { action, verify: None }] };
            let run =
                Run { id: RunId(1), plan, begun_at: at, steps: vec![record], ended: None, relapsed: None };
            let told = run_story(&run);
            assert!(told.steps[0].ends_with(end), "{}", told.steps[0]);
        }
    }

    #[test]
    fn silence_is_said_too() {
        let explanation = explain(&Evidence::default());
        assert_eq!(explanation.headline, "No alert fires; 0 of 0 watched series are outside their band.");
    }
}
