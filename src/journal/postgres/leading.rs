//! Which replica leads.

use super::connection::PostgresSession;
use crate::journal::backend::{Stored, Term};
use crate::journal::sql::{Connection, Statement};
use crate::model::Timestamp;

/// The lock's number among the advisory locks of the database: "sCoJ" and 1.
const LOCK: i64 = 0x7343_6f4a_0000_0001;

const TRY: &str = "SELECT CASE WHEN pg_try_advisory_lock($1) THEN 1::BIGINT ELSE 0::BIGINT END AS n";
const RELEASE: &str = "SELECT CASE WHEN pg_advisory_unlock($1) THEN 1::BIGINT ELSE 0::BIGINT END AS n";
const TERM: &str = "SELECT term AS n FROM leadership";
const NEXT_TERM: &str = "UPDATE leadership SET term = term + 1, holder = $1, at = $2 RETURNING term AS n";

/// What a session knows of its leadership.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Leadership {
    /// The term it was given.
    term: Option<Term>,
    /// Whether this very connection holds the lock.
    locked: bool,
}

impl Leadership {
    /// Whether it leads in the open transaction.
    pub fn holds(self) -> bool {
        self.locked && self.term.is_some()
    }

    /// The connection is gone, and the lock with it.
    pub fn disconnected(&mut self) {
        self.locked = false;
    }
}

/// After a new connection, inside a transaction: the term goes on if nobody else has led meanwhile. The old
/// connection's lock may still be there for a moment; then there is no leader in this transaction.
pub(super) async fn resume(session: &mut PostgresSession) -> Stored<()> {
    let Leadership { term: Some(term), locked: false } = session.leadership else {
        return Ok(());
    };
    if Term(session.number(Statement::new(TERM)).await?) != term {
        session.leadership.term = None;
        return Ok(());
    }
    session.leadership.locked = session.number(Statement::new(TRY).bind(LOCK)).await? == 1;
    Ok(())
}

/// Begins a new term if no other replica leads.
pub(super) async fn lead(
    session: &mut PostgresSession,
    holder: &str,
    now: Timestamp,
) -> Stored<Option<Term>> {
    if session.leadership.locked {
        session.number(Statement::new(RELEASE).bind(LOCK)).await?;
    }
    session.leadership = Leadership::default();
    if session.number(Statement::new(TRY).bind(LOCK)).await? == 0 {
        return Ok(None);
    }
    let term = Term(session.number(Statement::new(NEXT_TERM).bind(holder).bind(now)).await?);
    session.leadership = Leadership { term: Some(term), locked: true };
    Ok(Some(term))
}
