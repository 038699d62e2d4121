//! The end of a silence: an intent of its own, what became of it, and no second one.

use super::*;
use crate::journal::{StepError, verify};
use crate::model::{ActError, ActReport, AlertmanagerAction, Lift, RunId, RunOutcome, SilenceAction};

/// A plan that silences and then does something else.
fn silencing() -> Plan {
    let mut plan = plan("a", 2);
    plan.steps[0].action = Action::Alertmanager(AlertmanagerAction::Silence(SilenceAction {
        policy: "restart-app".to_owned(),
        episode: plan.key.episode,
        matchers: vec![r#"instance="a""#.parse().unwrap()],
        why: "it's restarted".to_owned(),
        lasts: Duration::from_secs(600),
        timeout: Duration::from_secs(1),
    }));
    plan
}

fn created() -> Result<ActReport, ActError> {
    Ok(ActReport { summary: "silence c0ffee".into(), output: "c0ffee".into() })
}

impl Room {
    /// A run that has ended, whose first step said so.
    async fn silenced(said: Option<Result<ActReport, ActError>>) -> (Self, RunId) {
        let room = Self::new().await;
        let run = room.journal.begin(intent(&silencing()), at(1)).await.unwrap().run();
        if let Some(said) = said {
            room.journal.record_act(run, 0, said, at(2)).await.unwrap();
        }
        room.journal.close_run(run, RunOutcome::Unknown, at(3)).await.unwrap();
        (room, run)
    }

    async fn lift_of(&self, run: RunId) -> Option<Lift> {
        self.journal.run(run).await.unwrap().unwrap().steps.remove(0).lift
    }
}

async fn a_silence_is_lifted_with_an_intent_of_its_own_whatever_the_switch_says() {
    let (room, run) = Room::silenced(Some(created())).await;
    room.journal.set_paused(true, "ann", at(4)).await.unwrap();
    for second in [5, 6] {
        let permit = room.journal.lift(run, 0, at(second)).await.unwrap();
        assert_eq!((permit.run(), permit.step(), permit.silence()), (run, 0, Some("c0ffee")));
        assert_eq!((permit.written(), permit.is_begun()), (at(1), true));
    }
    let room = room.reopened().await;
    assert_eq!(room.lift_of(run).await, Some(Lift { begun_at: at(5), ended: None }), "one intent");
    let said = Ok(ActReport { summary: "silence c0ffee ended".into(), output: String::new() });
    for _ in 0..2 {
        room.journal.record_lift(run, 0, said.clone(), at(7)).await.unwrap();
    }
    let expected = Lift { begun_at: at(5), ended: Some((at(7), said)) };
    assert_eq!(room.lift_of(run).await, Some(expected));
    let refused = room.journal.lift(run, 0, at(8)).await.unwrap_err();
    assert!(refused.to_string().contains("step 0 of run 1 has been lifted"), "{refused}");
    let verified = verify(&room.config.place).await.unwrap();
    assert_eq!((verified.links, verified.broken), (7, None));
}

async fn what_never_was_is_not_lifted() {
    let failed = Err(ActError::Failed { report: ActReport::default() });
    let unknown = Err(ActError::Unknown { reason: "timed out".into(), report: ActReport::default() });
    for (said, step, expected) in [
        (Some(failed), 0, Err("created no silence")),
        (Some(unknown), 0, Ok(())),
        (None, 0, Ok(())),
        (Some(created()), 1, Err("has no intent")),
    ] {
        let (room, run) = Room::silenced(said).await;
        let found = room.journal.lift(run, step, at(5)).await;
        match (found, expected) {
            (Ok(permit), Ok(())) => assert_eq!(permit.silence(), None),
            (Err(error), Err(why)) => assert!(error.to_string().contains(why), "{error}"),
            (found, _) => panic!("{found:?}"),
        }
        let unwritten = room.journal.record_lift(run, 1, created(), at(6)).await.unwrap_err();
        assert!(unwritten.to_string().contains("no intent for step 1"), "{unwritten}");
    }
    let room = Room::new().await;
    let run = room.journal.begin(intent(&plan("b", 1)), at(1)).await.unwrap().run();
    let refused = room.journal.lift(run, 0, at(2)).await.unwrap_err();
    assert!(
        matches!(&refused, StepError::Refused { reason } if reason.contains("silences nothing")),
        "{refused}"
    );
}

async fn whatever_is_done_to_a_lift_is_named() {
    for (statement, place) in [
        ("UPDATE step SET lift_at = lift_at + 1", "link 5, lift 0 of run 1"),
        ("UPDATE step SET lifted = replace(lifted, 'Ok', 'Err')", "link 6, lifted 0 of run 1"),
    ] {
        let (room, run) = Room::silenced(Some(created())).await;
        let _ = room.journal.lift(run, 0, at(5)).await.unwrap();
        room.journal.record_lift(run, 0, created(), at(6)).await.unwrap();
        room.tamper(statement).await;
        let broken = verify(&room.config.place).await.unwrap().broken.unwrap();
        assert_eq!(broken.place, place, "{statement}");
    }
}

on_every_database![
    a_silence_is_lifted_with_an_intent_of_its_own_whatever_the_switch_says,
    what_never_was_is_not_lifted,
    whatever_is_done_to_a_lift_is_named,
];
