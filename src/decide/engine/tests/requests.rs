//! Plans that a person asks for.

use super::*;
use crate::decide::engine::RequestError;
use crate::model::{ApprovalState, Class, Fingerprint};

fn shadow() -> Config {
    Config { mode: Mode::Shadow, ..config() }
}

fn asked_for(engine: &mut Engine, now: i64) -> Result<(), RequestError> {
    engine.handle_request(app(0).id.fingerprint, "restart", "ann", at(now))
}

/// The engine after a plan in the shadow was asked for, and the request.
fn requested(config: Config) -> (Engine, Approval) {
    let mut engine = engine(config);
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    assert_eq!(run_to_act(&mut engine, &firing(), at(1)), ["Confirm", "shadow"]);
    asked_for(&mut engine, 2).unwrap();
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(2));
    let Some(Command::Ask(request)) = engine.poll_command() else { panic!("a request") };
    let approval = Approval { id: ApprovalId(7), request: *request, state: ApprovalState::Pending };
    let key = approval.request.plan.key.clone();
    engine.handle_report(Report::Asked { key, result: Ok(approval.clone().into()) }, at(2));
    commands(&mut engine);
    (engine, approval)
}

fn approved(approval: &Approval) -> Approval {
    Approval { state: ApprovalState::Approved { by: "bob".to_owned(), at: at(3) }, ..approval.clone() }
}

#[test]
fn what_the_shadow_holds_back_is_done_once_somebody_approves_it() {
    let mut config = shadow();
    let step = config.policies[0].steps[0].clone();
    config.policies[0].steps.push(step);
    let (mut engine, approval) = requested(config.clone());
    assert_eq!(approval.request.requested_by, "ann");
    engine.handle_answer(approved(&approval), at(3));
    assert_eq!(run_to_act(&mut engine, &firing(), at(3)), ["Confirm", "Begin", "act", "Act 0"]);
    assert_eq!(asked_for(&mut engine, 4), Err(RequestError::AlreadyRun));
    acted(&mut engine, 0, Ok(ActReport::default()), at(4));
    commands(&mut engine);
    let effect = Some(Box::new(Verdict::NoEffect.into()));
    engine.handle_report(Report::Probed { run: RunId(1), step: 0, effect }, at(70));
    let seen = run_to_act(&mut engine, &firing(), at(70));
    assert_eq!(seen, ["no_effect", "Confirm", "NextStep", "Act 1"], "the whole plan was asked for");

    let restored =
        Restored { episodes: vec![app(0)], approvals: vec![approved(&approval)], ..Restored::default() };
    let mut restarted = Engine::new(Arc::new(config), restored, at(10));
    assert_eq!(run_to_act(&mut restarted, &firing(), at(10)), ["Confirm", "Begin", "act", "Act 0"]);
}

#[test]
fn every_guard_is_asked_all_the_same() {
    let mut paused = engine(shadow());
    paused.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    run_to_act(&mut paused, &firing(), at(1));
    paused.handle_pause(true, at(2));
    asked_for(&mut paused, 3).unwrap();
    assert_eq!(names(&commands(&mut paused)), ["paused"]);

    let absent = Confirmation { prometheus: Some(Presence::Absent), ..firing() };
    let (mut over, approval) = requested(shadow());
    over.handle_answer(approved(&approval), at(3));
    assert_eq!(run_to_act(&mut over, &absent, at(3)), ["Confirm", "not_in_prometheus"]);
}

#[test]
fn only_what_a_policy_would_do_about_an_alert_that_fires_can_be_asked_for() {
    let mut engine = engine(shadow());
    assert_eq!(asked_for(&mut engine, 1), Err(RequestError::NotFiring));
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let other = engine.handle_request(app(0).id.fingerprint, "other", "ann", at(1));
    assert_eq!(other, Err(RequestError::NoPolicy));
    let unknown = engine.handle_request(Fingerprint(1), "restart", "ann", at(1));
    assert_eq!(unknown, Err(RequestError::NotFiring));
}

#[test]
fn nobody_known_asks_for_what_somebody_else_must_approve() {
    for (class, by, expected, sentence) in [
        (Class::Destructive, "anonymous", Err(RequestError::Nameless), "a plan that takes something away"),
        (Class::Destructive, "smartcloudops", Err(RequestError::Nameless), "somebody named as the daemon"),
        (Class::Destructive, "ann", Ok(()), "the same, by a person"),
        (Class::Disruptive, "anonymous", Ok(()), "what comes back by itself"),
    ] {
        let mut config = shadow();
        config.policies[0].class = class;
        let mut engine = engine(config);
        engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
        assert_eq!(run_to_act(&mut engine, &firing(), at(1)), ["Confirm", "shadow"]);
        let asked = engine.handle_request(app(0).id.fingerprint, "restart", by, at(2));
        assert_eq!(asked, expected, "{sentence}");
        let more = run_to_act(&mut engine, &firing(), at(2));
        assert_eq!(more.is_empty(), expected.is_err(), "{sentence}: {more:?}");
    }
}

#[test]
fn a_person_may_ask_again_after_a_no() {
    let (mut engine, approval) = requested(shadow());
    let rejected = ApprovalState::Rejected { by: "bob".to_owned(), at: at(3) };
    engine.handle_answer(Approval { state: rejected, ..approval }, at(3));
    assert_eq!(names(&commands(&mut engine)), ["approval_rejected"]);
    engine.reconfigure(Arc::new(shadow()), at(4));
    assert_eq!(run_to_act(&mut engine, &firing(), at(4)), ["Confirm", "shadow"], "it is as it was before");
    asked_for(&mut engine, 5).unwrap();
    assert_eq!(run_to_act(&mut engine, &firing(), at(5)), ["Confirm", "Ask"]);
}
