//! What may follow what in a run: pure rules over the run as it is recorded, shared by every backend.

use super::StepError;
use crate::model::{ActError, ActReport, Action, Effect, EpisodeId, Run, RunId, RunOutcome, Timestamp};

/// An addition to a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RunEntry {
    /// The run.
    pub run: RunId,
    /// What to add.
    pub entry: Entry,
    /// When it happened.
    pub now: Timestamp,
}

/// What can be added to a run besides the intents of its steps.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// What the action of a step said.
    Act(usize, Result<ActReport, ActError>),
    /// What the proof of a step said, and what that rests on.
    Verdict(usize, Box<Effect>),
    /// What became of the attempt to lift the silence of a step.
    Lifted(usize, Result<ActReport, ActError>),
    /// How the run ended.
    End(RunOutcome),
    /// That it did not help for long: an episode began soon after it.
    Relapse(EpisodeId),
}

/// Whether an entry may be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is new.
    New,
    /// It is recorded already, word for word: nothing to do.
    Same,
    /// It contradicts what is recorded.
    Refused(String),
}

/// The step that may be done next: the last one was accepted and the run is open.
pub(super) fn following_step(run: &Run) -> Result<(usize, Action), StepError> {
    let refuse = |reason: String| Err(StepError::Refused { reason });
    if let Some((_, outcome)) = run.ended {
        return refuse(format!("run {} is closed as {}", run.id, outcome.as_str()));
    }
    let next = run.steps.len();
    match run.steps.last().map(|step| &step.acted) {
        None => return refuse(format!("run {} has no first step", run.id)),
        Some(None) => return refuse(format!("step {} of run {} has no outcome", next - 1, run.id)),
        Some(Some((_, Err(error)))) => {
            return refuse(format!("step {} of run {} did not succeed: {error}", next - 1, run.id));
        }
        Some(Some((_, Ok(_)))) => {}
    }
    match run.plan.steps.get(next) {
        Some(step) => Ok((next, step.action.clone())),
        None => Err(StepError::NoMoreSteps),
    }
}

/// The step that was begun and must be finished, with the time of its intent: the last one of an open run, without an
/// outcome or a verdict.
pub(super) fn unfinished_step(run: &Run) -> Result<(usize, Action, Timestamp), StepError> {
    let last =
        run.steps.len().checked_sub(1).map(|index| (index, &run.steps[index], run.plan.steps.get(index)));
    match last {
        Some((index, record, Some(planned)))
            if run.ended.is_none()
                && record.acted.is_none()
                && record.verified.is_none()
                && planned.action.must_be_finished() =>
        {
            Ok((index, planned.action.clone(), record.begun_at))
        }
        _ => Err(StepError::Refused { reason: format!("run {} has nothing that must be finished", run.id) }),
    }
}

/// A silence that may be there, and must not be for longer than it has to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Silenced {
    /// What created it.
    pub action: Action,
    /// When the intent to create it was written.
    pub written: Timestamp,
    /// What Alertmanager calls it, where that is known.
    pub id: Option<String>,
    /// Whether the intent to lift it is written already.
    pub is_begun: bool,
}

/// The silence of a step, unless it never was, or what became of it is written; the run may be over.
pub(super) fn silenced(run: &Run, step: usize) -> Result<Silenced, StepError> {
    let refuse =
        |why: &str| Err(StepError::Refused { reason: format!("step {step} of run {} {why}", run.id) });
    let (Some(record), Some(planned)) = (run.steps.get(step), run.plan.steps.get(step)) else {
        return refuse("has no intent");
    };
    if !planned.action.is_silence() {
        return refuse("silences nothing");
    }
    if record.lift.as_ref().is_some_and(|lift| lift.ended.is_some()) {
        return refuse("has been lifted");
    }
    let id = match &record.acted {
        Some((_, Ok(report))) => Some(report.output.clone()).filter(|id| !id.is_empty()),
        Some((_, Err(ActError::Unknown { .. }))) | None => None,
        Some(_) => return refuse("created no silence"),
    };
    let (action, is_begun) = (planned.action.clone(), record.lift.is_some());
    Ok(Silenced { action, written: record.begun_at, id, is_begun })
}

/// Whether an entry fits the run: nothing recorded is ever changed. What comes late, after the run was
/// closed, is still a fact and is recorded.
pub(super) fn admit(run: &Run, entry: &Entry) -> Admission {
    let step = |index: &usize| run.steps.get(*index);
    let recorded = match entry {
        Entry::Act(index, result) => match step(index) {
            Some(step) => step.acted.as_ref().map(|(_, recorded)| recorded == result),
            None => return no_intent(run, *index),
        },
        // What it rests on are numbers, which may come back with another last digit.
        Entry::Verdict(index, effect) => match step(index) {
            Some(step) => step.verified.map(|(_, recorded)| recorded == effect.verdict),
            None => return no_intent(run, *index),
        },
        Entry::Lifted(index, result) => match step(index).and_then(|step| step.lift.as_ref()) {
            Some(lift) => lift.ended.as_ref().map(|(_, recorded)| recorded == result),
            None => return no_intent(run, *index),
        },
        Entry::End(RunOutcome::DidNotLast) => {
            return Admission::Refused(format!("run {} cannot end so: that turns out later", run.id));
        }
        Entry::Relapse(_) if !matches!(run.ended, Some((_, RunOutcome::Helped))) => {
            return Admission::Refused(format!("run {} has not helped", run.id));
        }
        Entry::Relapse(episode) => run.relapsed.map(|(_, recorded)| recorded == *episode),
        Entry::End(outcome) => run.ended.map(|(_, recorded)| recorded == *outcome),
    };
    match recorded {
        Some(true) => Admission::Same,
        Some(false) => Admission::Refused(format!("run {} has another record of it already", run.id)),
        None => Admission::New,
    }
}

