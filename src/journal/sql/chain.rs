//! Writing the chain: links wait until the end of their transaction and go in together.

use super::value::groups;
use super::{Connection, Row, Statement, facts, statements};
use crate::journal::backend::{StoreError, Stored};
use crate::journal::chain::{Fact, Head, Kind, Link};

/// Links in one statement: 7 values each, far under the limits of 32,766 (SQLite) and 65,535 (PostgreSQL).
const LINKS_PER_STATEMENT: usize = 500;
/// Statements of so few links come again and again.
const FEW: usize = 4;

/// The end of the chain as the writer knows it, and the links that are not in the file yet.
#[derive(Debug, Default)]
pub(super) struct Tail {
    head: Option<Head>,
    waiting: Vec<Link>,
}

impl Tail {
    /// Reads the end of the chain, unless it is known from the transaction before.
    pub async fn load(&mut self, connection: &mut impl Connection) -> Stored<()> {
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
    pub async fn flush(&mut self, connection: &mut impl Connection) -> Stored<()> {
        let (Some(head), false) = (self.head, self.waiting.is_empty()) else {
            return Ok(());
        };
        insert(connection, &self.waiting).await?;
        self.waiting.clear();
        let update = Statement::new("UPDATE chain_head SET seq = $1, hash = $2");
        connection.execute(update.bind(head.seq).bind(&head.hash[..])).await?;
        Ok(())
    }
}

/// Writes a fact and links it; gives back its number. The rules have read the row in this transaction, so it
/// is there, and what is added to it is not.
pub(super) async fn record(
    connection: &mut impl Connection,
    tail: &mut Tail,
    kind: Kind,
    statement: Statement,
) -> Stored<i64> {
    let row = connection.first(statement).await?;
    let fact = row.map(|row| facts::read(kind, &row, 0)).transpose()?.flatten();
    let changed =
        || StoreError::Damaged(format!("a row has changed: no place for its {}", kind.as_str()).into());
    let fact = fact.ok_or_else(changed)?;
    tail.add(fact);
    Ok(fact.reference)
}

/// The head that is written down; `None` where nothing was ever linked.
pub(super) async fn stored_head(connection: &mut impl Connection) -> Stored<Option<Head>> {
    let row = connection.first(Statement::new("SELECT seq, hash FROM chain_head")).await?;
    row.map(|row| Ok(Head { seq: row.integer("seq")?, hash: facts::hash(&row, "hash")? })).transpose()
}

/// A row of the chain; a kind that is not known is a fault.
pub(super) fn link(row: &Row) -> Stored<Link> {
    let (seq, name) = (row.integer("seq")?, row.text("kind")?);
    let unknown = || StoreError::Damaged(format!("link {seq} is of an unknown kind '{name}'").into());
    let fact = Fact {
        kind: Kind::named(name).ok_or_else(unknown)?,
        reference: row.integer("reference")?,
        part: row.integer("part")?,
        at: row.time("at")?,
        digest: facts::hash(row, "digest")?,
    };
    Ok(Link { seq, fact, hash: facts::hash(row, "hash")? })
}

/// Begins the chain of a journal that has none with everything that is in it, in the order of its times.
/// Inside the caller's transaction.
pub(in crate::journal) async fn link_existing(connection: &mut impl Connection) -> Stored<()> {
    if stored_head(connection).await?.is_some() {
        return Ok(());
    }
    let mut found = Vec::new();
    for kind in Kind::ALL {
        found.extend(existing(connection, *kind).await?);
    }
    found.sort_by_key(|fact| (fact.at, fact.kind, fact.reference, fact.part));
    let mut head = Head::default();
    let links: Vec<Link> = found.into_iter().map(|fact| head.extend(fact)).collect();
    insert(connection, &links).await?;
    let begin = Statement::new("INSERT INTO chain_head (only_row, seq, hash) VALUES (1, $1, $2)");
    connection.execute(begin.bind(head.seq).bind(&head.hash[..])).await?;
    Ok(())
}

/// Makes facts of where policies stood when an older version wrote that down without links: once, while there is
/// none. Inside the caller's transaction.
pub(in crate::journal) async fn take_over_standings(connection: &mut impl Connection) -> Stored<()> {
    let select = "SELECT policy, body, at FROM standing_before \
                  WHERE NOT EXISTS (SELECT 1 FROM standing) ORDER BY policy";
    let before = connection.fetch(Statement::new(select)).await?;
    let mut tail = Tail::default();
    tail.load(connection).await?;
    for row in &before {
        let standing = statements::standing(row.text("policy")?, row.text("body")?, row.time("at")?);
        record(connection, &mut tail, Kind::Standing, standing).await?;
    }
    tail.flush(connection).await?;
    connection.execute(Statement::new("DELETE FROM standing_before")).await.map(drop)
}

/// Row by row: only the digests stay in memory.
async fn existing(connection: &mut impl Connection, kind: Kind) -> Stored<Vec<Fact>> {
    let mut facts = Vec::new();
    let select = Statement::built(format!("SELECT * FROM {} AS fact", facts::all(kind)), false);
    let read = |row: Row| {
        facts.extend(facts::read(kind, &row, 0)?);
        Ok(())
    };
    connection.each(select, read).await?;
    Ok(facts)
}

async fn insert(connection: &mut impl Connection, links: &[Link]) -> Stored<()> {
    for chunk in links.chunks(LINKS_PER_STATEMENT) {
        let groups = groups(chunk.len(), 7);
        let sql = format!("INSERT INTO chain (seq, kind, reference, part, at, digest, hash) VALUES {groups}");
        let statement = Statement::built(sql, chunk.len() == LINKS_PER_STATEMENT || chunk.len() <= FEW);
        let bind = |statement: Statement, link: &Link| {
            statement
                .bind(link.seq)
                .bind(link.fact.kind.as_str())
                .bind(link.fact.reference)
                .bind(link.fact.part)
                .bind(link.fact.at)
                .bind(&link.fact.digest[..])
                .bind(&link.hash[..])
        };
        connection.execute(chunk.iter().fold(statement, bind)).await?;
    }
    Ok(())
}
