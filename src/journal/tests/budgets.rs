//! What an intent is checked against in the transaction that writes it.

use futures::future::join_all;

use super::*;
use crate::journal::BeginError;
use crate::model::{Budget, RunId, RunOutcome, Scope, SystemdAction, SystemdOperation};

fn budget(scope: Scope, rate: &str) -> Budget {
    Budget { scope, rate: rate.parse().unwrap() }
}

/// The plan of a policy for a target, in an episode of its own.
fn planned(policy: &str, target: &str, episode: &str) -> Plan {
    let mut plan = plan(episode, 1);
    (plan.key.policy, plan.key.target) = (policy.into(), target.into());
    plan
}

impl Room {
    async fn begin(&self, plan: Plan, budgets: &[Budget], second: i64) -> Result<RunId, BeginError> {
        let intent = Intent { budgets: budgets.to_vec(), ..Intent::new(plan) };
        self.journal.begin(intent, at(second)).await.map(|permit| permit.run())
    }

    /// A run that has begun and ended.
    async fn ran(&self, plan: Plan, second: i64) {
        let run = self.begin(plan, &[], second).await.unwrap();
        self.journal.close_run(run, RunOutcome::Failed, at(second)).await.unwrap();
    }
}

async fn each_scope_counts_its_own_attempts() {
    for (case, scope, spent) in [
        ("policy and target", Scope::PolicyTarget, [true, false, false, false]),
        ("target", Scope::Target, [true, false, true, false]),
        ("policy", Scope::Policy, [true, true, false, false]),
        ("fleet", Scope::Fleet, [true, true, true, true]),
    ] {
        let others = [("p", "x"), ("p", "y"), ("q", "x"), ("q", "y")];
        for ((policy, target), spent) in others.into_iter().zip(spent) {
            let room = Room::new().await;
            room.ran(planned("p", "x", "first"), 10).await;
            let budget = budget(scope, "1/1h");
            let answer = room.begin(planned(policy, target, "second"), &[budget], 11).await;
            assert_eq!(answer.err(), spent.then_some(BeginError::Spent(budget)), "{case}: {policy} {target}");
        }
    }
}

async fn a_budget_is_full_again_when_its_window_has_passed() {
    let room = Room::new().await;
    let hourly = budget(Scope::Fleet, "2/1h");
    for second in [0, 1800] {
        room.ran(planned("p", "x", &second.to_string()), second).await;
    }
    let next = || planned("p", "x", "next");
    assert_eq!(room.begin(next(), &[hourly], 3599).await, Err(BeginError::Spent(hourly)));
    let room = room.reopened().await;
    assert_eq!(room.begin(next(), &[hourly], 3599).await, Err(BeginError::Spent(hourly)), "after a restart");
    assert_eq!(room.begin(next(), &[hourly], -3600).await, Err(BeginError::Spent(hourly)), "clock set back");
    room.begin(next(), &[hourly], 3600).await.unwrap();
}

async fn the_first_budget_that_is_spent_is_named() {
    let room = Room::new().await;
    room.ran(planned("p", "x", "first"), 0).await;
    let (wide, tight) = (budget(Scope::Fleet, "2/1h"), budget(Scope::Target, "1/1d"));
    let refused = room.begin(planned("p", "x", "second"), &[wide, tight], 1).await.unwrap_err();
    assert_eq!(refused, BeginError::Spent(tight));
    assert_eq!(refused.to_string(), "the budget of 1 per 1d for each target is spent");
}

async fn further_steps_spend_nothing() {
    let room = Room::new().await;
    let run = room.begin(plan("a", 2), &[], 0).await.unwrap();
    room.journal.record_act(run, 0, Ok(Default::default()), at(3000)).await.unwrap();
    let _ = room.journal.next_step(run, None, at(3000)).await.unwrap();
    room.journal.close_run(run, RunOutcome::Helped, at(3001)).await.unwrap();
    room.begin(plan("b", 1), &[budget(Scope::Fleet, "1/1h")], 3601).await.unwrap();
}

async fn a_target_has_one_run_at_a_time_over_all_policies() {
    let room = Room::new().await;
    let first = room.begin(planned("p", "x", "first"), &[], 0).await.unwrap();
    let other = || planned("q", "x", "second");
    assert_eq!(room.begin(other(), &[], 1).await, Err(BeginError::TargetBusy));
    room.journal.close_run(first, RunOutcome::Helped, at(2)).await.unwrap();
    room.begin(other(), &[], 3).await.unwrap();
}

