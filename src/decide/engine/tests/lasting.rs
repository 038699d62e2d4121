//! Help that does not last.

use std::collections::HashMap;

use super::*;
use crate::decide::autonomy::Level;
use crate::decide::digest::digest;

/// The policy's proof may take a minute, and the run has helped at second 10: help must last until second 190.
fn helped(config: Config) -> Engine {
    let mut engine = engine(config);
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    run_to_act(&mut engine, &firing(), at(1));
    acted(&mut engine, 0, Ok(ActReport::default()), at(2));
    commands(&mut engine);
    let seen = probed(&mut engine, 0, Some(Verdict::Helped), at(10));
    assert!(seen.contains(&"Close helped".to_owned()), "{seen:?}");
    engine
}

fn on(instance: &str, start: i64) -> Episode {
    episode(&[("alertname", "AppDown"), ("instance", instance)], start)
}

/// Whether news of an alert turns the run into one that did not last.
fn relapses(engine: &mut Engine, episode: Episode, heard: i64) -> bool {
    engine.handle_change(&EpisodeChange::Opened(episode), at(heard));
    names(&commands(engine)).contains(&"Relapse 1".to_owned())
}

#[test]
fn help_must_last_as_long_whatever_the_clock_does() {
    let hour = 3600;
    let mut forward = helped(config());
    forward.handle_clock_set_forward(Duration::from_secs(hour as u64), at(hour + 11));
    forward.handle_timeout(at(hour + 12));
    commands(&mut forward);
    assert!(relapses(&mut forward, on("web:80", hour + 100), hour + 101), "it was slow");
    let mut back = helped(config());
    back.handle_timeout(at(11 - hour));
    commands(&mut back);
    assert!(relapses(&mut back, on("web:80", 100 - hour), 101 - hour), "it was fast");
}

#[test]
fn an_alert_that_begins_again_soon_shows_that_help_did_not_last() {
    for (target, began, heard, expected, sentence) in [
        ("web:80", 10, 10, true, "at once"),
        ("web:80", 100, 101, true, "soon"),
        ("web:80", 190, 200, true, "within three times the time of the proof"),
        ("web:80", 191, 200, false, "another incident"),
        ("web:80", 9, 11, false, "it had begun before the run had helped"),
        ("web2:80", 100, 101, false, "another target"),
        ("web:80", 100, 1089, true, "the news is late"),
        ("web:80", 100, 1090, false, "the news is so late that nobody remembers"),
    ] {
        let mut engine = helped(config());
        engine.handle_timeout(at(heard));
        commands(&mut engine);
        assert_eq!(relapses(&mut engine, on(target, began), heard), expected, "{sentence}");
        let second = EpisodeChange::Opened(on("web:80", 150));
        engine.handle_change(&second, at(heard.max(150)));
        let again = names(&commands(&mut engine)).contains(&"Relapse 1".to_owned());
        assert!(!(expected && again), "{sentence}: it is said once");
    }
}

#[test]
fn what_did_not_help_cannot_fail_to_last() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    run_to_act(&mut engine, &firing(), at(1));
    acted(&mut engine, 0, Ok(ActReport::default()), at(2));
    commands(&mut engine);
    probed(&mut engine, 0, Some(Verdict::NoEffect), at(62));
    assert!(!relapses(&mut engine, on("web:80", 100), 101));
}

#[test]
fn it_counts_for_the_breaker_before_the_alert_is_looked_at() {
    let mut config = config();
    config.policies[0].breaker = "1/1h".parse().unwrap();
    config.policies[0].budgets.clear();
    let mut engine = helped(config);
    engine.handle_change(&EpisodeChange::Opened(on("web:80", 100)), at(101));
    assert_eq!(names(&commands(&mut engine)), ["Relapse 1", "breaker_open"]);
}

#[test]
fn it_counts_against_what_a_policy_has_earned() {
    let mut config = Config { mode: Mode::Earned, ..config() };
    config.terms = Terms { shadow_plans: 2, helped: 2, min_success: 0.3, without_effect: 1 };
    let standing = Standing { digest: digest(&config.policies[0]), ..Standing::at(Level::Act, at(0)) };
    let standings = HashMap::from([("restart".into(), standing)]);
    let mut run = super::timelines::stored(vec![StepRecord::default()]);
    run.ended = Some((at(10), RunOutcome::Helped));
    for (run, began, expected, sentence) in [
        (run.clone(), 100, vec!["Relapse 1", "Remember ask"], "the run of an earlier process"),
        (run.clone(), 191, vec![], "it lasted"),
        (
            Run { relapsed: Some((at(50), on("web:80", 40).id)), ..run.clone() },
            100,
            vec![],
            "it counted before",
        ),
        (Run { ended: Some((at(10), RunOutcome::Unproven)), ..run }, 100, vec![], "it never helped"),
    ] {
        for known in [false, true] {
            let alert = on("web:80", began);
            let episodes = if known { vec![alert.clone()] } else { Vec::new() };
            let standings = standings.clone();
            let restored = Restored { recent: vec![run.clone()], episodes, standings, ..Restored::default() };
            let mut engine = Engine::new(Arc::new(config.clone()), restored, at(200));
            if !known {
                engine.handle_change(&EpisodeChange::Opened(alert), at(201));
            }
            let seen = names(&commands(&mut engine));
            let counted: Vec<&String> = seen.iter().filter(|name| name.starts_with('R')).collect();
            assert_eq!(counted, expected, "{sentence}: {seen:?}");
        }
    }
}
