//! From one step of a run to the next, and what keeps it from going on.

use std::sync::Arc;

use super::*;

/// A policy of two steps, the first of which is under way for `app(0)`.
fn climbing(config: &Config) -> (Engine, Config) {
    let mut config = config.clone();
    let step = config.policies[0].steps[0].clone();
    config.policies[0].steps.push(step);
    let mut engine = engine(config.clone());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    run_to_act(&mut engine, &firing(), at(1));
    (engine, config)
}

#[test]
fn a_ladder_climbs_on_no_effect_and_stops_on_failure() {
    let mut config = config();
    let step = config.policies[0].steps[0].clone();
    config.policies[0].steps.push(step);
    let open = |config: &Config| {
        let mut engine = engine(config.clone());
        engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
        run_to_act(&mut engine, &firing(), at(1));
        engine
    };
    let mut climbs = open(&config);
    acted(&mut climbs, 0, Ok(ActReport::default()), at(2));
    assert_eq!(names(&commands(&mut climbs)), ["Probe 0"]);
    climbs.handle_report(
        Report::Probed { run: RunId(1), step: 0, effect: Some(Box::new(Verdict::NoEffect.into())) },
        at(70),
    );
    assert_eq!(run_to_act(&mut climbs, &firing(), at(70)), ["no_effect", "Confirm", "NextStep", "Act 1"]);
    acted(&mut climbs, 1, Ok(ActReport::default()), at(71));
    commands(&mut climbs);
    assert_eq!(probed(&mut climbs, 1, Some(Verdict::Helped), at(72)), ["helped", "Close helped"]);

    let mut fails = open(&config);
    acted(&mut fails, 0, Err(ActError::Failed { report: ActReport::default() }), at(2));
    assert_eq!(names(&commands(&mut fails)), ["Close failed"]);

    let mut paused = open(&config);
    acted(&mut paused, 0, Ok(ActReport::default()), at(2));
    commands(&mut paused);
    paused.handle_pause(true, at(3));
    assert_eq!(
        probed(&mut paused, 0, Some(Verdict::NoEffect), at(70)),
        ["no_effect", "paused", "Close aborted"]
    );
}

#[test]
fn the_world_is_read_again_before_a_further_step() {
    let absent = Confirmation { prometheus: Some(Presence::Absent), ..Confirmation::default() };
    let resolved = || {
        let mut episode = app(0);
        Arc::make_mut(&mut episode.alert).status = AlertStatus::Resolved;
        EpisodeChange::Resolved(episode)
    };
    type Meanwhile = fn(&mut Engine, &Config);
    let nothing: Meanwhile = |_, _| {};
    let shadow: Meanwhile = |engine, config| {
        engine.reconfigure(Arc::new(Config { mode: Mode::Shadow, ..config.clone() }), at(65));
    };
    let protected: Meanwhile = |engine, config| {
        let protected = vec!["web:80".to_owned()];
        engine.reconfigure(Arc::new(Config { protected, ..config.clone() }), at(65));
    };
    let asking: Meanwhile = |engine, config| {
        engine.reconfigure(Arc::new(Config { mode: Mode::Ask, ..config.clone() }), at(65));
    };
    let shorter: Meanwhile = |engine, config| {
        let mut shorter = config.clone();
        shorter.policies[0].steps.pop();
        engine.reconfigure(Arc::new(shorter), at(65));
    };
    let same: Meanwhile = |engine, config| engine.reconfigure(Arc::new(config.clone()), at(65));
    for (meanwhile, ends, confirmation, expected, sentence) in [
        (nothing, false, firing(), "Act 1", "it fires still"),
        (nothing, false, absent, "not_in_prometheus", "it fires no more and nobody told us"),
        (nothing, true, firing(), "resolved", "it resolved while the first step was proved"),
        (shadow, false, firing(), "shadow", "the policy is in shadow now"),
        (protected, false, firing(), "target_protected", "the target is protected now"),
        (asking, false, firing(), "approval_pending", "a person must approve now"),
        (shorter, false, firing(), "no_policy", "the step is gone from the policy"),
        (same, false, firing(), "Act 1", "the same was reloaded"),
    ] {
        let mut config = config();
        let step = config.policies[0].steps[0].clone();
        config.policies[0].steps.push(step);
        let mut engine = engine(config.clone());
        engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
        run_to_act(&mut engine, &firing(), at(1));
        acted(&mut engine, 0, Ok(ActReport::default()), at(2));
        meanwhile(&mut engine, &config);
        if ends {
            engine.handle_change(&resolved(), at(66));
        }
        let mut seen = names(&commands(&mut engine));
        let report =
            Report::Probed { run: RunId(1), step: 0, effect: Some(Box::new(Verdict::NoEffect.into())) };
        engine.handle_report(report, at(70));
        seen.extend(run_to_act(&mut engine, &confirmation, at(70)));
        assert!(seen.contains(&expected.to_owned()), "{sentence}: {seen:?}");
        assert_eq!(seen.contains(&"Act 1".to_owned()), expected == "Act 1", "{sentence}");
        assert_eq!(seen.contains(&"Close aborted".to_owned()), expected != "Act 1", "{sentence}");
    }
}

