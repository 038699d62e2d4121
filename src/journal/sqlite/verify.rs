//! Reading a journal to verify it: without the right to write, in one snapshot, row by row. Works while the
//! daemon writes, and when there is none.

use std::path::Path;

use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};

use super::open::{self, Schema};
use super::{chain, facts, reader_options};
use crate::journal::backend::{StoreError, Stored};
use crate::journal::chain::{Broken, Hash, Head, Kind, Link, Spans, Verification, VerifyError};

/// The first schema version with a chain.
const FIRST_WITH_CHAIN: i64 = 5;

/// A fault, and the link it was found at; those of facts in no link come last.
type Fault = (i64, Broken);

/// Verifies the file as it is at this moment.
pub(in crate::journal) async fn verify(path: &Path) -> Result<Verification, VerifyError> {
    let unreadable = |reason: String| VerifyError::NotReadable { path: path.to_owned(), reason };
    let mut connection =
        reader_options(path).connect().await.map_err(|error| unreadable(error.to_string()))?;
    let schema =
        open::schema_version(&mut connection).await.map_err(|error| unreadable(error.to_string()))?;
    let known = open::known_version();
    match schema {
        Schema::Foreign => return Err(VerifyError::NotAJournal { path: path.to_owned() }),
        Schema::Version(found) if found > known => {
            return Err(VerifyError::NewerSchema { path: path.to_owned(), found, known });
        }
        Schema::Version(found) if found < FIRST_WITH_CHAIN => {
            return Err(VerifyError::NoChain { path: path.to_owned() });
        }
        Schema::Version(_) => {}
    }
    let verified = in_snapshot(&mut connection).await.map_err(|error| unreadable(error.to_string()));
    let _ = connection.close().await;
    verified
}

async fn in_snapshot(connection: &mut SqliteConnection) -> Stored<Verification> {
    sqlx::query("BEGIN").execute(&mut *connection).await?;
    let mut check = Check::begin(connection).await?;
    let links = check.links(connection).await?;
    for kind in Kind::ALL {
        check.facts(connection, *kind).await?;
        check.unlinked(connection, *kind).await?;
    }
    let broken = check.fault.map(|(_, broken)| broken);
    Ok(Verification { links, first: check.anchor.seq + 1, head: hex(&check.head.hash), broken })
}

/// What is known while the tables are read.
struct Check {
    anchor: Head,
    /// The number of the anchor's row: links to earlier ones need none.
    anchor_row: i64,
    head: Head,
    dropped: Spans,
    fault: Option<Fault>,
}

impl Check {
    async fn begin(connection: &mut SqliteConnection) -> Stored<Self> {
        let row = sqlx::query("SELECT id, seq, hash FROM anchor ORDER BY id DESC LIMIT 1")
            .fetch_optional(&mut *connection)
            .await?;
        let (anchor_row, anchor) = match row {
            Some(row) => {
                (row.try_get("id")?, Head { seq: row.try_get("seq")?, hash: facts::hash(&row, "hash")? })
            }
            None => (0, Head::default()),
        };
        let head = chain::stored_head(connection).await?.unwrap_or_default();
        let mut dropped = Spans::default();
        let mut rows = sqlx::query("SELECT id, dropped FROM pruning").fetch(connection);
        let mut fault = None;
        while let Some(row) = rows.try_next().await? {
            match serde_json::from_str::<Vec<(i64, i64)>>(row.try_get("dropped")?) {
                Ok(spans) => dropped.add(spans),
                // Its digest differs as well, which names its link.
                Err(error) => {
                    let place = format!("pruning {}", row.try_get::<i64, _>("id")?);
                    fault = Some((i64::MAX - 1, Broken { place, differs: error.to_string() }));
                }
            }
        }
        drop(rows);
        Ok(Self { anchor, anchor_row, head, dropped, fault })
    }

    /// The links among themselves: every number is there, every hash follows from the one before.
    async fn links(&mut self, connection: &mut SqliteConnection) -> Stored<u64> {
        let (mut before, mut count) = (self.anchor, 0);
        let mut rows = sqlx::query("SELECT * FROM chain ORDER BY seq").fetch(connection);
        while let Some(row) = rows.try_next().await? {
            count += 1;
            match link(&row, before) {
                Ok(link) => before = Head { seq: link.seq, hash: link.hash },
                Err(fault) => {
                    self.found(fault);
                    return Ok(count);
                }
            }
        }
        if before != self.head {
            let differs =
                format!("the newest link was {}, the last one there is {}", self.head.seq, before.seq);
            let place = format!("link {}", before.seq.max(self.head.seq));
            self.found((before.seq + 1, Broken { place, differs }));
        }
        Ok(count)
    }

