//! The statements that write, with their values. Each that writes a fact gives it back as the chain reads it.

use sqlx::{QueryBuilder, Sqlite};

use super::Statement;
use super::facts::returning;
use super::rows::encode;
use crate::journal::backend::Stored;
use crate::journal::chain::Kind;
use crate::journal::rules::{Entry, RunEntry};
use crate::model::{Decision, Episode, Plan, RunId, Timestamp};

/// Stores episodes over older states of the same.
pub(super) fn episodes(chunk: &[&Episode]) -> Stored<QueryBuilder<Sqlite>> {
    let bodies = chunk.iter().map(encode).collect::<Stored<Vec<_>>>()?;
    let mut statement =
        QueryBuilder::new("INSERT INTO episode (fingerprint, started, firing, last_seen, body) ");
    statement.push_values(chunk.iter().zip(bodies), |mut row, (episode, body)| {
        row.push_bind(episode.id.fingerprint.to_string())
            .push_bind(episode.id.started.as_millis())
            .push_bind(episode.is_firing())
            .push_bind(episode.last_seen.as_millis())
            .push_bind(body);
    });
    statement.push(
        " ON CONFLICT (fingerprint, started) DO UPDATE SET \
         firing = excluded.firing, last_seen = excluded.last_seen, body = excluded.body",
    );
    Ok(statement)
}

pub(super) fn decision(decision: &Decision) -> Stored<Statement> {
    let insert = "INSERT INTO decision (fingerprint, started, at, policy, target, body) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    Ok(sqlx::query(returning(insert, Kind::Decision))
        .bind(decision.episode.fingerprint.to_string())
        .bind(decision.episode.started.as_millis())
        .bind(decision.at.as_millis())
        .bind(decision.policy.clone())
        .bind(decision.target.clone())
        .bind(encode(decision)?))
}

pub(super) fn run(plan: &Plan, now: Timestamp) -> Stored<Statement> {
    let insert = "INSERT INTO run (policy, target, fingerprint, started, begun_at, plan) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    Ok(sqlx::query(returning(insert, Kind::Run))
        .bind(plan.key.policy.clone())
        .bind(plan.key.target.clone())
        .bind(plan.key.episode.fingerprint.to_string())
        .bind(plan.key.episode.started.as_millis())
        .bind(now.as_millis())
        .bind(encode(plan)?))
}

pub(super) fn step(run: RunId, step: usize, now: Timestamp) -> Statement {
    let insert = returning("INSERT INTO step (run, step, begun_at) VALUES (?1, ?2, ?3)", Kind::Step);
    sqlx::query(insert).bind(run.0).bind(step as i64).bind(now.as_millis())
}

/// What is added to a run, and the kind of fact that it is.
pub(super) fn entry(entry: &RunEntry) -> Stored<(Kind, Statement)> {
    const ACT: &str =
        "UPDATE step SET acted_at = ?1, act = ?2 WHERE run = ?3 AND step = ?4 AND acted_at IS NULL";
    const VERDICT: &str =
        "UPDATE step SET verified_at = ?1, verdict = ?2 WHERE run = ?3 AND step = ?4 AND verified_at IS NULL";
    const END: &str = "UPDATE run SET ended_at = ?1, outcome = ?2 WHERE id = ?3 AND ended_at IS NULL";
    let (run, now) = (entry.run.0, entry.now.as_millis());
    let (kind, update, value, step) = match &entry.entry {
        Entry::Act(step, result) => (Kind::Act, ACT, encode(result)?, Some(*step)),
        Entry::Verdict(step, verdict) => (Kind::Verdict, VERDICT, verdict.as_str().to_owned(), Some(*step)),
        Entry::End(outcome) => (Kind::End, END, outcome.as_str().to_owned(), None),
    };
    let statement = sqlx::query(returning(update, kind)).bind(now).bind(value).bind(run);
    Ok((
        kind,
        match step {
            Some(step) => statement.bind(step as i64),
            None => statement,
        },
    ))
}

pub(super) fn pause(paused: bool, by: &str, now: Timestamp) -> Statement {
    let insert = returning("INSERT INTO stop_switch (paused, by, at) VALUES (?1, ?2, ?3)", Kind::Switch);
    sqlx::query(insert).bind(paused).bind(by.to_owned()).bind(now.as_millis())
}