#[test]
fn nothing_follows_what_is_not_known_though_nothing_proves_it() {
    let mut unproved = config();
    unproved.policies[0].steps[0].verify = None;
    let unknown = ActError::Unknown { reason: String::new(), report: ActReport::default() };
    let failed = ActError::Failed { report: ActReport::default() };
    for (result, expected) in [
        (Ok(ActReport::default()), vec!["Confirm"]),
        (Err(unknown), vec!["Close unknown"]),
        (Err(failed), vec!["Close failed"]),
    ] {
        let (mut engine, _) = climbing(&unproved);
        acted(&mut engine, 0, result, at(2));
        assert_eq!(names(&commands(&mut engine)), expected);
    }
    let (mut engine, _) = climbing(&config());
    let unknown = ActError::Unknown { reason: String::new(), report: ActReport::default() };
    acted(&mut engine, 0, Err(unknown), at(2));
    commands(&mut engine);
    let seen = probed(&mut engine, 0, Some(Verdict::NoEffect), at(70));
    assert_eq!(seen, ["no_effect", "Close unknown"], "whether the first step was done is not known");
}

#[test]
fn nothing_follows_a_step_that_helped_or_did_harm_or_cannot_be_judged() {
    for (verdict, expected) in [
        (Verdict::Helped, ["helped", "Close helped"]),
        (Verdict::Worse, ["worse", "Close worse"]),
        (Verdict::Unknown, ["unknown", "Close unproven"]),
    ] {
        let (mut engine, _) = climbing(&config());
        acted(&mut engine, 0, Ok(ActReport::default()), at(2));
        commands(&mut engine);
        assert_eq!(probed(&mut engine, 0, Some(verdict), at(70)), expected);
    }
}

#[test]
fn a_run_ends_where_a_storm_begins() {
    let mut stormy = config();
    stormy.storm.per_alert = "2/1m".parse().unwrap();
    let (mut engine, _) = climbing(&stormy);
    acted(&mut engine, 0, Ok(ActReport::default()), at(62));
    for number in 0..3 {
        let instance = format!("web{number}:80");
        let one = episode(&[("alertname", "AppDown"), ("instance", &instance)], 63);
        engine.handle_change(&EpisodeChange::Opened(one), at(63));
    }
    commands(&mut engine);
    let seen = probed(&mut engine, 0, Some(Verdict::NoEffect), at(64));
    assert_eq!(seen[..3], ["no_effect", "storm", "Close aborted"]);
}

