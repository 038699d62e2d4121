//! Runs: one permit for each key, what is recorded stays, what is forbidden is refused.

use futures::future::join_all;

use super::*;
use crate::journal::{BeginError, JournalError, RunFilter, StepError};
use crate::model::{
    ActError, ActReport, AlertChange, Better, Ec2Action, Ec2Operation, Effect, IndicatorChange,
    InstanceLookup, PeersChange, RunId, RunOutcome, Verdict,
};

fn accepted() -> Result<ActReport, ActError> {
    Ok(ActReport { summary: "exit status 0".into(), output: "done\n".into() })
}

async fn a_permit_carries_the_action_that_was_written_down() {
    let room = Room::new().await;
    let plan = plan("a", 2);
    let permit = room.journal.begin(intent(&plan), at(5)).await.unwrap();
    assert_eq!((permit.run(), permit.step(), permit.action()), (RunId(1), 0, &plan.steps[0].action));
    let run = room.journal.run(permit.run()).await.unwrap().unwrap();
    assert_eq!((run.plan.clone(), run.begun_at, run.ended), (plan, at(5), None));
    assert_eq!(run.plan.steps[0].action, *permit.action());
    assert_eq!(run.steps.len(), 1);
}

async fn fifty_at_once_get_one_permit() {
    let room = Room::new().await;
    let plan = plan("a", 1);
    let calls = (0..50).map(|_| {
        let (journal, plan) = (room.journal.clone(), plan.clone());
        tokio::spawn(async move { journal.begin(intent(&plan), at(5)).await })
    });
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(
        answers
            .iter()
            .filter_map(|answer| answer.as_ref().err())
            .all(|error| *error == BeginError::AlreadyRun)
    );
    let room = room.reopened().await;
    assert_eq!(room.journal.begin(intent(&plan), at(6)).await.unwrap_err(), BeginError::AlreadyRun);
    assert_eq!(room.journal.runs(RunFilter::latest(10)).await.unwrap().len(), 1);
}

async fn another_policy_target_or_episode_is_another_run() {
    let room = Room::new().await;
    let first = plan("a", 1);
    let mut others = vec![first.clone(), first.clone(), plan("b", 1), first];
    others[1].key.target = "app-2:9100".into();
    others[3].key.policy = "reboot".into();
    others[3].steps = plan("a", 2).steps.split_off(1);
    for plan in &others {
        let run = room.journal.begin(intent(plan), at(5)).await.unwrap().run();
        room.journal.close_run(run, RunOutcome::NoEffect, at(5)).await.unwrap();
    }
    let count = |filter| async { room.journal.runs(filter).await.unwrap().len() };
    assert_eq!(count(RunFilter::latest(10)).await, 4);
    assert_eq!(count(RunFilter { policy: Some("reboot".into()), ..RunFilter::latest(10) }).await, 1);
    assert_eq!(count(RunFilter { target: Some("app-2:9100".into()), ..RunFilter::latest(10) }).await, 1);
    assert_eq!(count(RunFilter::latest(2)).await, 2);
    assert_eq!(count(RunFilter { until: Some(at(4)), ..RunFilter::latest(10) }).await, 0);
    assert_eq!(count(RunFilter { until: Some(at(5)), ..RunFilter::latest(10) }).await, 4);
    let page = |before| RunFilter { before, ..RunFilter::latest(3) };
    let first = room.journal.runs(page(None)).await.unwrap();
    let rest = room.journal.runs(page(first.last().map(|run| run.id))).await.unwrap();
    assert_eq!((first.len(), rest.len()), (3, 1));
    assert!(first.iter().all(|run| run.id > rest[0].id));
}

/// A verdict with all that it rests on.
fn effect() -> Effect {
    let peers = PeersChange { count: 3, before: 90.0, after: 0.1, change: 89.9, interval: Some(0.25) };
    Effect {
        verdict: Verdict::NoEffect,
        why: "peers recovered too; 'quoted' \"text\"".to_owned(),
        recovered: true,
        alert: Some(AlertChange {
            held: Some(true),
            holds: Some(false),
            before: Some(0.0),
            after: None,
            peers_before: 3,
            peers_over: 3,
        }),
        indicator: Some(IndicatorChange {
            better: Better::Lower,
            before: Some(100.0),
            after: Some(0.1),
            peers: Some(peers),
        }),
    }
}

