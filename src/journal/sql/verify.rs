//! Verifying a chain: in one snapshot, row by row. Works while a daemon writes, and when there is none.

use super::{Connection, Row, Statement, chain, facts};
use crate::journal::backend::{StoreError, Stored};
use crate::journal::chain::{Broken, Head, Kind, Link, Spans, Verification, hex};

/// A fault, and the link it was found at; those of facts in no link come last.
type Fault = (i64, Broken);

/// Verifies what the caller's transaction sees; `later`: kinds of facts that its schema does not have yet.
pub(in crate::journal) async fn verify(
    connection: &mut impl Connection,
    later: &[Kind],
) -> Stored<Verification> {
    let mut check = Check::begin(connection).await?;
    let links = check.links(connection).await?;
    for kind in Kind::ALL.iter().filter(|kind| !later.contains(kind)) {
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
    async fn begin(connection: &mut impl Connection) -> Stored<Self> {
        let anchor = "SELECT id, seq, hash FROM anchor ORDER BY id DESC LIMIT 1";
        let (anchor_row, anchor) = match connection.first(Statement::new(anchor)).await? {
            Some(row) => {
                (row.integer("id")?, Head { seq: row.integer("seq")?, hash: facts::hash(&row, "hash")? })
            }
            None => (0, Head::default()),
        };
        let head = chain::stored_head(connection).await?.unwrap_or_default();
        let mut check = Self { anchor, anchor_row, head, dropped: Spans::default(), fault: None };
        let pruning = Statement::new("SELECT id, dropped FROM pruning");
        connection.each(pruning, |row| check.dropped(&row)).await?;
        Ok(check)
    }

    fn dropped(&mut self, row: &Row) -> Stored<()> {
        match serde_json::from_str::<Vec<(i64, i64)>>(row.text("dropped")?) {
            Ok(spans) => self.dropped.add(spans),
            // Its digest differs as well, which names its link.
            Err(error) => {
                let place = format!("pruning {}", row.integer("id")?);
                self.found((i64::MAX - 1, Broken { place, differs: error.to_string() }));
            }
        }
        Ok(())
    }

    /// The links among themselves: every number is there, every hash follows from the one before.
    async fn links(&mut self, connection: &mut impl Connection) -> Stored<u64> {
        let (mut before, mut count, mut fault) = (self.anchor, 0, None);
        let check = |row: Row| {
            count += 1;
            if fault.is_none() {
                match link(&row, before) {
                    Ok(link) => before = Head { seq: link.seq, hash: link.hash },
                    Err(found) => fault = Some(found),
                }
            }
            Ok(())
        };
        connection.each(Statement::new("SELECT * FROM chain ORDER BY seq"), check).await?;
        if let Some(fault) = fault {
            self.found(fault);
            return Ok(count);
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
    async fn facts(&mut self, connection: &mut impl Connection, kind: Kind) -> Stored<()> {
        let select = format!(
            "SELECT chain.seq AS link, chain.reference AS wanted, chain.part AS step, chain.digest, fact.* \
             FROM chain LEFT JOIN {} AS fact ON fact.reference = chain.reference AND fact.part = chain.part \
             WHERE chain.kind = '{}' ORDER BY chain.seq",
            facts::all(kind),
            kind.as_str(),
        );
        let mut first = None;
        let check = |row: Row| {
            if first.is_none() {
                first = self.fault_of(kind, &row)?;
            }
            Ok(())
        };
        connection.each(Statement::built(select, false), check).await?;
        first.into_iter().for_each(|fault| self.found(fault));
        Ok(())
    }

    /// What is wrong with a link's fact.
    fn fault_of(&self, kind: Kind, row: &Row) -> Stored<Option<Fault>> {
        let (seq, reference) = (row.integer("link")?, row.integer("wanted")?);
        let fact = facts::read(kind, row, 4)?;
        let superseded = kind == Kind::Anchor && reference < self.anchor_row;
        let dropped = self.dropped.contain(seq);
        let differs = match fact {
            None if dropped || superseded => return Ok(None),
            None => "it is missing",
            Some(_) if dropped => "retention has dropped it, and it is there",
            Some(fact) if fact.digest != facts::hash(row, "digest")? => "it does not say what was written",
            Some(_) => return Ok(None),
        };
        let place = format!("link {seq}, {}", named(kind, reference, row.integer("step")?));
        Ok(Some((seq, Broken { place, differs: differs.to_owned() })))
    }

    /// Facts that are in no link were not written by the journal.
    async fn unlinked(&mut self, connection: &mut impl Connection, kind: Kind) -> Stored<()> {
        let select = format!(
            "SELECT fact.reference, fact.part FROM {} AS fact WHERE NOT EXISTS (SELECT 1 FROM chain \
             WHERE kind = '{}' AND chain.reference = fact.reference AND chain.part = fact.part) LIMIT 1",
            facts::all(kind),
            kind.as_str(),
        );
        if let Some(row) = connection.first(Statement::built(select, false)).await? {
            let place = named(kind, row.integer("reference")?, row.integer("part")?);
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

fn link(row: &Row, mut before: Head) -> Result<Link, Fault> {
    let seq = row.integer("seq").unwrap_or(before.seq + 1);
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
        Kind::Step | Kind::Before | Kind::Act | Kind::Verdict | Kind::Lift | Kind::Lifted => {
            format!("{} {part} of run {reference}", kind.as_str())
        }
        Kind::End => format!("end of run {reference}"),
        Kind::Relapse => format!("relapse of run {reference}"),
        Kind::Answered | Kind::Cancelled | Kind::Used => format!("{} of request {reference}", kind.as_str()),
        _ => format!("{} {reference}", kind.as_str()),
    }
}
