//! Policies that earn what they may do, and those that are not trusted for a while.

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::decide::autonomy::Level;
use crate::decide::config::Mode;
use crate::decide::digest::digest;
use crate::model::RunOutcome;

fn earned() -> Config {
    let mut config = Config { mode: Mode::Earned, ..config() };
    config.terms = Terms { shadow_plans: 2, helped: 2, min_success: 0.3, without_effect: 1 };
    config
}

fn open(engine: &mut Engine, start: i64) -> Episode {
    let episode = app(start);
    engine.handle_change(&EpisodeChange::Opened(episode.clone()), at(start));
    episode
}

fn resolve(engine: &mut Engine, mut episode: Episode, now: i64) {
    Arc::make_mut(&mut episode.alert).status = AlertStatus::Resolved;
    engine.handle_change(&EpisodeChange::Resolved(episode), at(now));
}

#[test]
fn plans_in_the_shadow_count_once_their_alert_has_lasted() {
    let mut engine = engine(earned());
    open(&mut engine, 0);
    assert_eq!(run_to_act(&mut engine, &firing(), at(1)), ["Confirm", "shadow"]);
    assert_eq!(engine.poll_timeout(), Some(at(61)), "after the time that the proof may take");
    engine.handle_timeout(at(61));
    assert_eq!(run_to_act(&mut engine, &firing(), at(61)), ["Confirm", "Remember shadow"]);
    let brief = open(&mut engine, 100);
    run_to_act(&mut engine, &firing(), at(100));
    resolve(&mut engine, brief, 130);
    assert_eq!(names(&commands(&mut engine)), ["Remember shadow"], "it resolved by itself");
    open(&mut engine, 200);
    run_to_act(&mut engine, &firing(), at(200));
    engine.handle_timeout(at(260));
    let seen = run_to_act(&mut engine, &firing(), at(260));
    assert_eq!(seen, ["Confirm", "Remember ask"], "two of three were called for");
    open(&mut engine, 300);
    assert_eq!(run_to_act(&mut engine, &firing(), at(300)), ["Confirm", "Ask"]);
}

#[test]
fn a_plan_in_the_shadow_counts_by_what_is_seen_once_its_time_has_come() {
    let seen = |presence| Confirmation { prometheus: Some(presence), ..firing() };
    for (presence, expected, sentence) in [
        (Presence::Firing, Some((1, 0)), "it lasts"),
        (Presence::Absent, Some((0, 1)), "it is over, and nobody has said so yet"),
        (Presence::Silenced, None, "somebody works on it"),
        (Presence::Unreachable("x".to_owned()), None, "nobody knows"),
    ] {
        let mut engine = engine(earned());
        open(&mut engine, 0);
        run_to_act(&mut engine, &firing(), at(1));
        engine.handle_timeout(at(61));
        run_to_act(&mut engine, &seen(presence), at(62));
        let counted = engine.standings.get("restart").map(|standing| (standing.good, standing.bad));
        assert_eq!(counted, expected, "{sentence}");
    }
}

#[test]
fn an_episode_counts_once_whatever_is_reloaded_meanwhile() {
    let mut engine = engine(earned());
    open(&mut engine, 0);
    for minute in 1..9 {
        run_to_act(&mut engine, &firing(), at(minute * 100));
        engine.handle_timeout(at(minute * 100 + 61));
        run_to_act(&mut engine, &firing(), at(minute * 100 + 61));
        engine.reconfigure(Arc::new(earned()), at(minute * 100 + 62));
    }
    assert_eq!(engine.standings["restart"].good, 1);
}

