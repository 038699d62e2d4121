//! Where each kind of fact is, and its row as the chain reads it.

use std::collections::BTreeMap;

use super::{Row, Statement};
use crate::journal::backend::{StoreError, Stored};
use crate::journal::chain::{Fact, Hash, Kind, Value, digest};

/// The columns of a fact before those that only its kind has.
pub(super) const PLACE: usize = 3;

/// The table that a kind of fact is in.
pub(super) fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Decision => "decision",
        Kind::Asked | Kind::Answered | Kind::Cancelled | Kind::Used => "approval",
        Kind::Run | Kind::End | Kind::Relapse => "run",
        Kind::Step | Kind::Before | Kind::Act | Kind::Verdict | Kind::Lift | Kind::Lifted => "step",
        Kind::Standing => "standing",
        Kind::Switch => "stop_switch",
        Kind::Pruning => "pruning",
        Kind::Anchor => "anchor",
    }
}

/// Number, part and time of a fact, then all else that it says. A fact without a time has not happened.
pub(super) fn columns(kind: Kind) -> &'static str {
    match kind {
        Kind::Decision => {
            "id AS reference, CAST(0 AS BIGINT) AS part, at AS at, fingerprint, started, policy, target, body"
        }
        Kind::Asked => {
            "id AS reference, CAST(0 AS BIGINT) AS part, requested_at AS at, policy, target, fingerprint, started, \
             expires_at, request"
        }
        Kind::Answered => {
            "id AS reference, CAST(0 AS BIGINT) AS part, answered_at AS at, approved, answered_by"
        }
        Kind::Cancelled => "id AS reference, CAST(0 AS BIGINT) AS part, cancelled_at AS at, why",
        Kind::Used => "id AS reference, CAST(0 AS BIGINT) AS part, used_at AS at, run",
        Kind::Run => {
            "id AS reference, CAST(0 AS BIGINT) AS part, begun_at AS at, policy, target, fingerprint, started, plan"
        }
        Kind::End => "id AS reference, CAST(0 AS BIGINT) AS part, ended_at AS at, outcome",
        Kind::Step => "run AS reference, step AS part, begun_at AS at",
        Kind::Before => "run AS reference, step AS part, seen_at AS at, seen",
        Kind::Act => "run AS reference, step AS part, acted_at AS at, act",
        Kind::Verdict => "run AS reference, step AS part, verified_at AS at, verdict",
        Kind::Lift => "run AS reference, step AS part, lift_at AS at",
        Kind::Lifted => "run AS reference, step AS part, lifted_at AS at, lifted",
        Kind::Relapse => "id AS reference, CAST(0 AS BIGINT) AS part, relapsed_at AS at, relapse",
        Kind::Standing => "id AS reference, CAST(0 AS BIGINT) AS part, at AS at, policy, body",
        Kind::Switch => "id AS reference, CAST(0 AS BIGINT) AS part, at AS at, paused, by",
        Kind::Pruning => "id AS reference, CAST(0 AS BIGINT) AS part, at AS at, dropped",
        Kind::Anchor => "id AS reference, CAST(0 AS BIGINT) AS part, at AS at, seq, hash",
    }
}

/// The names of the columns that only its kind has, in their order.
pub(super) fn names(kind: Kind) -> impl Iterator<Item = String> {
    columns(kind).split(',').skip(PLACE).map(|name| name.trim().to_owned())
}

/// The columns of every kind.
pub(in crate::journal) fn all_columns() -> BTreeMap<&'static str, Vec<String>> {
    Kind::ALL.iter().map(|kind| (kind.as_str(), names(*kind).collect())).collect()
}

/// Every fact of a kind, as a table to select from.
pub(super) fn all(kind: Kind) -> String {
    format!("(SELECT * FROM (SELECT {} FROM {}) AS fact WHERE at IS NOT NULL)", columns(kind), table(kind))
}

/// A statement that gives back the fact that it writes.
pub(super) fn returning(statement: &str, kind: Kind) -> Statement {
    Statement::built(format!("{statement} RETURNING {}", columns(kind)), true)
}

/// The fact in the columns of a row from `first` on; `None` where there is none.
pub(super) fn read(kind: Kind, row: &Row, first: usize) -> Stored<Option<Fact>> {
    let values = row.values(first)?;
    let [Value::Integer(reference), Value::Integer(part), Value::Integer(at)] = values[..PLACE] else {
        return Ok(None);
    };
    let digest = digest(kind, values);
    let at = crate::model::Timestamp::from_millis(at);
    Ok(Some(Fact { kind, reference, part, at, digest }))
}

/// A column of 32 bytes.
pub(super) fn hash(row: &Row, column: &str) -> Stored<Hash> {
    let bytes = row.bytes(column)?;
    bytes.try_into().map_err(|_| StoreError::Damaged(format!("a {column} of {} bytes", bytes.len()).into()))
}
