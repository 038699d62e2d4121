//! What was seen before a step is written with its intent, and is a link as everything else.

use super::chain::{CHANGED, GONE};
use super::*;
use crate::journal::verify;
use crate::model::{AlertReading, Before, Measurement, Observation};

fn seen(peers: usize) -> Before {
    let peers = (0..peers).map(|number| format!("app-{number}:9100")).collect();
    let alert = Some(Ok(AlertReading { value: Some(0.5), peers }));
    let measured = Some(Measurement { alert, indicator: Some(Err("it's \"down\"".into())), peers: None });
    Before { policy: 7, baseline: Some(Observation::DoesNotHold), measured }
}

impl Room {
    /// A run of two steps, with what was seen before each.
    async fn with_two_steps(first: Option<Before>, second: Option<Before>) -> Self {
        let room = Self::new().await;
        let begun = Intent { before: first, ..intent(&plan("a", 2)) };
        let run = room.journal.begin(begun, at(1)).await.unwrap().run();
        room.journal.record_act(run, 0, Ok(Default::default()), at(2)).await.unwrap();
        let _ = room.journal.next_step(run, second, at(3)).await.unwrap();
        room
    }

    async fn seen(&self) -> Vec<Option<Before>> {
        let run = self.journal.run(crate::model::RunId(1)).await.unwrap().unwrap();
        run.steps.into_iter().map(|step| step.before.map(|before| *before)).collect()
    }
}

async fn what_was_seen_is_there_after_a_restart_and_is_linked() {
    for (first, second, links) in
        [(None, None, 4), (Some(seen(2)), None, 5), (Some(seen(2)), Some(Before::default()), 6)]
    {
        let room = Room::with_two_steps(first.clone(), second.clone()).await.reopened().await;
        assert_eq!(room.seen().await, [first, second]);
        let verified = verify(&room.config.place).await.unwrap();
        assert_eq!((verified.links, verified.broken), (links, None));
    }
}

async fn what_is_too_long_is_not_kept_and_says_so() {
    let room = Room::with_two_steps(Some(seen(20_000)), None).await;
    let kept = room.seen().await.remove(0).unwrap();
    assert_eq!((kept.policy, kept.measured), (7, None));
    let Some(Observation::Failed(why)) = kept.baseline else { panic!("{:?}", kept.baseline) };
    assert!(why.ends_with("bytes are too many to be kept"), "{why}");
}

async fn whatever_is_done_to_what_was_seen_is_named() {
    for (statement, place, differs) in [
        (
            "UPDATE step SET seen = replace(seen, 'does_not_hold', 'holds') WHERE step = 0",
            "link 3, before 0 of run 1",
            CHANGED,
        ),
        ("UPDATE step SET seen_at = NULL, seen = NULL WHERE step = 1", "link 6, before 1 of run 1", GONE),
    ] {
        let room = Room::with_two_steps(Some(seen(2)), Some(seen(1))).await;
        room.tamper(statement).await;
        let broken = verify(&room.config.place).await.unwrap().broken.unwrap();
        assert_eq!((broken.place.as_str(), broken.differs.as_str()), (place, differs), "{statement}");
    }
}

async fn it_goes_with_its_run() {
    let room = Room::with_two_steps(Some(seen(2)), Some(seen(1))).await;
    room.journal.close_run(crate::model::RunId(1), crate::model::RunOutcome::Aborted, at(4)).await.unwrap();
    assert_eq!(room.journal.prune(at(100 * DAY)).await.unwrap(), 1);
    assert_eq!(verify(&room.config.place).await.unwrap().broken, None);
}

on_every_database![
    what_was_seen_is_there_after_a_restart_and_is_linked,
    what_is_too_long_is_not_kept_and_says_so,
    whatever_is_done_to_what_was_seen_is_named,
    it_goes_with_its_run,
];
