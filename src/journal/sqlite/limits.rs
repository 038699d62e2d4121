//! What is counted before a run begins.

use sqlx::SqliteConnection;

use crate::journal::backend::Stored;
use crate::model::{RunKey, Scope, Timestamp};

const HAS_RUN: &str = "SELECT EXISTS (SELECT 1 FROM run WHERE policy = ?1 AND target = ?2 \
     AND fingerprint = ?3 AND started = ?4)";

const OPEN_RUNS: &str = "SELECT count(*) FROM run WHERE ended_at IS NULL AND (?1 IS NULL OR target = ?1)";

const ATTEMPTS: &str = "SELECT count(*) FROM run WHERE begun_at > ?1 \
     AND (?2 IS NULL OR policy = ?2) AND (?3 IS NULL OR target = ?3)";

pub(super) async fn has_run(connection: &mut SqliteConnection, key: &RunKey) -> Stored<bool> {
    let found = sqlx::query_scalar(HAS_RUN)
        .bind(&key.policy)
        .bind(&key.target)
        .bind(key.episode.fingerprint.to_string())
        .bind(key.episode.started.as_millis())
        .fetch_one(connection)
        .await?;
    Ok(found)
}

pub(super) async fn open_runs(connection: &mut SqliteConnection, target: Option<&str>) -> Stored<u64> {
    let found: i64 = sqlx::query_scalar(OPEN_RUNS).bind(target).fetch_one(connection).await?;
    Ok(found.unsigned_abs())
}

pub(super) async fn attempts(
    connection: &mut SqliteConnection,
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
    let found: i64 = sqlx::query_scalar(ATTEMPTS)
        .bind(after.as_millis())
        .bind(policy)
        .bind(target)
        .fetch_one(connection)
        .await?;
    Ok(found.unsigned_abs())
}
