//! Clocks that are set, and machines that sleep.

use super::*;

#[test]
fn a_clock_set_back_stops_no_timer_and_frees_nothing() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(10_001));
    run_to_act(&mut engine, &firing(), at(10_001));
    acted(&mut engine, 0, Ok(ActReport::default()), at(10_002));
    commands(&mut engine);
    probed(&mut engine, 0, None, at(10_002));
    engine.handle_timeout(at(100));
    assert_eq!(engine.poll_timeout(), Some(at(103)), "three seconds later, as before");
    engine.handle_timeout(at(103));
    assert_eq!(names(&commands(&mut engine)), ["Probe 0"]);
    let seen = probed(&mut engine, 0, Some(Verdict::NoEffect), at(160));
    assert_eq!(seen, ["no_effect", "Close no_effect"], "the deadline moved with the clock");
    engine.handle_change(&EpisodeChange::Opened(app(150)), at(161));
    assert_eq!(run_to_act(&mut engine, &firing(), at(161)), ["cooldown"]);
}

#[test]
fn what_was_seen_long_ago_allows_nothing() {
    let mut slow = engine(config());
    slow.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = slow.poll_command() else { panic!("a question") };
    slow.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(3601));
    assert_eq!(names(&commands(&mut slow)), ["Confirm"], "the machine slept: it is asked again");

    let mut stuck = engine(config());
    stuck.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = stuck.poll_command() else { panic!("a question") };
    let confirmation = firing().into();
    stuck.handle_report(Report::Confirmed { key: key.clone(), number, confirmation }, at(1));
    assert_eq!(names(&commands(&mut stuck)), ["Begin"]);
    stuck.handle_report(Report::Begun { key, run: RunId(1) }, at(3601));
    let seen = names(&commands(&mut stuck));
    assert_eq!(seen, ["journal_unavailable", "Close not_started"], "the intent was written after an hour");
}

#[test]
fn a_clock_that_is_set_forward_frees_nothing() {
    let day = Duration::from_secs(86_400);
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    run_to_act(&mut engine, &firing(), at(1));
    acted(&mut engine, 0, Err(ActError::Failed { report: ActReport::default() }), at(2));
    commands(&mut engine);
    engine.handle_clock_set_forward(day, at(86_410));
    engine.handle_change(&EpisodeChange::Opened(app(86_405)), at(86_411));
    assert_eq!(run_to_act(&mut engine, &firing(), at(86_411)), ["cooldown"], "ten seconds have passed");
    engine.handle_timeout(at(86_400 + 1801));
    let seen = run_to_act(&mut engine, &firing(), at(86_400 + 1801));
    assert_eq!(seen, ["Confirm", "Begin", "act", "Act 0"], "half an hour has passed");
}

#[test]
fn a_clock_that_is_set_forward_ends_no_proof() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    run_to_act(&mut engine, &firing(), at(1));
    acted(&mut engine, 0, Ok(ActReport::default()), at(2));
    let Some(Command::Probe { probe, .. }) = engine.poll_command() else { panic!("a probe") };
    assert_eq!(probe.deadline, at(62));
    engine.handle_clock_set_forward(Duration::from_secs(1000), at(1010));
    probed(&mut engine, 0, None, at(1010));
    engine.handle_timeout(at(1030));
    let Some(Command::Probe { probe, .. }) = engine.poll_command() else { panic!("a probe") };
    assert_eq!(probe.deadline, at(1062));
}