#[test]
fn what_was_earned_by_one_policy_is_not_another_ones_of_its_name() {
    let mut other = earned();
    other.policies[0].class = crate::model::Class::Harmless;
    let digest = digest(&earned().policies[0]);
    let standing = Standing { digest, ..Standing::at(Level::Act, at(0)) };
    let standings = HashMap::from([("restart".into(), standing)]);
    let restored = Restored { standings, ..Restored::default() };
    let mut started = Engine::new(Arc::new(other.clone()), restored.clone(), at(0));
    assert_eq!(names(&commands(&mut started)), ["Remember shadow"]);
    open(&mut started, 1);
    assert_eq!(run_to_act(&mut started, &firing(), at(1)), ["Confirm", "shadow"]);

    let mut reloaded = Engine::new(Arc::new(earned()), restored, at(0));
    assert_eq!(names(&commands(&mut reloaded)), Vec::<String>::new());
    reloaded.reconfigure(Arc::new(other), at(1));
    open(&mut reloaded, 2);
    assert_eq!(run_to_act(&mut reloaded, &firing(), at(2)), ["Remember shadow", "Confirm", "shadow"]);
}

#[test]
fn a_run_without_effect_takes_a_level_and_harm_takes_all() {
    for (verdict, expected) in [(Verdict::NoEffect, "Remember ask"), (Verdict::Worse, "Remember shadow")] {
        let digest = digest(&earned().policies[0]);
        let standing = Standing { digest, ..Standing::at(Level::Act, at(0)) };
        let standings = HashMap::from([("restart".into(), standing)]);
        let restored = Restored { standings, ..Restored::default() };
        let mut engine = Engine::new(Arc::new(earned()), restored, at(0));
        open(&mut engine, 1);
        assert_eq!(run_to_act(&mut engine, &firing(), at(1)), ["Confirm", "Begin", "act", "Act 0"]);
        acted(&mut engine, 0, Ok(ActReport::default()), at(2));
        commands(&mut engine);
        let seen = probed(&mut engine, 0, Some(verdict), at(62));
        assert_eq!(seen.last().map(String::as_str), Some(expected), "{seen:?}");
    }
}

#[test]
fn a_policy_whose_runs_do_not_help_is_not_trusted_until_the_first_is_long_ago() {
    let mut config = config();
    config.policies[0].breaker = "2/1h".parse().unwrap();
    config.policies[0].budgets.clear();
    let key = |number: i64| {
        let (policy, target) = ("restart".into(), "web:80".into());
        (RunKey { policy, target, episode: app(-number).id }, RunOutcome::NoEffect, at(-60 * number))
    };
    let restored = |count| Restored { outcomes: (1..=count).map(key).collect(), ..Restored::default() };
    let mut engine = Engine::new(Arc::new(config.clone()), restored(2), at(0));
    open(&mut engine, 1);
    assert_eq!(run_to_act(&mut engine, &firing(), at(1)), ["breaker_open"]);
    assert_eq!(engine.poll_timeout(), Some(at(3600 - 120)));
    engine.handle_timeout(at(3600 - 120));
    assert_eq!(run_to_act(&mut engine, &firing(), at(3480)), ["Confirm", "Begin", "act", "Act 0"]);
    let mut engine = Engine::new(Arc::new(config), restored(1), at(0));
    open(&mut engine, 1);
    assert_eq!(run_to_act(&mut engine, &firing(), at(1)), ["Confirm", "Begin", "act", "Act 0"]);
}

#[test]
fn an_end_that_was_written_without_where_its_policy_stands_counts_after_the_restart() {
    let digest = digest(&earned().policies[0]);
    let standing = |updated| Standing { digest, updated, ..Standing::at(Level::Act, at(0)) };
    let key = RunKey { policy: "restart".into(), target: "web:80".into(), episode: app(-9).id };
    for (updated, expected, sentence) in [
        (at(9), vec!["Remember shadow"], "the process was killed in between"),
        (at(10), vec![], "it counted before"),
    ] {
        let restored = Restored {
            standings: HashMap::from([("restart".into(), standing(updated))]),
            outcomes: vec![(key.clone(), RunOutcome::Worse, at(10))],
            ..Restored::default()
        };
        let mut engine = Engine::new(Arc::new(earned()), restored, at(20));
        assert_eq!(names(&commands(&mut engine)), expected, "{sentence}");
    }
}