/// The plan of a policy that acts on a unit.
fn on_unit(policy: &str, target: &str, episode: &str, operation: SystemdOperation) -> Plan {
    let mut plan = planned(policy, target, episode);
    let (unit, timeout) = ("app.service".to_owned(), Duration::from_secs(1));
    plan.steps[0].action = Action::Systemd(SystemdAction { operation, unit, timeout });
    plan
}

async fn what_is_touched_has_one_run_at_a_time_however_the_target_is_spelt() {
    let room = Room::new().await;
    let hosted = |policy: &str, target: &str| Plan {
        host: Some("10.0.0.5".to_owned()),
        ..planned(policy, target, policy)
    };
    let restart = SystemdOperation::Restart;
    let unit = room.begin(on_unit("p", "web:80", "first", restart), &[], 0).await.unwrap();
    let host = room.begin(hosted("h", "10.0.0.5:9100"), &[], 0).await.unwrap();
    let others = || [on_unit("q", "web:9100", "second", restart), hosted("i", "10.0.0.5:9090")];
    for other in others() {
        assert_eq!(room.begin(other, &[], 1).await, Err(BeginError::TargetBusy));
    }
    let room = room.reopened().await;
    for other in others() {
        assert_eq!(room.begin(other, &[], 1).await, Err(BeginError::TargetBusy), "after a restart");
    }
    for run in [unit, host] {
        room.journal.close_run(run, RunOutcome::Helped, at(2)).await.unwrap();
    }
    let budget = budget(Scope::Target, "1/1h");
    for other in others() {
        assert_eq!(room.begin(other.clone(), &[budget], 3).await, Err(BeginError::Spent(budget)));
        room.begin(other, &[], 3).await.unwrap();
    }
}

async fn what_runs_of_an_older_version_touch_is_read_from_their_plans() {
    let room = Room::new().await;
    let _ = room.begin(on_unit("p", "web:80", "first", SystemdOperation::Restart), &[], 0).await.unwrap();
    room.tamper("DELETE FROM touched").await;
    let other = || on_unit("q", "web:9100", "second", SystemdOperation::Restart);
    let room = room.reopened().await;
    assert_eq!(room.begin(other(), &[], 1).await, Err(BeginError::TargetBusy));
}

async fn another_name_of_a_policy_does_not_do_the_same_again() {
    let room = Room::new().await;
    let (restart, reload) = (SystemdOperation::Restart, SystemdOperation::Reload);
    room.ran(on_unit("p", "web:80", "first", restart), 0).await;
    for (other, expected, sentence) in [
        (on_unit("renamed", "web:80", "first", restart), true, "the same for the same"),
        (on_unit("other", "web:80", "first", reload), false, "something else"),
        (on_unit("renamed", "web:80", "second", restart), false, "another alert"),
        (on_unit("renamed", "web:90", "first", restart), false, "another target"),
    ] {
        let answer = room.begin(other, &[], 1).await;
        assert_eq!(answer == Err(BeginError::AlreadyRun), expected, "{sentence}: {answer:?}");
        if let Ok(run) = answer {
            room.journal.close_run(run, RunOutcome::Failed, at(1)).await.unwrap();
        }
    }
}

async fn no_more_runs_begin_than_may_be_under_way() {
    let room = Room::new().await;
    let capped = |name: &str| Intent { max_in_flight: 2, ..Intent::new(plan(name, 1)) };
    let first = room.journal.begin(capped("a"), at(0)).await.unwrap().run();
    let _ = room.journal.begin(capped("b"), at(0)).await.unwrap();
    assert_eq!(room.journal.begin(capped("c"), at(1)).await.unwrap_err(), BeginError::TooManyInFlight);
    room.journal.close_run(first, RunOutcome::Helped, at(2)).await.unwrap();
    let _ = room.journal.begin(capped("c"), at(3)).await.unwrap();
}

async fn fifty_at_once_do_not_overspend_together() {
    let room = Room::new().await;
    let budget = budget(Scope::Policy, "7/1h");
    let names: Vec<String> = (0..50).map(|index| format!("app-{index}")).collect();
    let calls = names.iter().map(|name| room.begin(plan(name, 1), std::slice::from_ref(&budget), 0));
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 7);
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err(BeginError::Spent(budget))));
}

on_every_database![
    each_scope_counts_its_own_attempts,
    a_budget_is_full_again_when_its_window_has_passed,
    the_first_budget_that_is_spent_is_named,
    further_steps_spend_nothing,
    a_target_has_one_run_at_a_time_over_all_policies,
    what_is_touched_has_one_run_at_a_time_however_the_target_is_spelt,
    what_runs_of_an_older_version_touch_is_read_from_their_plans,
    another_name_of_a_policy_does_not_do_the_same_again,
    no_more_runs_begin_than_may_be_under_way,
    fifty_at_once_do_not_overspend_together,
];
