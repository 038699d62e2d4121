//! Links with their facts, for whoever keeps them elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::value::list;
use super::{Pool, Row, Statement, chain, facts};
use crate::journal::backend::{LinkedFact, Stored};
use crate::journal::chain::{Kind, Link, Value, hex};
use crate::model::Timestamp;

/// Links read at once.
const LINKS: i64 = 500;

const PAGE: &str = "SELECT * FROM chain WHERE seq > $1 AND at >= $2 AND at < $3 ORDER BY seq LIMIT $4";
const FIRST: &str = "SELECT at FROM chain ORDER BY seq LIMIT 1";

type Place = (Kind, i64, i64);

/// The links after a number whose facts happened in a time, the first few hundred of them.
pub(super) async fn page(
    pool: &impl Pool,
    after: i64,
    from: Timestamp,
    to: Timestamp,
) -> Stored<Vec<LinkedFact>> {
    let statement = Statement::new(PAGE).bind(after).bind(from).bind(to).bind(LINKS);
    let rows = pool.fetch(statement).await?;
    let links = rows.iter().map(chain::link).collect::<Stored<Vec<Link>>>()?;
    let mut found = BTreeMap::new();
    for kind in links.iter().map(|link| link.fact.kind).collect::<BTreeSet<_>>() {
        let references = links.iter().filter(|link| link.fact.kind == kind).map(|link| link.fact.reference);
        found.extend(of_kind(pool, kind, &references.collect::<Vec<_>>()).await?);
    }
    let with_fact = |link: Link| {
        let fact = found.remove(&(link.fact.kind, link.fact.reference, link.fact.part));
        LinkedFact { link, fact }
    };
    Ok(links.into_iter().map(with_fact).collect())
}

/// When the oldest fact happened that is still linked.
pub(super) async fn first(pool: &impl Pool) -> Stored<Option<Timestamp>> {
    let rows = pool.fetch(Statement::new(FIRST)).await?;
    rows.first().map(|row| row.time("at")).transpose()
}

async fn of_kind(
    pool: &impl Pool,
    kind: Kind,
    references: &[i64],
) -> Stored<Vec<(Place, Map<String, Json>)>> {
    let (all, references) = (facts::all(kind), list(references));
    let select = format!("SELECT fact.* FROM {all} AS fact WHERE reference IN ({references})");
    let rows = pool.fetch(Statement::built(select, false)).await?;
    let fact = |row: &Row| {
        let columns =
            facts::names(kind).zip(row.values(facts::PLACE)?).map(|(name, value)| (name, json(value)));
        let place = (kind, row.integer("reference")?, row.integer("part")?);
        Ok((place, columns.collect()))
    };
    rows.iter().map(fact).collect()
}

fn json(value: Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Bytes(bytes) => hex(bytes).into(),
    }
}
