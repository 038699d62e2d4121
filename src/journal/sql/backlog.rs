//! What is stored and not applied yet.

use super::{Connection, Statement};
use crate::journal::backend::Stored;
use crate::journal::state::State;
use crate::model::DeliveryId;

/// What is applied stays below what retention leaves, so that the newest number is the larger of both.
const BACKLOG: &str = "SELECT applied, (SELECT max(id) FROM delivery) AS last, \
     (SELECT count(*) FROM delivery WHERE id > applied) AS unapplied, \
     (SELECT received_at FROM delivery WHERE id > applied ORDER BY id LIMIT 1) AS oldest FROM watermark";

/// Brings the backlog of a state up to date.
pub(in crate::journal) async fn read_backlog(
    connection: &mut impl Connection,
    state: &mut State,
) -> Stored<()> {
    let Some(row) = connection.first(Statement::new(BACKLOG)).await? else {
        return Ok(());
    };
    let applied = row.integer("applied")?;
    state.applied = DeliveryId(applied);
    state.last = DeliveryId(row.maybe_integer("last")?.unwrap_or(0).max(applied));
    state.unapplied = row.integer("unapplied")?.unsigned_abs();
    state.oldest = row.maybe_time("oldest")?;
    Ok(())
}