fn no_intent(run: &Run, step: usize) -> Admission {
    Admission::Refused(format!("run {} has no intent for step {step}", run.id))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{CommandAction, Fingerprint, Plan, PlannedStep, RunKey, StepRecord, Verdict};

    type Acted = Option<Result<ActReport, ActError>>;

    fn run(planned: usize, acted: &[Acted], ended: Option<RunOutcome>) -> Run {
        let at = Timestamp::from_millis(1);
        let action = |index| {
            Action::Command(CommandAction {
                argv: vec![format!("/bin/step{index}")],
                timeout: Duration::from_secs(1),
            })
        };
        let episode = EpisodeId { fingerprint: Fingerprint(1), started: at };
        let steps = (0..planned).map(|index| PlannedStep { action: action(index), verify: None }).collect();
        let record = |acted: &Acted| StepRecord {
            begun_at: at,
            acted: acted.clone().map(|result| (at, result)),
            verified: None,
            ..StepRecord::default()
        };
        Run {
            id: RunId(7),
            plan: Plan { host: None, key: RunKey { policy: "p".into(), target: "t".into(), episode }, steps },
            begun_at: at,
            steps: acted.iter().map(record).collect(),
            ended: ended.map(|outcome| (at, outcome)),
            relapsed: None,
        }
    }

    fn verdict(step: usize, verdict: Verdict) -> Entry {
        Entry::Verdict(step, Effect::from(verdict).into())
    }

    fn ok() -> Acted {
        Some(Ok(ActReport::default()))
    }

    fn failed() -> Acted {
        Some(Err(ActError::NotStarted { reason: "no such file".into() }))
    }

    #[test]
    fn a_step_follows_only_an_accepted_one_in_an_open_run() {
        for (case, run, expected) in [
            ("accepted, and one is left", run(2, &[ok()], None), "step 1"),
            ("accepted, and none is left", run(1, &[ok()], None), "the plan has no further step"),
            (
                "no outcome yet",
                run(2, &[None], None),
                "the following step is refused: step 0 of run 7 has no outcome",
            ),
            (
                "did not start",
                run(2, &[failed()], None),
                "the following step is refused: step 0 of run 7 did not succeed: not started: no such file",
            ),
            (
                "closed",
                run(2, &[ok()], Some(RunOutcome::Aborted)),
                "the following step is refused: run 7 is closed as aborted",
            ),
        ] {
            let found = match following_step(&run) {
                Ok((step, action)) => {
                    assert_eq!(action, run.plan.steps[step].action, "{case}");
                    format!("step {step}")
                }
                Err(error) => error.to_string(),
            };
            assert_eq!(found, expected, "{case}");
        }
    }

    #[test]
    fn nothing_recorded_is_changed() {
        let open = run(2, &[ok(), None], None);
        let closed = run(2, &[ok(), None], Some(RunOutcome::Helped));
        let episode = |number| EpisodeId { fingerprint: Fingerprint(number), ..closed.plan.key.episode };
        let relapse = |number| Entry::Relapse(episode(number));
        let relapsed = Run { relapsed: Some((Timestamp::from_millis(9), episode(1))), ..closed.clone() };
        for (case, run, entry, expected) in [
            ("a first outcome is new", &open, Entry::Act(1, Ok(ActReport::default())), "new"),
            ("the same outcome again is no change", &open, Entry::Act(0, Ok(ActReport::default())), "same"),
            ("another outcome is refused", &open, Entry::Act(0, failed().unwrap()), "refused"),
            ("an outcome without intent is refused", &open, Entry::Act(2, failed().unwrap()), "refused"),
            ("a verdict needs no report of the act", &open, verdict(1, Verdict::Helped), "new"),
            ("a verdict without intent is refused", &open, verdict(2, Verdict::Helped), "refused"),
            ("an open run can be closed", &open, Entry::End(RunOutcome::Unknown), "new"),
            ("what helped may not last", &closed, relapse(1), "new"),
            ("what is open has not helped yet", &open, relapse(1), "refused"),
            ("that it did not last is said once", &relapsed, relapse(1), "same"),
            ("by one episode", &relapsed, relapse(2), "refused"),
            ("no run ends so", &open, Entry::End(RunOutcome::DidNotLast), "refused"),
            ("closing again the same way is no change", &closed, Entry::End(RunOutcome::Helped), "same"),
            ("closing another way is refused", &closed, Entry::End(RunOutcome::Worse), "refused"),
            (
                "a late outcome of a closed run is recorded",
                &closed,
                Entry::Act(1, Ok(ActReport::default())),
                "new",
            ),
            ("a late verdict of a closed run is recorded", &closed, verdict(0, Verdict::Worse), "new"),
        ] {
            let found = match admit(run, &entry) {
                Admission::New => "new",
                Admission::Same => "same",
                Admission::Refused(_) => "refused",
            };
            assert_eq!(found, expected, "{case}");
        }
    }
}