#[test]
fn a_run_that_is_stopped_between_two_steps_is_left_open_for_the_next_process() {
    let no_effect =
        || Report::Probed { run: RunId(1), step: 0, effect: Some(Box::new(Verdict::NoEffect.into())) };
    let begin = || {
        let (mut engine, _) = climbing(&config());
        acted(&mut engine, 0, Ok(ActReport::default()), at(2));
        commands(&mut engine);
        engine
    };
    let mut before = begin();
    before.handle_shutdown(at(3));
    before.handle_report(no_effect(), at(70));
    assert_eq!(run_to_act(&mut before, &firing(), at(70)), ["no_effect"]);

    let mut asked = begin();
    asked.handle_report(no_effect(), at(70));
    asked.handle_shutdown(at(71));
    assert_eq!(run_to_act(&mut asked, &firing(), at(72)), ["no_effect", "Confirm"]);
    assert_eq!(asked.in_flight(), 1);
}

#[test]
fn a_further_step_is_taken_back_if_its_alert_ends_before_its_intent() {
    let (mut engine, _) = climbing(&config());
    acted(&mut engine, 0, Ok(ActReport::default()), at(2));
    commands(&mut engine);
    assert_eq!(probed(&mut engine, 0, Some(Verdict::NoEffect), at(70)), ["no_effect", "Confirm"]);
    let (key, number) = (engine.runs[&RunId(1)].plan.key.clone(), engine.questions);
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(71));
    let mut resolved = app(0);
    Arc::make_mut(&mut resolved.alert).status = AlertStatus::Resolved;
    engine.handle_change(&EpisodeChange::Resolved(resolved), at(71));
    assert_eq!(names(&commands(&mut engine)), ["resolved", "Close aborted"]);
}

#[test]
fn no_further_step_follows_a_restart() {
    let (engine, config) = climbing(&config());
    let plan = engine.runs[&RunId(1)].plan.clone();
    for verified in [None, Some((at(3), Verdict::NoEffect))] {
        let record = StepRecord {
            begun_at: at(1),
            acted: Some((at(2), Ok(ActReport::default()))),
            verified,
            ..StepRecord::default()
        };
        let run = Run {
            id: RunId(1),
            plan: plan.clone(),
            begun_at: at(1),
            steps: vec![record],
            ended: None,
            relapsed: None,
        };
        let restored = Restored { episodes: vec![app(0)], open_runs: vec![run], ..Restored::default() };
        let mut engine = Engine::new(Arc::new(config.clone()), restored, at(10));
        engine.handle_report(
            Report::Probed { run: RunId(1), step: 0, effect: Some(Box::new(Verdict::NoEffect.into())) },
            at(70),
        );
        let seen = run_to_act(&mut engine, &firing(), at(70));
        assert!(seen.contains(&"Close no_effect".to_owned()), "{seen:?}");
        assert!(!seen.contains(&"Confirm".to_owned()), "and nothing is begun anew: {seen:?}");
    }
}

#[test]
fn a_question_before_the_next_step_is_put_anew_when_the_policies_are_read_again() {
    let (mut engine, config) = climbing(&config());
    acted(&mut engine, 0, Ok(ActReport::default()), at(2));
    commands(&mut engine);
    assert_eq!(probed(&mut engine, 0, Some(Verdict::NoEffect), at(70)), ["no_effect", "Confirm"]);
    let (key, first) = (engine.runs[&RunId(1)].plan.key.clone(), engine.questions);
    engine.reconfigure(Arc::new(config.clone()), at(71));
    assert!(names(&commands(&mut engine)).contains(&"Confirm".to_owned()));
    let answer = |number| Report::Confirmed { key: key.clone(), number, confirmation: firing().into() };
    engine.handle_report(answer(first), at(72));
    assert_eq!(names(&commands(&mut engine)), Vec::<String>::new(), "an answer to the policies before");
    engine.handle_report(answer(engine.questions), at(72));
    assert_eq!(names(&commands(&mut engine)), ["NextStep"]);
    engine.handle_report(Report::StepBegun { run: RunId(1) }, at(3600));
    let seen = names(&commands(&mut engine));
    assert_eq!(seen, ["journal_unavailable", "Close aborted"], "what allowed it was seen an hour ago");
}
