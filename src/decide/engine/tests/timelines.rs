//! Timelines: what happens, told step by step.

use std::sync::Arc;

use super::*;

#[test]
fn an_alert_is_confirmed_written_down_acted_on_and_proved() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    assert_eq!(run_to_act(&mut engine, &firing(), at(1)), ["Confirm", "Begin", "act", "Act 0"]);
    assert!(engine.is_acting());
    acted(&mut engine, 0, Ok(ActReport::default()), at(2));
    assert_eq!(names(&commands(&mut engine)), ["Probe 0"]);
    assert_eq!(probed(&mut engine, 0, None, at(2)), Vec::<String>::new());
    assert_eq!(engine.poll_timeout(), Some(at(5)));
    engine.handle_timeout(at(5));
    assert_eq!(names(&commands(&mut engine)), ["Probe 0"]);
    assert_eq!(probed(&mut engine, 0, Some(Verdict::Helped), at(6)), ["helped", "Close helped"]);
    assert_eq!(engine.in_flight(), 0);
    engine.handle_change(&EpisodeChange::Repeated(app(0)), at(7));
    engine.handle_timeout(at(4000));
    assert!(commands(&mut engine).is_empty(), "a repeat and the time start nothing again");
}

#[test]
fn whatever_does_not_confirm_holds_with_its_name() {
    use Presence::{Absent, Inhibited, Silenced, Unreachable};
    for (alertmanager, prometheus, expected) in [
        (Some(Silenced), Some(Presence::Firing), Reason::Silenced),
        (Some(Inhibited), Some(Presence::Firing), Reason::Inhibited),
        (Some(Absent), Some(Presence::Firing), Reason::NotInAlertmanager),
        (Some(Unreachable("x".into())), Some(Presence::Firing), Reason::AlertmanagerUnreachable),
        (None, Some(Presence::Firing), Reason::AlertmanagerUnreachable),
        (Some(Presence::Firing), Some(Absent), Reason::NotInPrometheus),
        (Some(Presence::Firing), Some(Unreachable("x".into())), Reason::PrometheusUnreachable),
        (Some(Presence::Firing), None, Reason::PrometheusUnreachable),
    ] {
        let mut config = config();
        config.policies[0].confirm_with = [ConfirmWith::Alertmanager, ConfirmWith::Prometheus].into();
        let mut engine = engine(config);
        engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
        let confirmation = Confirmation { alertmanager, prometheus, ..Confirmation::default() };
        let seen = run_to_act(&mut engine, &confirmation, at(1));
        assert_eq!(seen, ["Confirm".to_owned(), expected.to_string()]);
        engine.handle_timeout(at(31));
        let everybody = Confirmation { alertmanager: Some(Presence::Firing), ..firing() };
        let seen = run_to_act(&mut engine, &everybody, at(31));
        assert_eq!(seen, ["Confirm", "Begin", "act", "Act 0"], "it is asked again after {expected}");
    }
}

#[test]
fn shadow_records_the_plan_and_does_nothing() {
    let mut engine = engine(Config { mode: Mode::Shadow, ..config() });
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(1));
    let batch = commands(&mut engine);
    assert_eq!(names(&batch), ["shadow"]);
    let Command::Record(decision) = &batch[0] else { panic!("a record") };
    assert!(matches!(&decision.verdict, DecisionVerdict::Hold { plan: Some(_), .. }));
}

#[test]
fn an_alert_without_a_policy_is_recorded_once() {
    let mut engine = engine(config());
    let other = episode(&[("alertname", "Other")], 0);
    engine.handle_change(&EpisodeChange::Opened(other.clone()), at(1));
    engine.handle_change(&EpisodeChange::Repeated(other), at(2));
    assert_eq!(names(&commands(&mut engine)), ["no_policy"]);
}

