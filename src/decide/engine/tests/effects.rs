//! What an effect is judged by: asked before, asked again after, and beside whom.

use super::*;
use crate::decide::digest::digest;
use crate::decide::{EffectQuestion, Indicator, Probe};
use crate::model::{Before, Better, Effect, Measurement};

/// A policy with an indicator, and two equal steps.
fn measured() -> Config {
    let mut config = config();
    let policy = &mut config.policies[0];
    let expr = Template::compile("errors{instance=\"{{ target }}\"}", Escape::PromQl).unwrap();
    policy.indicator = Some(Indicator { expr, better: Better::Lower, peers: None });
    policy.group = Some(group("1"));
    policy.steps.push(policy.steps[0].clone());
    config.max_in_flight = 9;
    config
}

fn on(instance: &str) -> Episode {
    episode(&[("alertname", "AppDown"), ("instance", instance)], 0)
}

fn measurement(value: f64) -> Measurement {
    Measurement { indicator: Some(Ok(value)), ..Measurement::default() }
}

/// Answers until nothing more is asked; gives back what was asked of effects.
fn answer(
    engine: &mut Engine,
    run: i64,
    before: f64,
    now: Timestamp,
) -> Vec<(Option<EffectQuestion>, Vec<String>)> {
    let mut asked = Vec::new();
    let members = || ["web1:80", "web2:80", "web3:80"].map(str::to_owned).into();
    let group = crate::decide::Members { all: members(), healthy: members() };
    while let Some(command) = engine.poll_command() {
        let report = match command {
            Command::Confirm { key, number, question } => {
                asked.push((question.effect, question.touched.into_iter().collect()));
                let before = Some(measurement(before));
                let confirmation = Confirmation { before, group: Some(Ok(group.clone())), ..firing() };
                Report::Confirmed { key, number, confirmation: confirmation.into() }
            }
            Command::Begin { plan, .. } => Report::Begun { key: plan.key, run: RunId(run) },
            Command::NextStep { run, .. } => Report::StepBegun { run },
            Command::Act { run, step } => Report::Acted { run, step, result: Ok(ActReport::default()) },
            Command::Probe { run, step, probe } => {
                engine.handle_report(Report::Probed { run, step, effect: None }, now);
                let watch = probe.watch.clone().unwrap();
                assert_eq!(watch.before, Some(measurement(before)), "what was before this very step");
                asked.push((Some(watch.question), touched(&probe)));
                continue;
            }
            _ => continue,
        };
        engine.handle_report(report, now);
    }
    asked
}

fn touched(probe: &Probe) -> Vec<String> {
    probe.touched.iter().cloned().collect()
}

fn probed_as(engine: &mut Engine, run: i64, effect: Effect, now: Timestamp) {
    engine.handle_report(Report::Probed { run: RunId(run), step: 0, effect: Some(effect.into()) }, now);
}

#[test]
fn an_effect_is_asked_for_before_and_after_beside_peers_that_nothing_is_done_to() {
    let mut engine = engine(measured());
    engine.handle_change(&EpisodeChange::Opened(on("web1:80")), at(1));
    let asked = answer(&mut engine, 1, 100.0, at(1));
    let question = asked[0].0.clone().unwrap();
    assert_eq!(question.indicator.as_ref().unwrap().expr, "errors{instance=\"web1:80\"}");
    assert_eq!((&*question.label, &*question.target), ("instance", "web1:80"));
    assert_eq!(asked, [(Some(question.clone()), vec![]), (Some(question.clone()), vec![])]);
    // Another run begins and ends meanwhile.
    engine.handle_change(&EpisodeChange::Opened(on("web2:80")), at(2));
    let other = answer(&mut engine, 2, 50.0, at(2));
    assert_eq!(other[0].1, ["web1:80"], "what is worked on is nobody's peer");
    probed_as(&mut engine, 2, Verdict::Helped.into(), at(3));
    commands(&mut engine);
    engine.handle_timeout(at(20));
    assert_eq!(answer(&mut engine, 1, 100.0, at(20)), [(Some(question), vec!["web2:80".to_owned()])]);
}

