//! Approvals: asked for once, answered once, used once, and never for anything else.

use futures::future::join_all;

use super::*;
use crate::journal::{
    Answer, AnswerError, ApprovalFilter, AskError, BeginError, CancelError, LeaveError, Permit,
};
use crate::model::{Approval, ApprovalId, ApprovalRequest, ApprovalState, RunOutcome};

/// Asked at second 10, valid until second 110.
fn request(plan: Plan) -> ApprovalRequest {
    ApprovalRequest {
        plan,
        requested_by: "ada".into(),
        needs_another: false,
        requested_at: at(10),
        valid_for: Duration::from_secs(100),
    }
}

fn answer(approved: bool, by: &str, second: i64) -> Answer {
    Answer { approved, by: by.into(), at: at(second) }
}

impl Room {
    async fn asked(&self, plan: &Plan) -> ApprovalId {
        self.journal.ask(request(plan.clone())).await.unwrap()
    }

    async fn approved(&self, plan: &Plan) -> ApprovalId {
        let id = self.asked(plan).await;
        self.journal.answer(id, answer(true, "bob", 20)).await.unwrap();
        id
    }

    async fn begin_with(&self, id: ApprovalId, plan: &Plan, second: i64) -> Result<Permit, BeginError> {
        self.journal.begin(Intent { approval: Some(id), ..intent(plan) }, at(second)).await
    }

    async fn state(&self, id: ApprovalId) -> ApprovalState {
        self.journal.approval(id).await.unwrap().unwrap().state
    }
}

async fn a_request_is_asked_answered_and_used_over_restarts() {
    let room = Room::new().await;
    let plan = plan("a", 2);
    let id = room.asked(&plan).await;
    let pending = Approval { id, request: request(plan.clone()), state: ApprovalState::Pending };
    let room = room.reopened().await;
    assert_eq!(room.journal.approvals(ApprovalFilter::open()).await.unwrap(), vec![pending.clone()]);
    let approved = ApprovalState::Approved { by: "bob".into(), at: at(20) };
    let answered = room.journal.answer(id, answer(true, "bob", 20)).await.unwrap();
    assert_eq!(answered, Approval { state: approved, ..pending });
    let room = room.reopened().await;
    assert_eq!(room.journal.approval(id).await.unwrap(), Some(answered));
    let run = room.begin_with(id, &plan, 30).await.unwrap().run();
    assert_eq!(room.state(id).await, ApprovalState::Used { run, by: "bob".into() });
    assert_eq!(room.journal.approvals(ApprovalFilter::open()).await.unwrap(), vec![]);
    assert_eq!(room.journal.approvals(ApprovalFilter::latest(5)).await.unwrap().len(), 1);
    assert_eq!(room.journal.approval(ApprovalId(9)).await.unwrap(), None);
}

async fn an_answer_counts_only_where_it_may() {
    for (case, needs_another, given, expected) in [
        ("yes by another", true, answer(true, "bob", 20), None),
        ("no by another", true, answer(false, "bob", 20), None),
        ("yes by who asked, for what is harmless", false, answer(true, "ada", 20), None),
        ("yes by who asked", true, answer(true, "ada", 20), Some(AnswerError::NeedsAnother("ada".into()))),
        (
            "yes by who asked, spelt otherwise",
            true,
            answer(true, " Ada", 20),
            Some(AnswerError::NeedsAnother("ada".into())),
        ),
        (
            "yes by who asked, from Slack",
            true,
            answer(true, "slack:ADA", 20),
            Some(AnswerError::NeedsAnother("ada".into())),
        ),
        ("yes by nobody known", true, answer(true, "anonymous", 20), Some(AnswerError::Nameless)),
        ("yes by nobody known, for what is harmless", false, answer(true, "anonymous", 20), None),
        ("in the last moment", true, answer(true, "bob", 109), None),
        ("too late", true, answer(true, "bob", 110), Some(AnswerError::Expired(at(110)))),
        ("by nobody", true, answer(true, " ", 20), Some(AnswerError::Nameless)),
    ] {
        let room = Room::new().await;
        let asked = ApprovalRequest { needs_another, ..request(plan("a", 1)) };
        let id = room.journal.ask(asked).await.unwrap();
        let found = room.journal.answer(id, given.clone()).await;
        assert_eq!(found.err(), expected, "{case}");
        let expected = match (expected, given) {
            (Some(_), _) => ApprovalState::Pending,
            (None, Answer { approved: true, by, at }) => ApprovalState::Approved { by, at },
            (None, Answer { approved: false, by, at }) => ApprovalState::Rejected { by, at },
        };
        assert_eq!(room.state(id).await, expected, "{case}");
    }
}

