//! Silences that runs create, and when they are lifted.

use std::sync::Arc;

use super::timelines::stored;
use super::*;
use crate::model::{Action, AlertmanagerAction, Lift, PlannedStep, SilenceAction};

fn silence(verified: bool) -> PlannedStep {
    let verify = config().policies[0].steps[0].verify.is_some();
    assert!(verify, "the policy's own step has a proof");
    let run = stored(Vec::new());
    let silence = SilenceAction {
        policy: "restart".to_owned(),
        episode: app(0).id,
        matchers: Vec::new(),
        why: String::new(),
        lasts: Duration::from_secs(600),
        timeout: Duration::from_secs(1),
    };
    let action = Action::Alertmanager(AlertmanagerAction::Silence(silence));
    PlannedStep { action, verify: run.plan.steps[0].verify.clone().filter(|_| verified) }
}

/// A run left open or closed, whose first step silences and is followed by so many others.
fn run(verified: bool, others: usize, record: StepRecord, ended: Option<RunOutcome>) -> Run {
    let mut run = stored(vec![record]);
    let other = run.plan.steps[0].clone();
    run.plan.steps = std::iter::once(silence(verified)).chain(std::iter::repeat_n(other, others)).collect();
    run.ended = ended.map(|outcome| (at(5), outcome));
    run
}

fn accepted() -> StepRecord {
    StepRecord { begun_at: at(0), acted: Some((at(1), Ok(ActReport::default()))), ..StepRecord::default() }
}

fn engine_after(run: Run, open: bool, now: i64) -> (Engine, Vec<String>) {
    let mut episode = app(0);
    if !open {
        Arc::make_mut(&mut episode.alert).status = AlertStatus::Resolved;
    }
    let open_runs = if run.ended.is_none() { vec![run.clone()] } else { Vec::new() };
    let attempts = vec![(run.plan.clone(), at(0))];
    let restored =
        Restored { episodes: vec![episode], attempts, open_runs, recent: vec![run], ..Restored::default() };
    let mut engine = Engine::new(Arc::new(config()), restored, at(now));
    let seen = names(&commands(&mut engine));
    (engine, seen.into_iter().filter(|name| name != "already_run").collect())
}

fn resolve(engine: &mut Engine) -> Vec<String> {
    let mut episode = app(0);
    Arc::make_mut(&mut episode.alert).status = AlertStatus::Resolved;
    engine.handle_change(&EpisodeChange::Resolved(episode), at(20));
    names(&commands(engine))
}

#[test]
fn what_an_earlier_process_has_silenced_is_lifted_when_it_should_be() {
    let unknown = || Err(ActError::Unknown { reason: String::new(), report: ActReport::default() });
    let failed = || Err(ActError::Failed { report: ActReport::default() });
    let acted = |result| StepRecord { acted: Some((at(1), result)), ..accepted() };
    let lift = |ended: bool| StepRecord {
        lift: Some(Lift { begun_at: at(6), ended: ended.then(|| (at(7), Ok(ActReport::default()))) }),
        ..accepted()
    };
    let over = Some(RunOutcome::Unproven);
    for (run, open, now, expected, sentence) in [
        (run(false, 0, accepted(), over), true, 10, vec![], "the last thing of its run stays"),
        (run(false, 0, accepted(), over), false, 10, vec!["Lift 0"], "until the alert is over"),
        (run(false, 1, accepted(), over), true, 10, vec!["Lift 0"], "another step was done under it"),
        (run(true, 0, accepted(), over), true, 10, vec!["Lift 0"], "the run waited for its proof"),
        (run(false, 1, accepted(), over), true, 600, vec![], "it has ended by itself"),
        (run(false, 1, acted(failed()), over), true, 10, vec![], "there never was one"),
        (run(false, 1, acted(unknown()), over), true, 10, vec!["Lift 0"], "there may be one"),
        (run(false, 1, lift(false), over), true, 10, vec!["Lift 0"], "nobody knows what came of the intent"),
        (run(false, 0, lift(false), over), true, 10, vec!["Lift 0"], "what was begun is ended"),
        (run(false, 1, lift(true), over), false, 10, vec![], "it was lifted"),
        (
            run(false, 0, StepRecord { begun_at: at(0), ..StepRecord::default() }, None),
            true,
            10,
            vec!["Close unknown"],
            "the process died of it, and the alert goes on",
        ),
        (run(false, 0, accepted(), None), false, 10, vec!["Lift 0", "Close unproven"], "the alert is over"),
        (run(false, 1, accepted(), None), true, 10, vec!["Close unproven", "Lift 0"], "no step follows"),
    ] {
        let (_, seen) = engine_after(run, open, now);
        assert_eq!(seen, expected, "{sentence}");
    }
}

#[test]
fn the_end_of_the_alert_lifts_what_outlasts_its_run_once() {
    let (mut engine, seen) = engine_after(run(false, 0, accepted(), Some(RunOutcome::Unproven)), true, 10);
    assert_eq!(seen, Vec::<String>::new());
    assert!(resolve(&mut engine).contains(&"Lift 0".to_owned()));
    assert_eq!(resolve(&mut engine), Vec::<String>::new());
}

#[test]
fn what_has_ended_by_itself_is_lifted_by_nobody() {
    let (mut engine, _) = engine_after(run(false, 0, accepted(), Some(RunOutcome::Unproven)), true, 10);
    engine.handle_timeout(at(599));
    assert_eq!(engine.silences.len(), 1);
    engine.handle_timeout(at(600));
    assert!(!resolve(&mut engine).contains(&"Lift 0".to_owned()));
}

#[test]
fn a_silence_of_this_process_is_lifted_at_the_end_of_its_run() {
    for (others, expected) in [(0, vec!["Close unproven"]), (1, vec!["Close failed", "Lift 0"])] {
        let mut engine = engine(config());
        engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
        run_to_act(&mut engine, &firing(), at(1));
        let plan = run(false, others, accepted(), None).plan;
        engine.runs.get_mut(&RunId(1)).unwrap().plan = plan;
        acted(&mut engine, 0, Ok(ActReport::default()), at(2));
        if others > 0 {
            run_to_act(&mut engine, &firing(), at(3));
            let failed = ActError::Failed { report: ActReport::default() };
            acted(&mut engine, 1, Err(failed), at(4));
        }
        assert_eq!(names(&commands(&mut engine)), expected);
        assert!(others > 0 || resolve(&mut engine).contains(&"Lift 0".to_owned()));
    }
}
