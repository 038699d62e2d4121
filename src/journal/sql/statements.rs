//! The statements that write, with their values. Each that writes a fact gives it back as the chain reads it.

use super::Statement;
use super::facts::returning;
use super::rows::{encode, verdict};
use super::value::groups;
use crate::journal::backend::Stored;
use crate::journal::chain::Kind;
use crate::journal::rules::{Entry, RunEntry};
use crate::journal::write::NewDelivery;
use crate::model::{Before, Decision, DeliverySource, Episode, Plan, RunId, Timestamp};

/// Bytes that are kept of what was seen before a step: some thousand peers.
const MOST_SEEN: usize = 64 << 10;

/// Stores episodes over older states of the same.
pub(super) fn episodes(chunk: &[&Episode], full: bool) -> Stored<Statement> {
    let sql = format!(
        "INSERT INTO episode (fingerprint, started, firing, last_seen, body) VALUES {} \
         ON CONFLICT (fingerprint, started) DO UPDATE SET \
         firing = excluded.firing, last_seen = excluded.last_seen, body = excluded.body",
        groups(chunk.len(), 5)
    );
    chunk.iter().try_fold(Statement::built(sql, full), |statement, episode| {
        Ok(statement
            .bind(episode.id.fingerprint.to_string())
            .bind(episode.id.started)
            .bind(episode.is_firing())
            .bind(episode.last_seen)
            .bind(encode(episode)?))
    })
}

/// Stores a delivery; gives back its number.
pub(super) fn delivery(new: &mut NewDelivery) -> Statement {
    let body = std::mem::take(&mut new.body);
    let source = match new.source {
        DeliverySource::Webhook => "webhook",
        DeliverySource::Reconciliation => "reconciliation",
    };
    Statement::new(
        "INSERT INTO delivery (received_at, source, size, body) VALUES ($1, $2, $3, $4) RETURNING id AS n",
    )
    .bind(new.received_at)
    .bind(source)
    .bind(body.len())
    .bind(body)
}

pub(super) fn decision(decision: &Decision) -> Stored<Statement> {
    let insert = "INSERT INTO decision (fingerprint, started, at, policy, target, body) \
                  VALUES ($1, $2, $3, $4, $5, $6)";
    Ok(returning(insert, Kind::Decision)
        .bind(decision.episode.fingerprint.to_string())
        .bind(decision.episode.started)
        .bind(decision.at)
        .bind(decision.policy.as_deref())
        .bind(decision.target.as_deref())
        .bind(encode(decision)?))
}

pub(super) fn run(plan: &Plan, now: Timestamp) -> Stored<Statement> {
    let insert = "INSERT INTO run (policy, target, fingerprint, started, begun_at, plan) \
                  VALUES ($1, $2, $3, $4, $5, $6)";
    Ok(returning(insert, Kind::Run)
        .bind(&*plan.key.policy)
        .bind(&*plan.key.target)
        .bind(plan.key.episode.fingerprint.to_string())
        .bind(plan.key.episode.started)
        .bind(now)
        .bind(encode(plan)?))
}

pub(super) fn step(run: RunId, step: usize, now: Timestamp) -> Statement {
    let insert = returning("INSERT INTO step (run, step, begun_at) VALUES ($1, $2, $3)", Kind::Step);
    insert.bind(run.0).bind(step).bind(now)
}

/// What was seen before a step. What is too long is not kept, and that is.
pub(super) fn before(run: RunId, step: usize, before: &Before, now: Timestamp) -> Stored<Statement> {
    const SEEN: &str =
        "UPDATE step SET seen_at = $1, seen = $2 WHERE run = $3 AND step = $4 AND seen_at IS NULL";
    let mut seen = encode(before)?;
    if seen.len() > MOST_SEEN {
        seen = encode(&Before::too_long(before.policy, seen.len()))?;
    }
    Ok(returning(SEEN, Kind::Before).bind(now).bind(seen).bind(run.0).bind(step))
}

/// The intent to lift a step's silence.
pub(super) fn lift(run: RunId, step: usize, now: Timestamp) -> Statement {
    const LIFT: &str = "UPDATE step SET lift_at = $1 WHERE run = $2 AND step = $3 AND lift_at IS NULL";
    returning(LIFT, Kind::Lift).bind(now).bind(run.0).bind(step)
}

/// What is added to a run, and the kind of fact that it is.
pub(super) fn entry(entry: &RunEntry) -> Stored<(Kind, Statement)> {
    const ACT: &str =
        "UPDATE step SET acted_at = $1, act = $2 WHERE run = $3 AND step = $4 AND acted_at IS NULL";
    const VERDICT: &str =
        "UPDATE step SET verified_at = $1, verdict = $2 WHERE run = $3 AND step = $4 AND verified_at IS NULL";
    const END: &str = "UPDATE run SET ended_at = $1, outcome = $2 WHERE id = $3 AND ended_at IS NULL";
    const LIFTED: &str =
        "UPDATE step SET lifted_at = $1, lifted = $2 WHERE run = $3 AND step = $4 AND lifted_at IS NULL";
    const RELAPSE: &str =
        "UPDATE run SET relapsed_at = $1, relapse = $2 WHERE id = $3 AND relapsed_at IS NULL";
    let (run, now) = (entry.run.0, entry.now);
    let (kind, update, value, step) = match &entry.entry {
        Entry::Act(step, result) => (Kind::Act, ACT, encode(result)?, Some(*step)),
        Entry::Verdict(step, effect) => (Kind::Verdict, VERDICT, verdict(effect)?, Some(*step)),
        Entry::Lifted(step, result) => (Kind::Lifted, LIFTED, encode(result)?, Some(*step)),
        Entry::Relapse(episode) => (Kind::Relapse, RELAPSE, encode(episode)?, None),
        Entry::End(outcome) => (Kind::End, END, outcome.as_str().to_owned(), None),
    };
    let statement = returning(update, kind).bind(now).bind(value).bind(run);
    Ok((
        kind,
        match step {
            Some(step) => statement.bind(step),
            None => statement,
        },
    ))
}

pub(super) fn pause(paused: bool, by: &str, now: Timestamp) -> Statement {
    let insert = returning("INSERT INTO stop_switch (paused, by, at) VALUES ($1, $2, $3)", Kind::Switch);
    insert.bind(paused).bind(by.to_owned()).bind(now)
}

pub(super) fn standing(policy: &str, body: &str, now: Timestamp) -> Statement {
    let insert = returning("INSERT INTO standing (policy, body, at) VALUES ($1, $2, $3)", Kind::Standing);
    insert.bind(policy.to_owned()).bind(body.to_owned()).bind(now)
}