#[test]
fn the_stop_switch_holds_and_lets_go() {
    let mut engine = engine(config());
    engine.handle_pause(true, at(0));
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    engine.handle_timeout(at(100));
    assert_eq!(names(&commands(&mut engine)), ["paused"]);
    engine.handle_pause(false, at(101));
    assert_eq!(run_to_act(&mut engine, &firing(), at(101)), ["Confirm", "Begin", "act", "Act 0"]);
}

#[test]
fn a_stop_between_confirmation_and_intent_is_in_time() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    engine.handle_pause(true, at(2));
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(3));
    assert_eq!(names(&commands(&mut engine)), ["paused"]);
}

#[test]
fn an_alert_that_resolves_while_it_waits_is_left_alone() {
    let mut engine = engine(Config { startup_grace: Duration::from_secs(60), ..config() });
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let mut resolved = app(0);
    Arc::make_mut(&mut resolved.alert).status = AlertStatus::Resolved;
    engine.handle_change(&EpisodeChange::Resolved(resolved), at(2));
    engine.handle_timeout(at(100));
    assert_eq!(names(&commands(&mut engine)), ["starting", "resolved"]);
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn one_target_is_worked_on_by_one_run_and_then_cools_down() {
    let mut config = config();
    let mut second = config.policies[0].clone();
    second.name = "again".into();
    config.policies.push(second);
    let mut engine = engine(config);
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let seen = run_to_act(&mut engine, &firing(), at(1));
    assert_eq!(seen, ["Confirm", "Confirm", "Begin", "target_busy", "act", "Act 0"]);
    acted(&mut engine, 0, Err(ActError::NotStarted { reason: String::new() }), at(2));
    let mut next = app(100);
    next.id.started = at(100);
    engine.handle_change(&EpisodeChange::Opened(next), at(101));
    let seen = run_to_act(&mut engine, &firing(), at(101));
    assert!(seen.contains(&"cooldown".to_owned()), "{seen:?}");
}

#[test]
fn the_end_of_an_episode_leaves_nothing_of_it_and_all_of_the_others() {
    let mut config = config();
    config.startup_grace = Duration::from_secs(60);
    let mut second = config.policies[0].clone();
    second.name = "again".into();
    config.policies.push(second);
    let mut engine = engine(config);
    let episodes: Vec<Episode> = (0..5)
        .map(|number| {
            let instance = format!("web{number}:80");
            episode(&[("alertname", "AppDown"), ("instance", &instance)], number)
        })
        .collect();
    for episode in &episodes {
        engine.handle_change(&EpisodeChange::Opened(episode.clone()), at(5));
    }
    let mut resolved = episodes[2].clone();
    Arc::make_mut(&mut resolved.alert).status = AlertStatus::Resolved;
    engine.handle_change(&EpisodeChange::Resolved(resolved.clone()), at(6));
    for (left, keys) in [
        ("candidates", engine.open.places().into_iter().map(|(id, _)| id).collect::<Vec<_>>()),
        ("told", engine.open.held_by(|_| true).into_iter().map(|(id, _)| id).collect()),
    ] {
        assert_eq!(keys.len(), 8, "{left}");
        assert!(!keys.contains(&resolved.id), "{left}");
    }
    assert!(engine.open.next_due().is_some(), "what is open is looked at again");
    for episode in episodes {
        engine.handle_change(&EpisodeChange::Resolved(episode), at(7));
    }
    assert_eq!(engine.open.next_due(), None, "and what is over never");
}

#[test]
fn an_alert_that_resolves_between_decision_and_intent_is_left_alone() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(2));
    let mut resolved = app(0);
    Arc::make_mut(&mut resolved.alert).status = AlertStatus::Resolved;
    engine.handle_change(&EpisodeChange::Resolved(resolved), at(2));
    assert_eq!(names(&commands(&mut engine)), ["resolved"]);
    assert_eq!(engine.in_flight(), 0);
}

