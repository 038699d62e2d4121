//! What is counted before a run begins.

use super::{Connection, Statement};
use crate::journal::backend::Stored;
use crate::model::{RunKey, Scope, Timestamp};

const HAS_RUN: &str = "SELECT count(*) AS n FROM run WHERE policy = $1 AND target = $2 \
     AND fingerprint = $3 AND started = $4";

const OPEN_RUNS: &str =
    "SELECT count(*) AS n FROM run WHERE ended_at IS NULL AND ($1 IS NULL OR target = $1)";

const ATTEMPTS: &str = "SELECT count(*) AS n FROM run WHERE begun_at > $1 \
     AND ($2 IS NULL OR policy = $2) AND ($3 IS NULL OR target = $3)";

pub(super) async fn has_run(connection: &mut impl Connection, key: &RunKey) -> Stored<bool> {
    let statement = Statement::new(HAS_RUN)
        .bind(&key.policy)
        .bind(&key.target)
        .bind(key.episode.fingerprint.to_string())
        .bind(key.episode.started);
    Ok(connection.number(statement).await? > 0)
}

pub(super) async fn open_runs(connection: &mut impl Connection, target: Option<&str>) -> Stored<u64> {
    let statement = Statement::new(OPEN_RUNS).bind(target.map(str::to_owned));
    Ok(connection.number(statement).await?.unsigned_abs())
}

pub(super) async fn attempts(
    connection: &mut impl Connection,
    scope: Scope,
    key: &RunKey,
    after: Timestamp,
) -> Stored<u64> {
    let (policy, target) = match scope {
        Scope::PolicyTarget => (Some(&key.policy), Some(&key.target)),
        Scope::Target => (None, Some(&key.target)),
        Scope::Policy => (Some(&key.policy), None),
        Scope::Fleet => (None, None),
    };
    let statement = Statement::new(ATTEMPTS).bind(after).bind(policy).bind(target);
    Ok(connection.number(statement).await?.unsigned_abs())
}