    /// The facts of a kind: what is linked is there and says what it said, or retention has dropped it.
    async fn facts(&mut self, connection: &mut SqliteConnection, kind: Kind) -> Stored<()> {
        let select = format!(
            "SELECT chain.seq AS link, chain.reference AS wanted, chain.part AS step, chain.digest, fact.* \
             FROM chain LEFT JOIN {} AS fact ON fact.reference = chain.reference AND fact.part = chain.part \
             WHERE chain.kind = '{}' ORDER BY chain.seq",
            facts::all(kind),
            kind.as_str(),
        );
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(connection);
        while let Some(row) = rows.try_next().await? {
            let (seq, reference): (i64, i64) = (row.try_get("link")?, row.try_get("wanted")?);
            let fact = facts::read(kind, &row, 4)?;
            let superseded = kind == Kind::Anchor && reference < self.anchor_row;
            let dropped = self.dropped.contain(seq);
            let differs = match fact {
                None if dropped || superseded => continue,
                None => "it is missing",
                Some(_) if dropped => "retention has dropped it, and it is there",
                Some(fact) if fact.digest != facts::hash(&row, "digest")? => {
                    "it does not say what was written"
                }
                Some(_) => continue,
            };
            let place = format!("link {seq}, {}", named(kind, reference, row.try_get("step")?));
            self.found((seq, Broken { place, differs: differs.to_owned() }));
            return Ok(());
        }
        Ok(())
    }

    /// Facts that are in no link were not written by the journal.
    async fn unlinked(&mut self, connection: &mut SqliteConnection, kind: Kind) -> Stored<()> {
        let select = format!(
            "SELECT fact.reference, fact.part FROM {} AS fact WHERE NOT EXISTS (SELECT 1 FROM chain \
             WHERE kind = '{}' AND chain.reference = fact.reference AND chain.part = fact.part) LIMIT 1",
            facts::all(kind),
            kind.as_str(),
        );
        if let Some(row) = sqlx::query(AssertSqlSafe(select)).fetch_optional(connection).await? {
            let place = named(kind, row.try_get("reference")?, row.try_get("part")?);
            self.found((i64::MAX, Broken { place, differs: "no link names it".to_owned() }));
        }
        Ok(())
    }

    /// Keeps the first.
    fn found(&mut self, fault: Fault) {
        if self.fault.as_ref().is_none_or(|(seq, _)| fault.0 < *seq) {
            self.fault = Some(fault);
        }
    }
}

fn link(row: &sqlx::sqlite::SqliteRow, mut before: Head) -> Result<Link, Fault> {
    let seq = row.try_get("seq").unwrap_or(before.seq + 1);
    let fault =
        |at: i64, place: String, differs: &str| Err((at, Broken { place, differs: differs.to_owned() }));
    if seq != before.seq + 1 {
        return fault(before.seq + 1, format!("link {}", before.seq + 1), "it is missing");
    }
    let link = match chain::link(row) {
        Ok(link) => link,
        Err(StoreError::Damaged(what) | StoreError::Unavailable(what)) => {
            return fault(seq, format!("link {seq}"), &what);
        }
    };
    if before.extend(link.fact).hash != link.hash {
        let place = format!("link {seq}, {}", named(link.fact.kind, link.fact.reference, link.fact.part));
        return fault(seq, place, "its hash does not follow from the link before it and from what it says");
    }
    Ok(link)
}

/// As a person would look for it.
fn named(kind: Kind, reference: i64, part: i64) -> String {
    match kind {
        Kind::Step | Kind::Act | Kind::Verdict => format!("{} {part} of run {reference}", kind.as_str()),
        Kind::End => format!("end of run {reference}"),
        Kind::Answered | Kind::Cancelled | Kind::Used => format!("{} of request {reference}", kind.as_str()),
        _ => format!("{} {reference}", kind.as_str()),
    }
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
