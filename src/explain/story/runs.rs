//! Runs in words: what each step did, and whether it helped. Pure.

use serde::Serialize;

use crate::model::{Run, RunId, RunOutcome, Timestamp};

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

impl RunStory {
    /// Of a run as the journal has it.
    pub fn of(run: &Run) -> Self {
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
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::{episode, ran};
    use super::*;
    use crate::model::{Effect, StepRecord, Verdict};

    #[test]
    fn a_run_tells_what_its_verdict_rests_on() {
        let at = Timestamp::from_millis(0);
        let effect = |why: &str| Effect { why: why.to_owned(), ..Effect::from(Verdict::NoEffect) };
        for (effect, end) in [
            (None, "effect: no_effect at 1970-01-01T00:00:00Z."),
            (Some(effect("peers recovered too")), "no_effect at 1970-01-01T00:00:00Z: peers recovered too."),
        ] {
            let down = episode(&[("alertname", "Down"), ("instance", "t")], 0, None);
            let record = StepRecord {
                begun_at: at,
                acted: None,
                verified: Some((at, Verdict::NoEffect)),
                effect: effect.map(Box::new),
                ..StepRecord::default()
            };
            let run = Run { steps: vec![record], ended: None, ..ran(&down, "p", RunOutcome::NoEffect) };
            let told = RunStory::of(&run);
            assert!(told.steps[0].ends_with(end), "{}", told.steps[0]);
        }
    }
}
