//! Groups, budgets, windows and the record of what every guard said.

use super::*;
use crate::decide::world::Members;
use crate::model::{Budget, MaintenanceWindow, Scope, When};

fn well(all: &[&str], healthy: &[&str]) -> Confirmation {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Confirmation { group: Some(Ok(Members { all: set(all), healthy: set(healthy) })), ..firing() }
}

fn on(instance: &str, start: i64) -> Episode {
    episode(&[("alertname", "AppDown"), ("instance", instance)], start)
}

#[test]
fn a_group_is_not_worked_on_by_two_runs_that_it_cannot_spare() {
    let mut config = config();
    config.policies[0].group = Some(group("2"));
    let mut engine = engine(config);
    let all = ["web1:80", "web2:80", "web3:80"];
    engine.handle_change(&EpisodeChange::Opened(on("web1:80", 0)), at(0));
    let seen = run_to_act(&mut engine, &well(&all, &all), at(0));
    assert_eq!(seen, ["Confirm", "Begin", "act", "Act 0"]);
    engine.handle_change(&EpisodeChange::Opened(on("web2:80", 1)), at(1));
    let seen = run_to_act(&mut engine, &well(&all, &all), at(1));
    assert_eq!(seen, ["Confirm", "blast_radius"], "the first is still under way");
    acted(&mut engine, 0, Err(ActError::Failed { report: ActReport::default() }), at(2));
    let seen = run_to_act(&mut engine, &well(&all, &all), at(2));
    assert_eq!(
        seen,
        ["Close failed", "Confirm"],
        "it is asked again, and nobody has seen yet whether the first is up"
    );
    engine.handle_timeout(at(121));
    assert_eq!(run_to_act(&mut engine, &well(&all, &all), at(121)), ["Confirm"], "not yet");
    engine.handle_timeout(at(152));
    let seen = run_to_act(&mut engine, &well(&all, &all), at(152));
    assert_eq!(seen, ["Confirm", "Begin", "act", "Act 0"], "everybody is seen as well again");
}

#[test]
fn budgets_over_all_policies_hold_across_them() {
    let mut config = config();
    let mut second = config.policies[0].clone();
    second.name = "again".into();
    config.policies.push(second);
    config.budgets = vec![Budget { scope: Scope::Target, rate: "1/1h".parse().unwrap() }];
    let key = RunKey { policy: "gone".into(), target: "web1:80".into(), episode: on("web1:80", -9).id };
    let attempt = Plan { key, host: None, steps: Vec::new() };
    let restored = Restored { attempts: vec![(attempt, at(-9))], ..Restored::default() };
    let mut engine = Engine::new(Arc::new(config), restored, at(0));
    engine.handle_change(&EpisodeChange::Opened(on("web1:80", 0)), at(0));
    assert_eq!(names(&commands(&mut engine)), ["target_budget", "target_budget"]);
    engine.handle_change(&EpisodeChange::Opened(on("web2:80", 0)), at(0));
    assert!(names(&commands(&mut engine)).contains(&"Confirm".to_owned()), "another target has its own");
}

#[test]
fn an_intent_carries_every_budget_so_that_it_is_checked_once_more_as_it_is_written() {
    let mut config = config();
    config.budgets = vec![Budget { scope: Scope::Fleet, rate: "9/1h".parse().unwrap() }];
    let expected = [config.policies[0].budgets.clone(), config.budgets.clone()].concat();
    let mut engine = engine(config);
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(1));
    let Some(Command::Begin { budgets, max_in_flight, .. }) = engine.poll_command() else {
        panic!("an intent")
    };
    assert_eq!((budgets, max_in_flight), (expected, 4));
}

#[test]
fn nothing_is_done_in_a_maintenance_window_and_a_run_ends_where_one_begins() {
    let mut config = config();
    let step = config.policies[0].steps[0].clone();
    config.policies[0].steps.push(step);
    let when = When::Once { starts: at(50), ends: at(100) };
    config.maintenance = vec![MaintenanceWindow { name: "move".to_owned(), when }];
    let mut within = engine(config.clone());
    within.handle_change(&EpisodeChange::Opened(app(60)), at(60));
    assert_eq!(names(&commands(&mut within)), ["maintenance"]);
    within.handle_timeout(at(120));
    assert_eq!(run_to_act(&mut within, &firing(), at(120)), ["Confirm", "Begin", "act", "Act 0"]);

    let mut before = engine(config);
    before.handle_change(&EpisodeChange::Opened(app(1)), at(1));
    run_to_act(&mut before, &firing(), at(1));
    acted(&mut before, 0, Ok(ActReport::default()), at(2));
    commands(&mut before);
    let seen = probed(&mut before, 0, Some(Verdict::NoEffect), at(62));
    assert_eq!(seen, ["no_effect", "maintenance", "Close aborted"]);
}

#[test]
fn a_decision_keeps_what_every_guard_said() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    let absent = Confirmation { prometheus: Some(Presence::Absent), ..firing() };
    engine.handle_report(Report::Confirmed { key, number, confirmation: absent.into() }, at(1));
    let Some(Command::Record(decision)) = engine.poll_command() else { panic!("a record") };
    let said: Vec<String> = decision
        .checks
        .iter()
        .map(|check| format!("{} {}: {}", if check.passed { "+" } else { "-" }, check.guard, check.value))
        .collect();
    assert_eq!(
        said,
        [
            "+ already_run: it has not",
            "+ paused: not set",
            "+ shutting_down: running",
            "+ starting: since 2023-11-14T22:13:20Z",
            "+ storm: calm",
            "+ maintenance: no window is open",
            "+ too_young: firing for 1s of 0s",
            "+ breaker_open: 0 of 3 in the last 6h",
            "+ cooldown: 0 of 1 in the last 30m",
            "+ target_busy: free",
            "+ too_many_in_flight: 0 of 4 are under way",
            "- not_in_prometheus: ",
        ]
    );
}
