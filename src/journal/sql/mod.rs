//! The journal's tables: every statement, written once for all databases.
//!
//! What differs between databases (connecting, transactions, files, leadership) is theirs; what they are
//! asked is the same. Columns are whole numbers, texts and bytes, flags are 0 or 1 and times are
//! milliseconds, so that a fact has the same digest wherever it is stored.

mod approvals;
mod archived;
mod backlog;
mod chain;
mod facts;
mod limits;
mod outbox;
mod prune;
mod reads;
mod row;
mod rows;
mod statements;
mod touched;
mod value;
mod verify;
mod writes;

use futures::future::BoxFuture;

use super::backend::{StoreError, Stored, Term};
use super::state::State;
use crate::model::Timestamp;

pub(super) use backlog::read_backlog;
pub(super) use chain::{link_existing, take_over_standings};
pub(super) use facts::all_columns as columns;
pub(super) use reads::Reader;
pub(super) use row::Row;
pub(super) use touched::index_touched;
pub(super) use value::{Statement, Value};
pub(super) use verify::verify;
pub(super) use writes::Writer;

/// A connection that can be asked.
pub(super) trait Connection: Send + 'static {
    /// All rows of an answer.
    fn fetch(&mut self, statement: Statement) -> impl Future<Output = Stored<Vec<Row>>> + Send;
    /// How many rows were changed.
    fn execute(&mut self, statement: Statement) -> impl Future<Output = Stored<u64>> + Send;
    /// Row by row, for answers that are too large to be held.
    fn each(
        &mut self,
        statement: Statement,
        row: impl FnMut(Row) -> Stored<()> + Send,
    ) -> impl Future<Output = Stored<()>> + Send;

    /// The first row of an answer.
    fn first(&mut self, statement: Statement) -> impl Future<Output = Stored<Option<Row>>> + Send {
        async move { Ok(self.fetch(statement).await?.into_iter().next()) }
    }

    /// The only column, `n`, of the only row of an answer.
    fn number(&mut self, statement: Statement) -> impl Future<Output = Stored<i64>> + Send {
        async move {
            let row = self.first(statement).await?;
            row.ok_or_else(|| StoreError::Damaged("an answer without a row".into()))?.integer("n")
        }
    }
}

/// The writing connection, which connects anew after trouble.
pub(super) trait Session: Connection {
    /// Starts a transaction, connecting first if need be; nobody else writes before it ends. `state` is
    /// brought up to date where others may have written.
    fn begin(&mut self, state: &mut State) -> impl Future<Output = Stored<()>> + Send;
    /// Makes the transaction durable.
    fn commit(&mut self) -> impl Future<Output = Stored<()>> + Send;
    /// Gives up the transaction and the connection.
    fn abandon(&mut self) -> impl Future<Output = ()> + Send;
    /// Bytes on disk, as last known.
    fn size_bytes(&self) -> u64;
    /// Gives unused space back to the disk, a bounded part of it; whether there is more.
    fn reclaim(&mut self) -> impl Future<Output = Stored<bool>> + Send;
    /// Whether others write to the same tables, so that what was read before may have changed.
    fn is_shared(&self) -> bool;
    /// Whether this process leads, as far as this transaction is concerned.
    fn leads(&self) -> bool;
    /// Tries to lead from now on, in the open transaction; `None`: another process leads.
    fn lead(&mut self, holder: &str, now: Timestamp) -> impl Future<Output = Stored<Option<Term>>> + Send;
}

/// Connections that only read.
pub(super) trait Pool: Send + Sync + 'static {
    /// All rows of an answer.
    fn fetch(&self, statement: Statement) -> BoxFuture<'_, Stored<Vec<Row>>>;
    /// Closes them.
    fn close(&self) -> BoxFuture<'_, ()>;
}