async fn a_run_is_told_from_intent_to_end() {
    let room = Room::new().await;
    let plan = plan("a", 2);
    let journal = &room.journal;
    let run = journal.begin(intent(&plan), at(5)).await.unwrap().run();
    let refused = journal.next_step(run, None, at(6)).await.unwrap_err();
    assert!(matches!(refused, StepError::Refused { .. }), "no outcome yet: {refused}");
    journal.record_act(run, 0, accepted(), at(6)).await.unwrap();
    let effect = effect();
    for _ in 0..2 {
        journal.record_verdict(run, 0, effect.clone(), at(7)).await.unwrap();
    }
    let second = journal.next_step(run, None, at(8)).await.unwrap();
    assert_eq!((second.step(), second.action()), (1, &plan.steps[1].action));
    let unknown = ActError::Unknown { reason: "timed out".into(), report: ActReport::default() };
    journal.record_act(run, 1, Err(unknown.clone()), at(9)).await.unwrap();
    journal.record_verdict(run, 1, Verdict::Helped, at(10)).await.unwrap();
    journal.close_run(run, RunOutcome::Helped, at(11)).await.unwrap();
    let room = room.reopened().await;
    let told = room.journal.run(run).await.unwrap().unwrap();
    assert_eq!(told.steps[0].acted, Some((at(6), accepted())));
    assert_eq!(told.steps[0].verified, Some((at(7), Verdict::NoEffect)));
    assert_eq!(told.steps[0].effect.as_deref(), Some(&effect), "what it rests on is kept");
    assert_eq!((told.steps[1].verified, &told.steps[1].effect), (Some((at(10), Verdict::Helped)), &None));
    assert_eq!((told.steps[1].begun_at, &told.steps[1].acted), (at(8), &Some((at(9), Err(unknown)))));
    assert_eq!(told.ended, Some((at(11), RunOutcome::Helped)));
    assert_eq!(room.journal.run(RunId(99)).await.unwrap(), None);
}

async fn steps_are_refused_where_the_record_forbids_them() {
    let room = Room::new().await;
    let journal = &room.journal;
    let run = journal.begin(intent(&plan("a", 1)), at(5)).await.unwrap().run();
    journal.record_act(run, 0, accepted(), at(6)).await.unwrap();
    assert_eq!(journal.next_step(run, None, at(7)).await.unwrap_err(), StepError::NoMoreSteps);
    journal.close_run(run, RunOutcome::Aborted, at(8)).await.unwrap();
    let closed = journal.next_step(run, None, at(9)).await.unwrap_err();
    assert!(closed.to_string().contains("closed as aborted"), "{closed}");
    let unknown = journal.next_step(RunId(99), None, at(9)).await.unwrap_err();
    assert!(unknown.to_string().contains("run 99 is not known"), "{unknown}");
}

async fn a_second_different_close_is_refused() {
    let room = Room::new().await;
    let run = room.journal.begin(intent(&plan("a", 1)), at(5)).await.unwrap().run();
    room.journal.close_run(run, RunOutcome::Unknown, at(8)).await.unwrap();
    room.journal.close_run(run, RunOutcome::Unknown, at(9)).await.unwrap();
    let refused = room.journal.close_run(run, RunOutcome::Helped, at(9)).await.unwrap_err();
    assert!(matches!(refused, JournalError::Refused { .. }), "{refused}");
    let told = room.journal.run(run).await.unwrap().unwrap();
    assert_eq!(told.ended, Some((at(8), RunOutcome::Unknown)));
    assert_eq!(room.journal.runs(RunFilter::open()).await.unwrap(), vec![]);
}

async fn an_intent_without_outcome_is_found_after_a_restart() {
    let room = Room::new().await;
    let run = room.journal.begin(intent(&plan("a", 2)), at(5)).await.unwrap().run();
    let room = room.reopened().await;
    let open = room.journal.runs(RunFilter::open()).await.unwrap();
    assert_eq!((open.len(), open[0].id, &open[0].steps[0].acted), (1, run, &None));
    room.journal.record_verdict(run, 0, Verdict::Helped, at(9)).await.unwrap();
    room.journal.close_run(run, RunOutcome::Helped, at(9)).await.unwrap();
}