async fn whoever_asked_must_be_known_for_somebody_else_to_approve() {
    for (case, asked_by, needs_another, given, expected) in [
        (
            "what nobody asked for",
            "anonymous",
            true,
            answer(true, "bob", 20),
            Some(AnswerError::UnknownRequester),
        ),
        (
            "the same, from Slack",
            "anonymous",
            true,
            answer(true, "slack:bob", 20),
            Some(AnswerError::UnknownRequester),
        ),
        (
            "the same, spelt otherwise",
            " Anonymous",
            true,
            answer(true, "bob", 20),
            Some(AnswerError::UnknownRequester),
        ),
        ("an empty name", "", true, answer(true, "bob", 20), Some(AnswerError::UnknownRequester)),
        ("its rejection", "anonymous", true, answer(false, "bob", 20), None),
        ("what nobody asked for and is not grave", "anonymous", false, answer(true, "bob", 20), None),
        ("what a policy asked for", "smartcloudops", true, answer(true, "bob", 20), None),
        ("the same, from Slack", "smartcloudops", true, answer(true, "slack:bob", 20), None),
    ] {
        let room = Room::new().await;
        let asked = ApprovalRequest { needs_another, requested_by: asked_by.into(), ..request(plan("a", 1)) };
        let id = room.journal.ask(asked).await.unwrap();
        assert_eq!(room.journal.answer(id, given).await.err(), expected, "{case}: {asked_by}");
        assert_eq!(room.state(id).await == ApprovalState::Pending, expected.is_some(), "{case}: {asked_by}");
    }
}

