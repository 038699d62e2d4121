//! Between rows and the model: columns that are searched are columns, the rest is JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Row;
use crate::journal::backend::{StoreError, Stored};
use crate::journal::query::{Outcome, Pause};
use crate::model::{
    ActError, ActReport, Effect, EpisodeId, Fingerprint, Lift, Run, RunId, RunKey, RunOutcome, StepRecord,
    Verdict,
};

/// The stop switch's newest row.
pub(super) const PAUSE: &str = "SELECT paused, by, at FROM stop_switch ORDER BY id DESC LIMIT 1";

/// One run with its steps, a row for each step.
pub(super) const RUN: &str = "SELECT run.id, run.plan, run.begun_at, run.ended_at, run.outcome, run.relapsed_at, run.relapse, \
     step.begun_at AS step_begun_at, step.seen, step.acted_at, step.act, step.verified_at, step.verdict, \
     step.lift_at, step.lifted_at, step.lifted \
     FROM run JOIN step ON step.run = run.id WHERE run.id = $1 ORDER BY step.step";

/// Writes a value of the model as JSON.
pub(super) fn encode<T: Serialize>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable(error.to_string().into()))
}

/// Reads JSON back; `place` names it in the error.
pub(super) fn decode<T: DeserializeOwned>(json: &str, place: &str) -> Stored<T> {
    serde_json::from_str(json).map_err(|error| StoreError::Damaged(format!("{place}: {error}").into()))
}

/// Reads the `body` column of every row.
pub(super) fn bodies<T: DeserializeOwned>(rows: &[Row], place: &str) -> Stored<Vec<T>> {
    rows.iter().map(|row| decode(row.text("body")?, place)).collect()
}

/// `None` if the switch is not set.
pub(super) fn pause(row: Option<Row>) -> Stored<Option<Pause>> {
    let Some(row) = row else {
        return Ok(None);
    };
    let pause = Pause { by: row.text("by")?.to_owned(), at: row.time("at")? };
    Ok(row.flag("paused")?.then_some(pause))
}

/// Rows of runs joined with their steps, in order, into runs.
pub(super) fn runs(rows: &[Row]) -> Stored<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    for row in rows {
        let id = RunId(row.integer("id")?);
        if runs.last().is_none_or(|run| run.id != id) {
            runs.push(run_without_steps(id, row)?);
        }
        if let Some(run) = runs.last_mut() {
            run.steps.push(step(id, row)?);
        }
    }
    Ok(runs)
}

/// The key of a run from its columns.
pub(super) fn key(row: &Row) -> Stored<RunKey> {
    let fingerprint = row.text("fingerprint")?;
    let fingerprint: Fingerprint = fingerprint
        .parse()
        .map_err(|error| StoreError::Damaged(format!("fingerprint '{fingerprint}': {error}").into()))?;
    let episode = EpisodeId { fingerprint, started: row.time("started")? };
    Ok(RunKey { policy: row.text("policy")?.into(), target: row.text("target")?.into(), episode })
}

/// How a run ended, from its columns.
pub(super) fn outcome(row: &Row) -> Stored<Outcome> {
    let key = key(row)?;
    let outcome = named(row, "outcome", &format!("a run of policy {} on {}", key.policy, key.target))?;
    let outcome = outcome.ok_or_else(|| StoreError::Damaged("a run has ended without outcome".into()))?;
    Ok(match row.maybe_time("relapsed_at")? {
        Some(at) => (key, RunOutcome::DidNotLast, at),
        None => (key, outcome, row.time("ended_at")?),
    })
}

fn run_without_steps(id: RunId, row: &Row) -> Stored<Run> {
    let place = format!("run {id}");
    let outcome: Option<RunOutcome> = named(row, "outcome", &place)?;
    let relapse = row.maybe_text("relapse")?.map(|episode| decode(episode, &place)).transpose()?;
    Ok(Run {
        id,
        plan: decode(row.text("plan")?, &place)?,
        begun_at: row.time("begun_at")?,
        steps: Vec::new(),
        ended: row.maybe_time("ended_at")?.zip(outcome),
        relapsed: row.maybe_time("relapsed_at")?.zip(relapse),
    })
}

fn step(run: RunId, row: &Row) -> Stored<StepRecord> {
    let place = format!("a step of run {run}");
    let act: Option<Result<ActReport, ActError>> =
        row.maybe_text("act")?.map(|act| decode(act, &place)).transpose()?;
    let (verdict, effect) = read_verdict(row, &place)?;
    Ok(StepRecord {
        begun_at: row.time("step_begun_at")?,
        before: row.maybe_text("seen")?.map(|seen| decode(seen, &place)).transpose()?,
        acted: row.maybe_time("acted_at")?.zip(act),
        verified: row.maybe_time("verified_at")?.zip(verdict),
        effect,
        lift: lift(row, &place)?,
    })
}

fn lift(row: &Row, place: &str) -> Stored<Option<Lift>> {
    let Some(begun_at) = row.maybe_time("lift_at")? else { return Ok(None) };
    let said = row.maybe_text("lifted")?.map(|said| decode(said, place)).transpose()?;
    Ok(Some(Lift { begun_at, ended: row.maybe_time("lifted_at")?.zip(said) }))
}

/// A verdict as it is stored: by its name, or as JSON where more is known of it.
pub(super) fn verdict(effect: &Effect) -> Stored<String> {
    let verdict = effect.verdict;
    if *effect == Effect::from(verdict) { Ok(verdict.as_str().to_owned()) } else { encode(effect) }
}

fn read_verdict(row: &Row, place: &str) -> Stored<(Option<Verdict>, Option<Box<Effect>>)> {
    match row.maybe_text("verdict")? {
        Some(json) if json.starts_with('{') => {
            let effect: Box<Effect> = decode(json, place)?;
            Ok((Some(effect.verdict), Some(effect)))
        }
        _ => Ok((named(row, "verdict", place)?, None)),
    }
}

/// A name out of a closed list, stored as plain text so that a person can read it.
fn named<T: DeserializeOwned>(row: &Row, column: &str, place: &str) -> Stored<Option<T>> {
    let Some(name) = row.maybe_text(column)? else {
        return Ok(None);
    };
    let value = serde_json::from_value(serde_json::Value::String(name.to_owned()));
    value.map(Some).map_err(|error| StoreError::Damaged(format!("{place}: {error}").into()))
}
