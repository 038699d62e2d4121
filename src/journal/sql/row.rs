//! A row of any database. A column that is missing or of another type is damage.

use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Decode, Postgres, Row as _, Sqlite, TypeInfo, ValueRef};

use crate::journal::backend::{StoreError, Stored};
use crate::journal::chain::Value;
use crate::model::Timestamp;

/// A row as it came.
pub(in crate::journal) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// The same question to whichever row it is.
macro_rules! get {
    ($row:expr, $kind:ty, $column:expr) => {
        match $row {
            Row::Sqlite(row) => row.try_get::<$kind, _>($column)?,
            Row::Postgres(row) => row.try_get::<$kind, _>($column)?,
        }
    };
}

impl Row {
    /// A whole number.
    pub fn integer(&self, column: &str) -> Stored<i64> {
        Ok(get!(self, i64, column))
    }

    /// A whole number that may not be there.
    pub fn maybe_integer(&self, column: &str) -> Stored<Option<i64>> {
        Ok(get!(self, Option<i64>, column))
    }

    /// 0 or 1.
    pub fn flag(&self, column: &str) -> Stored<bool> {
        Ok(self.integer(column)? != 0)
    }

    /// A text.
    pub fn text(&self, column: &str) -> Stored<&str> {
        Ok(get!(self, &str, column))
    }

    /// A text that may not be there.
    pub fn maybe_text(&self, column: &str) -> Stored<Option<&str>> {
        Ok(get!(self, Option<&str>, column))
    }

    /// Bytes.
    pub fn bytes(&self, column: &str) -> Stored<&[u8]> {
        Ok(get!(self, &[u8], column))
    }

    /// Milliseconds since the epoch.
    pub fn time(&self, column: &str) -> Stored<Timestamp> {
        Ok(Timestamp::from_millis(self.integer(column)?))
    }

    /// Milliseconds since the epoch that may not be there.
    pub fn maybe_time(&self, column: &str) -> Stored<Option<Timestamp>> {
        Ok(self.maybe_integer(column)?.map(Timestamp::from_millis))
    }

    /// The values of the columns from `first` on, in their order.
    pub fn values(&self, first: usize) -> Stored<Vec<Value<'_>>> {
        match self {
            Self::Sqlite(row) => (first..row.len()).map(|index| sqlite(row.try_get_raw(index)?)).collect(),
            Self::Postgres(row) => {
                (first..row.len()).map(|index| postgres(row.try_get_raw(index)?)).collect()
            }
        }
    }
}

fn sqlite(raw: SqliteValueRef<'_>) -> Stored<Value<'_>> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let value = match raw.type_info().name() {
        "TEXT" => Decode::<Sqlite>::decode(raw).map(Value::Text),
        "BLOB" => Decode::<Sqlite>::decode(raw).map(Value::Bytes),
        _ => Decode::<Sqlite>::decode(raw).map(Value::Integer),
    };
    value.map_err(unreadable)
}

fn postgres(raw: PgValueRef<'_>) -> Stored<Value<'_>> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let value = match raw.type_info().name() {
        "TEXT" => Decode::<Postgres>::decode(raw).map(Value::Text),
        "BYTEA" => Decode::<Postgres>::decode(raw).map(Value::Bytes),
        _ => Decode::<Postgres>::decode(raw).map(Value::Integer),
    };
    value.map_err(unreadable)
}

fn unreadable(error: sqlx::error::BoxDynError) -> StoreError {
    StoreError::Damaged(error.to_string().into())
}
