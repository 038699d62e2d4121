//! What a process left in the middle.

use super::timelines::stored;
use super::*;
use crate::model::{Action, Ec2Action, Ec2Operation, InstanceLookup};

/// Not even the stop switch keeps an instance down that was stopped to be started.
#[test]
fn what_must_be_finished_of_a_run_left_open_is_finished_and_then_proved() {
    let restart = Action::Ec2(Ec2Action {
        operation: Ec2Operation::Restart,
        instance: InstanceLookup::InstanceId("i-1234abcd".to_owned()),
        found: None,
        wait: None,
        timeout: Duration::from_secs(1),
    });
    for (acted, verified, expected) in [
        (None, None, vec!["Finish 0"]),
        (Some((at(1), Ok(ActReport::default()))), None, vec!["Probe 0"]),
        (None, Some((at(2), Verdict::NoEffect)), vec!["Close unknown"]),
    ] {
        let mut run = stored(vec![StepRecord { begun_at: at(0), acted, verified, ..StepRecord::default() }]);
        run.plan.steps[0].action = restart.clone();
        let restored = Restored { open_runs: vec![run], paused: true, ..Restored::default() };
        let mut engine = Engine::new(Arc::new(config()), restored, at(10));
        let seen = names(&commands(&mut engine));
        assert_eq!(seen, expected);
        if seen == ["Finish 0"] {
            super::acted(&mut engine, 0, Ok(ActReport::default()), at(11));
            assert_eq!(names(&commands(&mut engine)), ["Probe 0"]);
        }
    }
}

#[test]
fn what_helped_after_a_restart_has_helped_where_the_action_is_known_to_have_begun() {
    let ok = || Some((at(1), Ok(ActReport::default())));
    let lost = || ActError::Unknown { reason: "timed out".to_owned(), report: ActReport::default() };
    for (acted, verdict, expected, sentence) in [
        (ok(), Verdict::Helped, "Close helped", "it was accepted"),
        (
            Some((at(1), Err(lost()))),
            Verdict::Helped,
            "Close helped",
            "its answer was lost, its effect is seen",
        ),
        (None, Verdict::Helped, "Close unknown", "perhaps nobody began it"),
        (None, Verdict::Worse, "Close worse", "harm is harm"),
        (None, Verdict::NoEffect, "Close unknown", "perhaps nobody began it"),
        (ok(), Verdict::Unknown, "Close unproven", "nothing proves it"),
    ] {
        let begun = acted.is_some();
        let run = stored(vec![StepRecord { begun_at: at(0), acted, ..StepRecord::default() }]);
        let restored = Restored { open_runs: vec![run], ..Restored::default() };
        let mut engine = Engine::new(Arc::new(config()), restored, at(10));
        let Some(Command::Probe { probe, .. }) = engine.poll_command() else { panic!("a probe") };
        assert_eq!(probe.begun, begun, "{sentence}");
        let seen = probed(&mut engine, 0, Some(verdict), at(20));
        assert_eq!(seen.last().map(String::as_str), Some(expected), "{sentence}");
    }
}