#[test]
fn what_may_have_happened_is_proved_and_never_repeated() {
    for (verdict, expected) in [
        (Verdict::Helped, vec!["helped", "Close helped"]),
        (Verdict::NoEffect, vec!["no_effect", "Close unknown"]),
        (Verdict::Unknown, vec!["unknown", "Close unknown"]),
    ] {
        let mut engine = engine(config());
        engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
        run_to_act(&mut engine, &firing(), at(1));
        let unknown = ActError::Unknown { reason: String::new(), report: ActReport::default() };
        acted(&mut engine, 0, Err(unknown), at(2));
        assert_eq!(names(&commands(&mut engine)), ["Probe 0"]);
        assert_eq!(probed(&mut engine, 0, Some(verdict), at(70)), expected);
    }
}

pub(super) fn stored(steps: Vec<StepRecord>) -> Run {
    let config = config();
    let plan = crate::decide::policy::plan(&config, &config.policies[0], &app(0)).unwrap();
    Run { id: RunId(1), plan, begun_at: at(0), steps, ended: None, relapsed: None }
}

#[test]
fn a_run_left_open_is_proved_and_never_repeated() {
    let step = |acted, verified| StepRecord { begun_at: at(0), acted, verified, ..StepRecord::default() };
    let ok = || Some((at(1), Ok(ActReport::default())));
    let failed = || Some((at(1), Err(ActError::Failed { report: ActReport::default() })));
    for (record, expected, sentence) in [
        (step(None, None), vec!["Probe 0"], "an intent without an outcome"),
        (step(ok(), None), vec!["Probe 0"], "an act without a proof"),
        (step(failed(), None), vec!["Close failed"], "an act that failed"),
        (step(ok(), Some((at(2), Verdict::Helped))), vec!["Close helped"], "a proof without an end"),
        (
            step(ok(), Some((at(2), Verdict::NoEffect))),
            vec!["Close no_effect"],
            "no effect, and no next step",
        ),
        (step(None, Some((at(2), Verdict::NoEffect))), vec!["Close unknown"], "nobody knows what happened"),
    ] {
        let restored = Restored {
            episodes: vec![app(0)],
            attempts: vec![(stored(Vec::new()).plan, at(0))],
            open_runs: vec![stored(vec![record])],
            ..Restored::default()
        };
        let mut engine = Engine::new(Arc::new(config()), restored, at(10));
        let mut seen = names(&commands(&mut engine));
        assert_eq!(seen.pop().as_deref(), Some("already_run"), "{sentence}");
        assert_eq!(seen, expected, "{sentence}");
    }
}

#[test]
fn an_alert_is_acted_on_once_it_has_fired_for_long_enough_and_not_by_a_clock_set_back() {
    let mut config = config();
    config.policies[0].min_firing = Duration::from_secs(60);
    config.startup_grace = Duration::from_secs(30);
    let mut engine = engine(config);
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    assert_eq!(
        (names(&commands(&mut engine)), engine.poll_timeout()),
        (vec!["starting".to_owned()], Some(at(30)))
    );
    engine.handle_timeout(at(-1000));
    assert_eq!(engine.poll_timeout(), Some(at(-971)), "29 s later, as before");
    engine.handle_timeout(at(-971));
    assert_eq!(
        names(&commands(&mut engine)),
        ["too_young"],
        "the grace is over, the alert lies in the future"
    );
    assert_eq!(engine.poll_timeout(), Some(at(60)));
    engine.handle_timeout(at(59));
    assert_eq!(run_to_act(&mut engine, &firing(), at(59)), Vec::<String>::new());
    engine.handle_timeout(at(60));
    assert_eq!(run_to_act(&mut engine, &firing(), at(60)), ["Confirm", "Begin", "act", "Act 0"]);
}

#[test]
fn an_answer_to_an_earlier_question_is_not_taken() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    let mut stricter = config();
    stricter.policies[0].conditions = vec![Template::compile("score > 5", Escape::PromQl).unwrap()];
    engine.reconfigure(Arc::new(stricter), at(2));
    let Some(Command::Confirm { number: second, question, .. }) = engine.poll_command() else {
        panic!("a question")
    };
    assert_eq!(question.conditions, ["score > 5"]);
    let of_old = Confirmation { conditions: vec![Observation::Holds], ..firing() };
    let report = |number, seen: &Confirmation| Report::Confirmed {
        key: key.clone(),
        number,
        confirmation: seen.clone().into(),
    };
    engine.handle_report(report(number, &of_old), at(3));
    assert_eq!(names(&commands(&mut engine)), Vec::<String>::new());
    engine.handle_report(report(second, &of_old), at(3));
    assert_eq!(names(&commands(&mut engine)), ["Begin"]);
}