async fn only_what_must_be_finished_gets_a_permit_again() {
    let room = Room::new().await;
    let mut restart = plan("a", 1);
    restart.steps[0].action = Action::Ec2(Ec2Action {
        operation: Ec2Operation::Restart,
        instance: InstanceLookup::InstanceId("i-1234abcd".to_owned()),
        found: None,
        wait: None,
        timeout: Duration::from_secs(30),
    });
    let owed = room.journal.begin(intent(&restart), at(5)).await.unwrap();
    assert!(!owed.is_begun());
    let program = room.journal.begin(intent(&plan("b", 1)), at(5)).await.unwrap().run();
    let room = room.reopened().await;
    room.journal.set_paused(true, "ada", at(6)).await.unwrap();
    for _ in 0..2 {
        let permit = room.journal.unfinished(owed.run()).await.unwrap();
        assert_eq!((permit.run(), permit.step(), permit.written()), (owed.run(), 0, at(5)));
        assert!(permit.is_begun() && *permit.action() == restart.steps[0].action);
    }
    room.journal.record_act(owed.run(), 0, accepted(), at(7)).await.unwrap();
    for (run, sentence) in [
        (owed.run(), "run 1 has nothing that must be finished"),
        (program, "run 2 has nothing that must be finished"),
        (RunId(99), "run 99 is not known"),
    ] {
        let refused = room.journal.unfinished(run).await.unwrap_err();
        assert!(refused.to_string().contains(sentence), "{refused}");
    }
}

async fn no_permit_is_given_while_paused() {
    let room = Room::new().await;
    let run = room.journal.begin(intent(&plan("a", 2)), at(1)).await.unwrap().run();
    room.journal.record_act(run, 0, accepted(), at(2)).await.unwrap();
    room.journal.set_paused(true, "ada", at(3)).await.unwrap();
    assert_eq!(room.journal.begin(intent(&plan("b", 1)), at(4)).await.unwrap_err(), BeginError::Paused);
    assert_eq!(room.journal.next_step(run, None, at(4)).await.unwrap_err(), StepError::Paused);
    room.journal.set_paused(false, "ada", at(5)).await.unwrap();
    assert_eq!(room.journal.next_step(run, None, at(6)).await.unwrap().step(), 1);
    let _ = room.journal.begin(intent(&plan("b", 1)), at(6)).await.unwrap();
}

async fn a_plan_without_steps_gets_no_permit() {
    let room = Room::new().await;
    let refused = room.journal.begin(intent(&plan("a", 0)), at(1)).await.unwrap_err();
    assert!(matches!(refused, BeginError::Unavailable { .. }), "{refused}");
    assert_eq!(room.journal.runs(RunFilter::latest(10)).await.unwrap(), vec![]);
}

async fn cooldowns_count_from_the_last_intent() {
    let room = Room::new().await;
    let (old, new) = (plan("a", 2), plan("b", 1));
    let run = room.journal.begin(intent(&old), at(10)).await.unwrap().run();
    let _ = room.journal.begin(intent(&new), at(20)).await.unwrap();
    let attempts = room.journal.last_attempts(at(0)).await.unwrap();
    assert_eq!(attempts, vec![(old.clone(), at(10)), (new.clone(), at(20))]);
    room.journal.record_act(run, 0, accepted(), at(25)).await.unwrap();
    let _ = room.journal.next_step(run, None, at(30)).await.unwrap();
    let attempts = room.journal.last_attempts(at(25)).await.unwrap();
    assert_eq!(attempts, vec![(old, at(30))]);
}

async fn the_ends_of_runs_are_told_newest_last() {
    let room = Room::new().await;
    let ends = [("a", 30, RunOutcome::Helped), ("b", 20, RunOutcome::Worse), ("c", 10, RunOutcome::Aborted)];
    let _ = room.journal.begin(intent(&plan("open", 1)), at(1)).await.unwrap();
    for (name, second, outcome) in ends {
        let run = room.journal.begin(intent(&plan(name, 1)), at(1)).await.unwrap().run();
        room.journal.close_run(run, outcome, at(second)).await.unwrap();
    }
    let told = |index: usize| (plan(ends[index].0, 1).key, ends[index].2, at(ends[index].1));
    assert_eq!(room.journal.outcomes(at(20)).await.unwrap(), vec![told(1), told(0)]);
    assert_eq!(room.journal.outcomes(at(31)).await.unwrap(), vec![]);
}

on_every_database![
    a_permit_carries_the_action_that_was_written_down,
    fifty_at_once_get_one_permit,
    another_policy_target_or_episode_is_another_run,
    a_run_is_told_from_intent_to_end,
    steps_are_refused_where_the_record_forbids_them,
    a_second_different_close_is_refused,
    an_intent_without_outcome_is_found_after_a_restart,
    only_what_must_be_finished_gets_a_permit_again,
    no_permit_is_given_while_paused,
    a_plan_without_steps_gets_no_permit,
    cooldowns_count_from_the_last_intent,
    the_ends_of_runs_are_told_newest_last,
];