#[test]
fn a_further_step_is_measured_anew() {
    let mut engine = engine(measured());
    engine.handle_change(&EpisodeChange::Opened(on("web1:80")), at(1));
    answer(&mut engine, 1, 100.0, at(1));
    probed_as(&mut engine, 1, Verdict::NoEffect.into(), at(70));
    assert_eq!(answer(&mut engine, 1, 80.0, at(70)).len(), 2, "before the second step, and after it");
}

#[test]
fn nothing_more_is_done_to_what_is_well_whatever_made_it_so() {
    let mut engine = engine(measured());
    engine.handle_change(&EpisodeChange::Opened(on("web1:80")), at(1));
    answer(&mut engine, 1, 100.0, at(1));
    probed_as(&mut engine, 1, Effect { recovered: true, ..Effect::from(Verdict::NoEffect) }, at(70));
    assert_eq!(names(&commands(&mut engine)), ["no_effect", "Close no_effect"]);
}

/// The probe of a run that was left open, its action accepted at second 2, when it is taken up at a second.
fn taken_up(before: Option<Before>, second: i64) -> Probe {
    let config = Arc::new(measured());
    let plan = crate::decide::policy::plan(&config, &config.policies[0], &on("web1:80")).unwrap();
    let step = StepRecord {
        begun_at: at(1),
        before: before.map(Box::new),
        acted: Some((at(2), Ok(ActReport::default()))),
        ..StepRecord::default()
    };
    let run = Run { id: RunId(1), plan, begun_at: at(1), steps: vec![step], ended: None, relapsed: None };
    let other = |name: &str| RunKey { target: name.into(), ..run.plan.key.clone() };
    let attempt = |name: &str, second| (Plan { key: other(name), ..run.plan.clone() }, at(second));
    let restored = Restored {
        attempts: vec![
            (run.plan.clone(), at(1)),
            attempt("early", 0),
            attempt("during", 3),
            attempt("settled", -200),
            attempt("settling", -200),
        ],
        outcomes: vec![
            (other("settled"), RunOutcome::Failed, at(-120)),
            (other("settling"), RunOutcome::Failed, at(-119)),
        ],
        open_runs: vec![run],
        episodes: vec![on("web1:80")],
        ..Restored::default()
    };
    let mut engine = Engine::new(config, restored, at(second));
    let Some(Command::Probe { probe, .. }) = engine.poll_command() else { panic!("a probe") };
    *probe
}

#[test]
fn after_a_restart_an_effect_is_proved_against_what_was_written_before_it() {
    let policy = digest(&measured().policies[0]);
    let seen = Measurement { indicator: Some(Ok(100.0)), ..Measurement::default() };
    let (baseline, measured) = (Some(Observation::DoesNotHold), Some(seen));
    let before = Before { policy, baseline: baseline.clone(), measured: measured.clone() };
    let late = Some(Observation::Failed("nobody looked before the time for its proof was over".to_owned()));
    let other = Before { policy: policy ^ 1, ..before.clone() };
    for (written, second, expected, sentence) in [
        (Some(before.clone()), 5, (baseline.clone(), measured), "in time"),
        (Some(other), 5, (baseline, None), "another policy measures something else"),
        (Some(before), 62, (late, None), "something else may have helped since"),
        (None, 5, (None, None), "an older version wrote nothing"),
    ] {
        let probe = taken_up(written, second);
        assert_eq!((probe.baseline, probe.watch.unwrap().before), expected, "{sentence}");
        assert_eq!((probe.deadline, probe.begun), (at(62), true), "{sentence}");
        assert_eq!(probe.touched, ["during".to_owned(), "settling".to_owned()].into(), "{sentence}");
    }
}

#[test]
fn what_was_seen_goes_with_the_intent_of_every_step() {
    let mut engine = engine(config());
    engine.handle_change(&EpisodeChange::Opened(app(0)), at(1));
    let Some(Command::Confirm { key, number, .. }) = engine.poll_command() else { panic!("a question") };
    let seen = Measurement { indicator: Some(Ok(7.0)), ..Measurement::default() };
    let world = Confirmation { before: Some(seen.clone()), ..firing() };
    engine.handle_report(Report::Confirmed { key, number, confirmation: world.into() }, at(1));
    let Some(Command::Begin { before, .. }) = engine.poll_command() else { panic!("an intent") };
    let policy = digest(&config().policies[0]);
    let expected = Before { policy, baseline: Some(Observation::DoesNotHold), measured: Some(seen) };
    assert_eq!(*before, expected);
}
