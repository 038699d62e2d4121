//! That help did not last: a fact of its own, once, of a run that had helped.

use super::*;
use crate::journal::{RunFilter, verify};
use crate::model::RunOutcome;

async fn what_helped_and_did_not_for_long_is_written_once() {
    let room = Room::new().await;
    let run = room.journal.begin(intent(&plan("a", 1)), at(1)).await.unwrap().run();
    let again = episode("a", 9).id;
    let refused = room.journal.record_relapse(run, again, at(2)).await.unwrap_err();
    assert!(refused.to_string().contains("has not helped"), "{refused}");
    room.journal.close_run(run, RunOutcome::DidNotLast, at(3)).await.unwrap_err();
    room.journal.close_run(run, RunOutcome::Helped, at(3)).await.unwrap();
    for second in [4, 5] {
        room.journal.record_relapse(run, again, at(second)).await.unwrap();
    }
    let other = episode("b", 9).id;
    room.journal.record_relapse(run, other, at(6)).await.unwrap_err();
    let room = room.reopened().await;
    let told = room.journal.runs(RunFilter::latest(1)).await.unwrap().remove(0);
    assert_eq!((told.ended, told.relapsed), (Some((at(3), RunOutcome::Helped)), Some((at(4), again))));
    assert_eq!(told.outcome(), Some(RunOutcome::DidNotLast));
    let outcomes = room.journal.outcomes(at(0)).await.unwrap();
    assert_eq!(outcomes, [(plan("a", 1).key, RunOutcome::DidNotLast, at(4))]);
    let verified = verify(&room.config.place).await.unwrap();
    assert_eq!((verified.links, verified.broken), (4, None));
}

async fn whatever_is_done_to_it_is_named() {
    for statement in ["UPDATE run SET relapsed_at = NULL, relapse = NULL", "UPDATE run SET relapsed_at = 7"] {
        let room = Room::new().await;
        let run = room.journal.begin(intent(&plan("a", 1)), at(1)).await.unwrap().run();
        room.journal.close_run(run, RunOutcome::Helped, at(3)).await.unwrap();
        room.journal.record_relapse(run, episode("a", 9).id, at(4)).await.unwrap();
        room.tamper(statement).await;
        let broken = verify(&room.config.place).await.unwrap().broken.unwrap();
        assert_eq!(broken.place, "link 4, relapse of run 1", "{statement}");
    }
}

on_every_database![what_helped_and_did_not_for_long_is_written_once, whatever_is_done_to_it_is_named];
