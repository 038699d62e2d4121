//! Plans that need a person's leave.

use std::sync::Arc;

use super::*;
use crate::decide::config::Mode;
use crate::model::{ApprovalState, Class};

fn asking() -> Config {
    Config { mode: Mode::Ask, ..config() }
}

/// The engine after it has asked for approval of a plan for `app(0)`, and the request as the journal has it.
fn asked(config: Config) -> (Engine, Approval) {
    let mut engine = engine(config);
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(1));
    let Some(Command::Ask(request)) = engine.poll_command() else { panic!("a request") };
    let approval = Approval { id: ApprovalId(7), request: *request, state: ApprovalState::Pending };
    let key = approval.request.plan.key.clone();
    engine.handle_report(Report::Asked { key, result: Ok(approval.clone().into()) }, at(1));
    (engine, approval)
}

fn answered(mut approval: Approval, approve: bool) -> Approval {
    let (by, at) = ("ann".to_owned(), at(2));
    approval.state =
        if approve { ApprovalState::Approved { by, at } } else { ApprovalState::Rejected { by, at } };
    approval
}

#[test]
fn with_leave_the_world_is_read_again_and_the_leave_used() {
    let (mut engine, approval) = asked(asking());
    assert_eq!(names(&commands(&mut engine)), ["approval_pending"]);
    engine.handle_timeout(at(1000));
    assert_eq!(names(&commands(&mut engine)), Vec::<String>::new(), "it is asked for once");
    engine.handle_answer(answered(approval, true), at(1001));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(1001));
    let Some(Command::Begin { approval, .. }) = engine.poll_command() else { panic!("an intent") };
    assert_eq!(approval, Some(ApprovalId(7)));
}

#[test]
fn leave_does_not_help_what_the_world_holds_back() {
    let (mut engine, approval) = asked(asking());
    commands(&mut engine);
    engine.handle_answer(answered(approval, true), at(2));
    let absent = Confirmation { prometheus: Some(Presence::Absent), ..firing() };
    assert_eq!(run_to_act(&mut engine, &absent, at(2)), ["Confirm", "not_in_prometheus"]);
}

#[test]
fn a_request_ends_by_refusal_by_time_and_with_its_alert() {
    let (mut engine, approval) = asked(asking());
    commands(&mut engine);
    engine.handle_answer(answered(approval.clone(), false), at(2));
    engine.handle_timeout(at(4000));
    assert_eq!(names(&commands(&mut engine)), ["approval_rejected"]);

    let (mut engine, _) = asked(asking());
    commands(&mut engine);
    assert_eq!(engine.poll_timeout(), Some(at(1801)));
    engine.handle_timeout(at(1801));
    assert_eq!(names(&commands(&mut engine)), ["Cancel: its time ran out", "approval_expired"]);
    engine.handle_answer(answered(approval, true), at(1802));
    assert!(commands(&mut engine).is_empty(), "an answer that comes late changes nothing");

    let (mut engine, _) = asked(asking());
    commands(&mut engine);
    let mut resolved = app(0);
    Arc::make_mut(&mut resolved.alert).status = AlertStatus::Resolved;
    engine.handle_change(&EpisodeChange::Resolved(resolved), at(3));
    assert_eq!(names(&commands(&mut engine)), ["resolved", "Cancel: the alert resolved"]);
}

#[test]
fn what_was_asked_for_is_known_after_a_restart_and_a_changed_plan_is_asked_for_anew() {
    let (_, approval) = asked(asking());
    let restored = || Restored {
        episodes: vec![app(0)],
        approvals: vec![answered(approval.clone(), true)],
        ..Restored::default()
    };
    let mut engine = Engine::new(Arc::new(asking()), restored(), at(10));
    assert_eq!(run_to_act(&mut engine, &firing(), at(10)), ["Confirm", "Begin", "act", "Act 0"]);

    let mut config = asking();
    config.policies[0].steps[0].verify = None;
    let mut engine = Engine::new(Arc::new(config), restored(), at(10));
    let seen = run_to_act(&mut engine, &firing(), at(10));
    assert_eq!(seen, ["Confirm", "Cancel: the plan has changed", "Ask"]);
}

#[test]
fn what_takes_something_away_needs_leave_from_somebody_else_in_every_mode() {
    for (mode, class, expected) in [
        (Mode::Enforce, Class::Harmless, None),
        (Mode::Enforce, Class::Disruptive, None),
        (Mode::Enforce, Class::Destructive, Some(true)),
        (Mode::Ask, Class::Harmless, Some(false)),
        (Mode::Ask, Class::Destructive, Some(true)),
    ] {
        let mut config = Config { mode, ..config() };
        config.policies[0].class = class;
        let mut engine = engine(config);
        engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
        let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
        engine.handle_report(Report::Confirmed { key, number, confirmation: firing().into() }, at(1));
        let needs = match engine.poll_command() {
            Some(Command::Ask(request)) => Some(request.needs_another),
            Some(Command::Begin { approval: None, .. }) => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(needs, expected, "{mode:?} {class:?}");
    }
    let mut config = config();
    config.policies[0].needs_approval = true;
    let (_, approval) = asked(config);
    assert!(!approval.request.needs_another, "as the policy says");
}

#[test]
fn a_no_is_remembered_while_the_alert_fires_and_the_plan_is_the_same() {
    let (mut refused, approval) = asked(asking());
    commands(&mut refused);
    refused.handle_answer(answered(approval.clone(), false), at(3));
    assert_eq!(names(&commands(&mut refused)), ["approval_rejected"]);
    refused.reconfigure(Arc::new(asking()), at(4));
    let seen = run_to_act(&mut refused, &firing(), at(4));
    assert_eq!(seen, ["Confirm"], "the same is not asked for again, nor told again");

    let late = ApprovalState::Cancelled { why: "its time ran out".to_owned(), at: at(1801) };
    for (state, expected) in [
        (answered(approval.clone(), false).state, ["Confirm", "approval_rejected"]),
        (late, ["Confirm", "approval_expired"]),
    ] {
        let approvals = vec![Approval { state, ..approval.clone() }];
        let restored =
            || Restored { episodes: vec![app(0)], approvals: approvals.clone(), ..Restored::default() };
        let mut restarted = Engine::new(Arc::new(asking()), restored(), at(2000));
        assert_eq!(run_to_act(&mut restarted, &firing(), at(2000)), expected);
        let mut other = asking();
        other.policies[0].steps[0].verify = None;
        let mut changed = Engine::new(Arc::new(other), restored(), at(2000));
        assert_eq!(run_to_act(&mut changed, &firing(), at(2000)), ["Confirm", "Ask"], "another plan");
    }
}