#[test]
fn an_effect_must_last() {
    let mut config = config();
    config.policies[0].steps[0].verify.as_mut().unwrap().lasts = Duration::from_secs(20);
    let begin = || {
        let mut engine = engine(config.clone());
        engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
        run_to_act(&mut engine, &firing(), at(1));
        acted(&mut engine, 0, Ok(ActReport::default()), at(2));
        commands(&mut engine);
        engine
    };
    let (helped, no_effect) = (Some(Verdict::Helped), Some(Verdict::NoEffect));
    for (looks, expected, sentence) in [
        (vec![(5, helped), (15, helped), (25, helped)], "Close helped", "it has lasted"),
        (vec![(5, helped), (24, helped)], "", "a second is missing"),
        (vec![(5, helped), (15, None), (25, helped), (30, helped)], "", "it began anew"),
        (vec![(5, helped), (15, None), (62, no_effect)], "Close no_effect", "it did not come back"),
        (vec![(61, helped), (70, helped)], "", "it came late and has not lasted yet"),
        (vec![(61, helped), (81, helped)], "Close helped", "it came late and has lasted"),
        (vec![(61, helped), (70, no_effect)], "Close no_effect", "it came late and ended"),
    ] {
        let mut engine = begin();
        let mut seen = Vec::new();
        for (second, verdict) in looks {
            seen.extend(probed(&mut engine, 0, verdict, at(second)));
        }
        assert_eq!(seen.last().map_or("", String::as_str), expected, "{sentence}: {seen:?}");
    }
}

#[test]
fn an_answer_that_nobody_waits_for_any_more_is_not_taken() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    let absent = Confirmation { prometheus: Some(Presence::Absent), ..firing() };
    engine.handle_report(Report::Confirmed { key: key.clone(), number, confirmation: absent.into() }, at(2));
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(3));
    assert_eq!(names(&commands(&mut engine)), ["not_in_prometheus"]);
}

#[test]
fn what_an_action_says_counts_once() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    run_to_act(&mut engine, &firing(), at(1));
    acted(&mut engine, 0, Ok(ActReport::default()), at(2));
    assert_eq!(names(&commands(&mut engine)), ["Probe 0"]);
    acted(&mut engine, 0, Err(ActError::Failed { report: ActReport::default() }), at(3));
    assert_eq!(names(&commands(&mut engine)), Vec::<String>::new(), "it is being proved");
}

#[test]
fn a_run_that_the_journal_began_without_a_word_ends_and_keeps_nobody_out() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    engine
        .handle_report(Report::Confirmed { key: key.clone(), number, confirmation: firing().into() }, at(1));
    let Some(Command::Begin { plan, .. }) = engine.poll_command() else { panic!("an intent") };
    let reason = Reason::JournalUnavailable;
    engine.handle_report(Report::BeginRefused { key: key.clone(), reason }, at(11));
    assert_eq!(names(&commands(&mut engine)), ["journal_unavailable"]);
    let step = StepRecord { begun_at: at(2), ..StepRecord::default() };
    let run =
        Run { id: RunId(1), plan: *plan, begun_at: at(2), steps: vec![step], ended: None, relapsed: None };
    engine.handle_lost_run(run, at(12));
    assert_eq!(names(&commands(&mut engine)), ["Close not_started"], "there was no permit");
    engine.handle_timeout(at(45));
    assert_eq!(names(&commands(&mut engine)), Vec::<String>::new(), "it is not begun again");
    assert_eq!(engine.in_flight(), 0);
}
