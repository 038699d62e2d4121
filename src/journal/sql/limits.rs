//! What is counted before a run begins.

use super::rows::decode;
use super::touched::touching;
use super::{Connection, Row, Statement};
use crate::journal::backend::Stored;
use crate::model::{Plan, Scope, Timestamp};

const OF_TARGET: &str =
    "SELECT policy, plan FROM run WHERE target = $1 AND fingerprint = $2 AND started = $3";

const OPEN_RUNS: &str = "SELECT count(*) AS n FROM run WHERE ended_at IS NULL";

const BEGUN: &str = "SELECT count(*) AS n FROM run WHERE begun_at > $1 AND ($2 IS NULL OR policy = $2)";

/// Whether the policy has run for this target and episode, or another one that began with the same action.
pub(super) async fn has_run(connection: &mut impl Connection, plan: &Plan) -> Stored<bool> {
    let statement = Statement::new(OF_TARGET)
        .bind(&*plan.key.target)
        .bind(plan.key.episode.fingerprint.to_string())
        .bind(plan.key.episode.started);
    let rows = connection.fetch(statement).await?;
    let is_same = |row: &Row| {
        let known: Plan = decode(row.text("plan")?, "the plan of a run")?;
        let first = |plan: &Plan| plan.steps.first().map(|step| step.action.clone());
        Ok(*row.text("policy")? == *plan.key.policy || first(&known) == first(plan))
    };
    rows.iter().map(is_same).try_fold(false, |found, same: Stored<bool>| Ok(found | same?))
}

/// How many runs are under way.
pub(super) async fn open_runs(connection: &mut impl Connection) -> Stored<u64> {
    Ok(connection.number(Statement::new(OPEN_RUNS)).await?.unsigned_abs())
}

/// Whether a run is under way on anything that the plan touches.
pub(super) async fn is_busy(connection: &mut impl Connection, plan: &Plan) -> Stored<bool> {
    Ok(connection.number(touching(Statement::new(OPEN_RUNS), plan)).await? > 0)
}

/// How many of the runs that count with the plan were begun after a time.
pub(super) async fn attempts(
    connection: &mut impl Connection,
    scope: Scope,
    plan: &Plan,
    after: Timestamp,
) -> Stored<u64> {
    let policy = matches!(scope, Scope::PolicyTarget | Scope::Policy).then_some(&*plan.key.policy);
    let all = Statement::new(BEGUN).bind(after).bind(policy);
    let counted = match scope {
        Scope::PolicyTarget | Scope::Target => touching(all, plan),
        Scope::Policy | Scope::Fleet => all,
    };
    Ok(connection.number(counted).await?.unsigned_abs())
}
