//! Runs as records: what they say, in which order, how severe it is, and whose they are.

use std::time::Duration;

use super::*;
use crate::model::{
    Action, CommandAction, Effect, EpisodeId, Fingerprint, Plan, PlannedStep, RunId, RunKey, SystemdAction,
    SystemdOperation,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1000)
}

fn systemd() -> Action {
    let (operation, timeout) = (SystemdOperation::Restart, Duration::from_secs(30));
    Action::Systemd(SystemdAction { operation, unit: "app.service".to_owned(), timeout })
}

fn command() -> Action {
    Action::Command(CommandAction { argv: vec!["/bin/df".to_owned()], timeout: Duration::from_secs(5) })
}

/// A run of a policy `restart` on `web:80` with these steps.
fn run(steps: Vec<(Action, StepRecord)>, ended: Option<(Timestamp, RunOutcome)>) -> Run {
    let episode = EpisodeId { fingerprint: Fingerprint(1), started: at(0) };
    let key = RunKey { policy: "restart".into(), target: "web:80".into(), episode };
    let (actions, records): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    let planned = actions.into_iter().map(|action| PlannedStep { action, verify: None });
    let plan = Plan { key, host: Some("web".to_owned()), steps: planned.collect() };
    Run { id: RunId(7), plan, begun_at: at(1), steps: records, ended, relapsed: None }
}

fn acted(result: Result<ActReport, ActError>) -> StepRecord {
    StepRecord { begun_at: at(1), acted: Some((at(2), result)), ..StepRecord::default() }
}

fn report(output: &str) -> ActReport {
    ActReport { summary: "exit status 0".to_owned(), output: output.to_owned() }
}

/// Second, level and message of each record.
fn told(run: &Run) -> Vec<(i64, Level, String)> {
    let told = records(run).into_iter();
    told.map(|one| (one.time.as_millis() / 1000, one.level.unwrap(), one.message)).collect()
}

#[test]
fn a_run_is_told_from_its_first_step_to_its_end() {
    let verified = StepRecord {
        verified: Some((at(4), Verdict::Helped)),
        effect: Some(Box::new(Effect { why: "the alert ended".to_owned(), ..Verdict::Helped.into() })),
        ..acted(Ok(report("one\n\n  two\n")))
    };
    let mut run = run(vec![(command(), verified)], Some((at(5), RunOutcome::Helped)));
    run.relapsed = Some((at(9), run.plan.key.episode));
    let expected = [
        (1, Level::Info, "the step is begun"),
        (2, Level::Info, "one"),
        (2, Level::Info, "  two"),
        (2, Level::Info, "exit status 0"),
        (4, Level::Info, "the proof says helped: the alert ended"),
        (5, Level::Info, "the run ended after 4s: helped"),
        (9, Level::Warn, "the run had helped and did not for long: did_not_last"),
    ];
    assert_eq!(told(&run), expected.map(|(second, level, message)| (second, level, message.to_owned())));
    let output = &records(&run)[1];
    assert_eq!((output.service.as_str(), output.source), ("restart", Source::Remediation));
    let fields: Vec<(&str, &str)> =
        output.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected =
        [("action", "command"), ("run", "7"), ("step", "1"), ("stream", "output"), ("target", "web:80")];
    assert_eq!(fields, expected);
}

#[test]
fn the_end_of_a_silence_is_told_as_far_as_it_is_known() {
    let lifted = |ended| StepRecord { lift: Some(Lift { begun_at: at(6), ended }), ..acted(Ok(report(""))) };
    for (claim, ended, expected) in [
        ("nobody knows", None, &["the silence is to be lifted"][..]),
        ("it is over", Some((at(7), Ok(report("")))), &["the silence is to be lifted", "exit status 0"]),
    ] {
        let told = told(&run(vec![(command(), lifted(ended))], None));
        assert_eq!(told[2..].iter().map(|one| one.2.as_str()).collect::<Vec<_>>(), expected, "{claim}");
    }
}

#[test]
fn what_went_wrong_is_as_severe_as_it_is() {
    let failed = ActError::Failed { report: ActReport { summary: "exit status 1".into(), ..report("no\n") } };
    let unknown = ActError::Unknown { reason: "timed out".to_owned(), report: report("half") };
    for (claim, error, level, expected) in [
        ("failed", failed, Level::Error, &["no", "failed: exit status 1"][..]),
        ("unknown", unknown, Level::Warn, &["half", "unknown: timed out"]),
        (
            "not started",
            ActError::NotStarted { reason: "no such file".to_owned() },
            Level::Error,
            &["not started: no such file"],
        ),
    ] {
        let told = told(&run(vec![(command(), acted(Err(error)))], None));
        let (levels, messages): (Vec<Level>, Vec<&str>) =
            told[1..].iter().map(|(_, level, message)| (*level, message.as_str())).unzip();
        assert_eq!(messages, expected, "{claim}");
        assert!(levels.iter().all(|one| *one == level), "{claim}: {levels:?}");
    }
    for outcome in RunOutcome::ALL {
        let told = told(&run(Vec::new(), Some((at(3), *outcome))));
        assert_eq!(told[0].1 == Level::Info, *outcome == RunOutcome::Helped, "{outcome:?}");
    }
}

#[test]
fn of_a_long_output_the_end_is_told() {
    let output: String = (0..MAX_LINES + 20).map(|line| format!("{line}\n")).collect();
    let told = told(&run(vec![(command(), acted(Ok(report(&output))))], None));
    assert_eq!(told.len(), MAX_LINES + 3);
    assert_eq!(told[1].2, "[20 lines left out]");
    assert_eq!((told[2].2.as_str(), told[MAX_LINES + 1].2.as_str()), ("20", "519"));
}

#[test]
fn a_run_is_of_its_policy_its_target_and_what_it_acts_on() {
    let run = run(vec![(systemd(), acted(Ok(report(""))))], None);
    for (asked, expected) in [
        ("restart", true),
        ("web:80", true),
        ("web", true),
        ("app.service", true),
        ("app", false),
        ("", false),
        ("systemd", false),
    ] {
        assert_eq!(is_of(&run, asked), expected, "{asked}");
    }
    assert_eq!(records(&run)[0].fields["object"], "unit:app.service");
}
