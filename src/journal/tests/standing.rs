//! Where policies stand: every change is a link, and the last one counts.

use super::chain::{CHANGED, GONE, STRANGE};
use super::*;
use crate::journal::verify;

impl Room {
    /// One policy that has risen, and one that has not.
    async fn with_standings() -> Self {
        let room = Self::new().await;
        for (second, policy, body) in [(1, "a", "shadow"), (2, "b", "shadow"), (3, "a", "act")] {
            room.journal.remember(policy, body, at(second)).await.unwrap();
        }
        room
    }

    async fn standings(&self) -> Vec<(String, String)> {
        self.journal.standings().await.unwrap()
    }

    async fn fault(&self) -> Option<(String, String)> {
        let broken = verify(&self.config.place).await.unwrap().broken;
        broken.map(|broken| (broken.place, broken.differs))
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(policy, body)| ((*policy).to_owned(), (*body).to_owned())).collect()
}

async fn the_last_of_each_policy_counts_and_every_one_is_linked() {
    let room = Room::with_standings().await.reopened().await;
    assert_eq!(room.standings().await, pairs(&[("a", "act"), ("b", "shadow")]));
    let verified = verify(&room.config.place).await.unwrap();
    assert_eq!((verified.links, verified.broken), (3, None));
}

async fn whatever_is_done_to_a_standing_is_named() {
    for (statement, place, differs) in [
        ("UPDATE standing SET body = 'act' WHERE policy = 'b'", "link 2, standing 2", CHANGED),
        ("UPDATE standing SET policy = 'b' WHERE id = 3", "link 3, standing 3", CHANGED),
        ("DELETE FROM standing WHERE id = 3", "link 3, standing 3", GONE),
        ("INSERT INTO standing (policy, body, at) VALUES ('b', 'act', 1)", "standing 4", STRANGE),
    ] {
        let room = Room::with_standings().await;
        room.tamper(statement).await;
        assert_eq!(room.fault().await, Some((place.to_owned(), differs.to_owned())), "{statement}");
    }
}

async fn retention_keeps_the_last_of_each_policy() {
    let room = Room::with_standings().await;
    assert_eq!(room.journal.prune(at(100 * DAY)).await.unwrap(), 1, "the first of the policy that has risen");
    assert_eq!(room.standings().await, pairs(&[("a", "act"), ("b", "shadow")]));
    assert_eq!(room.fault().await, None);
}

/// The table as it was before its rows were facts.
const BEFORE: &str = "DROP TABLE touched; DROP TABLE standing; ALTER TABLE standing_before RENAME TO standing; \
    INSERT INTO standing (policy, body, at) VALUES ('b', 'ask', 5), ('a', 'act', 6); \
    ALTER TABLE step DROP COLUMN seen_at; ALTER TABLE step DROP COLUMN seen; \
    ALTER TABLE step DROP COLUMN lift_at; ALTER TABLE step DROP COLUMN lifted_at; ALTER TABLE step DROP COLUMN lifted; ALTER TABLE run DROP COLUMN relapsed_at; ALTER TABLE run DROP COLUMN relapse; \
    DELETE FROM _sqlx_migrations WHERE version >= \
    (SELECT version FROM _sqlx_migrations WHERE description = 'standing facts')";

async fn what_an_older_version_wrote_becomes_facts_once() {
    let room = Room::new().await;
    room.journal.set_paused(false, "ann", at(0)).await.unwrap();
    room.journal.clone().close().await;
    room.tamper(&format!("{}{BEFORE}", without_outbox())).await;
    assert_eq!(room.fault().await, None, "an older journal can be verified as it is");
    let room = room.reopened().await;
    assert_eq!(room.standings().await, pairs(&[("a", "act"), ("b", "ask")]));
    let verified = verify(&room.config.place).await.unwrap();
    assert_eq!((verified.links, verified.broken), (3, None));
    room.journal.clone().close().await;
    room.tamper("INSERT INTO standing_before (policy, body, at) VALUES ('c', 'act', 7)").await;
    let room = room.reopened().await;
    assert_eq!(room.standings().await, pairs(&[("a", "act"), ("b", "ask")]), "nobody gets in that way later");
    room.tamper("UPDATE standing SET body = 'act' WHERE policy = 'b'").await;
    assert_eq!(room.fault().await, Some(("link 3, standing 2".to_owned(), CHANGED.to_owned())));
}

on_every_database![
    the_last_of_each_policy_counts_and_every_one_is_linked,
    whatever_is_done_to_a_standing_is_named,
    retention_keeps_the_last_of_each_policy,
    what_an_older_version_wrote_becomes_facts_once,
];
