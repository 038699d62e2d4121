//! Writing the chain: links wait until the end of their transaction and go in together.

use futures::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection};

use super::facts;
use super::rows::time;
use crate::journal::backend::{StoreError, Stored};
use crate::journal::chain::{Fact, Head, Kind, Link};

/// Links in one statement: 7 values each, far under SQLite's limit of 32,766.
const LINKS_PER_STATEMENT: usize = 500;

/// The end of the chain as the writer knows it, and the links that are not in the file yet.
#[derive(Debug, Default)]
pub(super) struct Tail {
    head: Option<Head>,
    waiting: Vec<Link>,
}

impl Tail {
    /// Reads the end of the chain, unless it is known from the transaction before.
    pub async fn load(&mut self, connection: &mut SqliteConnection) -> Stored<()> {
        if self.head.is_none() {
            let found = stored_head(connection).await?;
            let missing = || StoreError::Damaged("the chain has no head".into());
            self.head = Some(found.ok_or_else(missing)?);
        }
        Ok(())
    }

    /// Links a fact that was written in this transaction.
    pub fn add(&mut self, fact: Fact) {
        self.waiting.push(self.head.get_or_insert_default().extend(fact));
    }

    /// Writes the links that wait.
    pub async fn flush(&mut self, connection: &mut SqliteConnection) -> Stored<()> {
        let (Some(head), false) = (self.head, self.waiting.is_empty()) else {
            return Ok(());
        };
        insert(connection, &self.waiting).await?;
        self.waiting.clear();
        let update = "UPDATE chain_head SET seq = ?1, hash = ?2";
        sqlx::query(update).bind(head.seq).bind(&head.hash[..]).execute(connection).await?;
        Ok(())
    }
}

/// The head that is written down; `None` where nothing was ever linked.
pub(super) async fn stored_head(connection: &mut SqliteConnection) -> Stored<Option<Head>> {
    let row = sqlx::query("SELECT seq, hash FROM chain_head").fetch_optional(connection).await?;
    row.map(|row| Ok(Head { seq: row.try_get("seq")?, hash: facts::hash(&row, "hash")? })).transpose()
}

/// A row of the chain; a kind that is not known is a fault.
pub(super) fn link(row: &SqliteRow) -> Stored<Link> {
    let (seq, name): (i64, &str) = (row.try_get("seq")?, row.try_get("kind")?);
    let unknown = || StoreError::Damaged(format!("link {seq} is of an unknown kind '{name}'").into());
    let fact = Fact {
        kind: Kind::named(name).ok_or_else(unknown)?,
        reference: row.try_get("reference")?,
        part: row.try_get("part")?,
        at: time(row, "at")?,
        digest: facts::hash(row, "digest")?,
    };
    Ok(Link { seq, fact, hash: facts::hash(row, "hash")? })
}

/// Begins the chain of a file that has none with everything that is in it, in the order of its times.
pub(super) async fn link_existing(connection: &mut SqliteConnection) -> Stored<()> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    if stored_head(connection).await?.is_none() {
        let mut found = Vec::new();
        for kind in Kind::ALL {
            found.extend(existing(connection, *kind).await?);
        }
        found.sort_by_key(|fact| (fact.at, fact.kind, fact.reference, fact.part));
        let mut head = Head::default();
        let links: Vec<Link> = found.into_iter().map(|fact| head.extend(fact)).collect();
        insert(connection, &links).await?;
        let insert = "INSERT INTO chain_head (only_row, seq, hash) VALUES (1, ?1, ?2)";
        sqlx::query(insert).bind(head.seq).bind(&head.hash[..]).execute(&mut *connection).await?;
    }
    sqlx::query("COMMIT").execute(connection).await?;
    Ok(())
}

/// Row by row: only the digests stay in memory.
async fn existing(connection: &mut SqliteConnection, kind: Kind) -> Stored<Vec<Fact>> {
    let mut facts = Vec::new();
    let select = AssertSqlSafe(format!("SELECT * FROM {}", facts::all(kind)));
    let mut rows = sqlx::query(select).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        facts.extend(facts::read(kind, &row, 0)?);
    }
    Ok(facts)
}

async fn insert(connection: &mut SqliteConnection, links: &[Link]) -> Stored<()> {
    for chunk in links.chunks(LINKS_PER_STATEMENT) {
        let mut statement: QueryBuilder<Sqlite> =
            QueryBuilder::new("INSERT INTO chain (seq, kind, reference, part, at, digest, hash) ");
        statement.push_values(chunk, |mut row, link| {
            row.push_bind(link.seq)
                .push_bind(link.fact.kind.as_str())
                .push_bind(link.fact.reference)
                .push_bind(link.fact.part)
                .push_bind(link.fact.at.as_millis())
                .push_bind(link.fact.digest.to_vec())
                .push_bind(link.hash.to_vec());
        });
        let full = chunk.len() == LINKS_PER_STATEMENT;
        statement.build().persistent(full).execute(&mut *connection).await?;
    }
    Ok(())
}