async fn the_first_of_many_answers_stands() {
    let room = Room::new().await;
    let id = room.asked(&plan("a", 1)).await;
    let names: Vec<String> = (0..20).map(|index| format!("person-{index}")).collect();
    let calls = names.iter().map(|by| room.journal.answer(id, answer(by.ends_with('0'), by, 20)));
    let answers = join_all(calls).await;
    let state = room.state(id).await;
    let (given, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(given.into_iter().map(|given| given.unwrap().state).collect::<Vec<_>>(), vec![state.clone()]);
    assert!(refused.into_iter().all(|refused| refused == Err(AnswerError::NotPending(state.clone()))));
    let unknown = room.journal.answer(ApprovalId(9), answer(true, "bob", 20)).await;
    assert_eq!(unknown, Err(AnswerError::Unknown));
}

async fn an_approval_is_leave_for_exactly_its_plan_once_and_in_time() {
    let asked = plan("a", 1);
    let mut other = asked.clone();
    other.steps[0].verify = None;
    let void = |state| Some(LeaveError::Void(state));
    for (case, decided, plan, second, expected) in [
        ("approved", Some(true), &asked, 109, None),
        ("not answered", None, &asked, 30, Some(LeaveError::Pending)),
        ("rejected", Some(false), &asked, 30, void("rejected")),
        ("too late", Some(true), &asked, 110, Some(LeaveError::Expired(at(110)))),
        ("another plan", Some(true), &other, 30, Some(LeaveError::OtherPlan)),
    ] {
        let room = Room::new().await;
        let id = room.asked(&asked).await;
        if let Some(approved) = decided {
            room.journal.answer(id, answer(approved, "bob", 20)).await.unwrap();
        }
        let before = room.state(id).await;
        let found = room.begin_with(id, plan, second).await.err();
        assert_eq!(found, expected.clone().map(BeginError::NoLeave), "{case}");
        assert_eq!(room.state(id).await == before, expected.is_some(), "{case}");
    }
    let unknown = Room::new().await.begin_with(ApprovalId(9), &asked, 30).await.unwrap_err();
    assert_eq!(unknown, BeginError::NoLeave(LeaveError::Void("unknown")));
}

async fn an_approval_is_used_once_however_many_ask() {
    let room = Room::new().await;
    let plan = plan("a", 1);
    let id = room.approved(&plan).await;
    let answers = join_all((0..20).map(|_| room.begin_with(id, &plan, 30))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    // The run is known by its key; that the approval is used up shows with another key.
    let mut twin = plan.clone();
    twin.key.episode.started = at(500);
    let run = answers.into_iter().find_map(Result::ok).unwrap().run();
    room.journal.close_run(run, RunOutcome::Helped, at(31)).await.unwrap();
    let refused = room.begin_with(id, &twin, 32).await.unwrap_err();
    assert_eq!(refused, BeginError::NoLeave(LeaveError::Void("used")));
}

async fn a_run_that_is_held_back_uses_nothing_up() {
    let room = Room::new().await;
    let plan = plan("a", 1);
    let id = room.approved(&plan).await;
    room.journal.set_paused(true, "ada", at(25)).await.unwrap();
    assert_eq!(room.begin_with(id, &plan, 30).await.unwrap_err(), BeginError::Paused);
    room.journal.set_paused(false, "ada", at(31)).await.unwrap();
    let _ = room.begin_with(id, &plan, 32).await.unwrap();
}

async fn there_is_one_open_request_for_a_run() {
    let room = Room::new().await;
    let plan = plan("a", 1);
    let first = room.asked(&plan).await;
    let again = |second| ApprovalRequest { requested_at: at(second), ..request(plan.clone()) };
    let open = room.journal.approval(first).await.unwrap().unwrap();
    let refused = room.journal.ask(again(50)).await.unwrap_err();
    assert_eq!(refused, AskError::AlreadyOpen(Box::new(open)));
    let second = room.journal.ask(again(110)).await.unwrap();
    let why = "the time ran out".to_owned();
    assert_eq!(room.state(first).await, ApprovalState::Cancelled { why, at: at(110) });
    room.journal.answer(second, answer(false, "bob", 120)).await.unwrap();
    room.journal.ask(again(130)).await.unwrap();
}

async fn what_is_cancelled_can_be_neither_answered_nor_used() {
    let room = Room::new().await;
    let (a, b) = (plan("a", 1), plan("b", 1));
    let (pending, approved) = (room.asked(&a).await, room.approved(&b).await);
    let state = ApprovalState::Cancelled { why: "the alert resolved".into(), at: at(40) };
    for id in [pending, approved] {
        room.journal.cancel(id, "the alert resolved", at(40)).await.unwrap();
        assert_eq!(room.state(id).await, state);
        let again = room.journal.cancel(id, "once more", at(41)).await;
        assert_eq!(again, Err(CancelError::NotOpen(state.clone())));
    }
    let late = room.journal.answer(pending, answer(true, "bob", 42)).await;
    assert_eq!(late, Err(AnswerError::NotPending(state)));
    let refused = room.begin_with(approved, &b, 42).await.unwrap_err();
    assert_eq!(refused, BeginError::NoLeave(LeaveError::Void("cancelled")));
    assert_eq!(room.journal.cancel(ApprovalId(9), "", at(42)).await, Err(CancelError::Unknown));
}

async fn requests_are_kept_for_the_retention_after_they_are_over() {
    let room = Room::new().await;
    let (answered, open) = (room.asked(&plan("a", 1)).await, room.asked(&plan("b", 1)).await);
    room.journal.answer(answered, answer(false, "bob", 90)).await.unwrap();
    assert_eq!(room.journal.prune(at(90 * DAY + 110)).await.unwrap(), 0);
    assert_eq!(room.state(open).await, ApprovalState::Pending);
    assert_eq!(room.journal.prune(at(90 * DAY + 111)).await.unwrap(), 2);
    assert_eq!(room.journal.approval(answered).await.unwrap(), None);
}

on_every_database![
    a_request_is_asked_answered_and_used_over_restarts,
    an_answer_counts_only_where_it_may,
    whoever_asked_must_be_known_for_somebody_else_to_approve,
    the_first_of_many_answers_stands,
    an_approval_is_leave_for_exactly_its_plan_once_and_in_time,
    an_approval_is_used_once_however_many_ask,
    a_run_that_is_held_back_uses_nothing_up,
    there_is_one_open_request_for_a_run,
    what_is_cancelled_can_be_neither_answered_nor_used,
    requests_are_kept_for_the_retention_after_they_are_over,
];
