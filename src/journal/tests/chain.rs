//! The hash chain: intact after everything the journal does, and broken by everything else.

use sqlx::{AssertSqlSafe, Connection};

use super::*;
use crate::journal::{Answer, Broken, Place, Verification, VerifyError, verify};
use crate::model::{
    ApprovalRequest, Decision, DecisionVerdict, DeliveryId, EpisodeChange, Reason, RunOutcome, Verdict,
};

pub(super) fn held(name: &str, second: i64) -> Decision {
    let (reason, detail) = (Reason::Shadow, "shadow".to_owned());
    Decision {
        episode: episode(name, 1).id,
        policy: Some("restart-app".into()),
        target: None,
        at: at(second),
        verdict: DecisionVerdict::Hold { reason, detail, plan: None },
        checks: Vec::new(),
    }
}

impl Room {
    /// Every kind of fact but where a policy stands: 16 of them, at seconds 1 to 14.
    pub(super) async fn with_history() -> Self {
        let room = Self::new().await;
        let journal = &room.journal;
        journal.record_decisions(vec![held("a", 1), held("a", 2), held("b", 3)]).await.unwrap();
        let ask = |name: &str| ApprovalRequest {
            plan: plan(name, 2),
            requested_by: "ada".into(),
            needs_another: true,
            requested_at: at(4),
            valid_for: Duration::from_secs(100),
        };
        let (used, void) = (journal.ask(ask("a")).await.unwrap(), journal.ask(ask("b")).await.unwrap());
        let yes = Answer { approved: true, by: "bob".into(), at: at(5) };
        journal.answer(used, yes).await.unwrap();
        journal.cancel(void, "resolved", at(6)).await.unwrap();
        let approved = Intent { approval: Some(used), ..intent(&plan("a", 2)) };
        let run = journal.begin(approved, at(7)).await.unwrap().run();
        journal.record_act(run, 0, Ok(Default::default()), at(8)).await.unwrap();
        journal.record_verdict(run, 0, Verdict::NoEffect, at(9)).await.unwrap();
        let _ = journal.next_step(run, None, at(10)).await.unwrap();
        journal.close_run(run, RunOutcome::Helped, at(12)).await.unwrap();
        journal.set_paused(true, "ada", at(13)).await.unwrap();
        journal.set_paused(false, "ada", at(14)).await.unwrap();
        room
    }

    async fn verified(&self) -> Verification {
        verify(&self.config.place).await.unwrap()
    }

    async fn links(&self) -> u64 {
        let verified = self.verified().await;
        assert_eq!(verified.broken, None);
        verified.links
    }

    /// What a person with the database's own shell could do.
    pub(super) async fn tamper(&self, statements: &str) {
        match &self.config.place {
            Place::File(_) => {
                let mut beside = self.beside().await;
                sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut beside).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut beside).await.unwrap();
                beside.close().await.unwrap();
            }
            Place::Postgres(database) => {
                let name = database.url.path().trim_start_matches('/');
                postgres().sql(name, &format!("SET session_replication_role = replica; {statements}"));
            }
        }
    }

    async fn broken(&self) -> (String, String) {
        let Broken { place, differs } = self.verified().await.broken.expect("the chain is broken");
        (place, differs)
    }
}

async fn every_fact_is_linked_and_the_chain_is_intact() {
    assert_eq!(Room::new().await.links().await, 0);
    let room = Room::with_history().await;
    assert_eq!(room.links().await, 16);
    let head = room.verified().await.head;
    let room = room.reopened().await;
    assert_eq!(room.verified().await.head, head);
    room.journal.record_decisions(vec![held("c", 20)]).await.unwrap();
    assert_eq!(room.links().await, 17);
    assert_ne!(room.verified().await.head, head);
}

#[tokio::test]
async fn a_write_that_is_refused_or_fails_adds_no_link() {
    let room = Room::with_history().await;
    room.journal.begin(intent(&plan("a", 2)), at(20)).await.unwrap_err();
    assert_eq!(room.links().await, 16);
    let lock = room.beside().await;
    let mut lock = lock;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut lock).await.unwrap();
    room.journal.record_decisions(vec![held("c", 20)]).await.unwrap_err();
    sqlx::query("ROLLBACK").execute(&mut lock).await.unwrap();
    room.journal.record_decisions(vec![held("c", 21)]).await.unwrap();
    assert_eq!(room.links().await, 17);
}

pub(super) const CHANGED: &str = "it does not say what was written";
pub(super) const GONE: &str = "it is missing";
pub(super) const STRANGE: &str = "no link names it";
const FOLLOWS: &str = "its hash does not follow from the link before it and from what it says";

async fn whatever_is_changed_is_named() {
    for (statement, place) in [
        (
            "UPDATE decision SET body = replace(body, 'shadow', 'no_policy') WHERE id = 2",
            "link 2, decision 2",
        ),
        ("UPDATE decision SET at = at + 1 WHERE id = 3", "link 3, decision 3"),
        ("UPDATE decision SET policy = NULL WHERE id = 1", "link 1, decision 1"),
        ("UPDATE approval SET request = replace(request, 'ada', 'eve') WHERE id = 1", "link 4, request 1"),
        ("UPDATE approval SET answered_by = 'eve' WHERE id = 1", "link 6, answer of request 1"),
        ("UPDATE approval SET why = 'so' WHERE id = 2", "link 7, cancellation of request 2"),
        ("UPDATE run SET plan = replace(plan, 'systemctl', 'reboot')", "link 8, run 1"),
        ("UPDATE step SET begun_at = begun_at - 1 WHERE step = 0", "link 9, step 0 of run 1"),
        ("UPDATE approval SET run = 2 WHERE id = 1", "link 10, use of request 1"),
        ("UPDATE step SET act = replace(act, 'Ok', 'Err') WHERE step = 0", "link 11, act 0 of run 1"),
        ("UPDATE step SET verdict = 'helped' WHERE step = 0", "link 12, verdict 0 of run 1"),
        ("UPDATE run SET outcome = 'worse'", "link 14, end of run 1"),
        ("UPDATE stop_switch SET by = 'eve' WHERE id = 1", "link 15, stop_switch 1"),
        ("UPDATE stop_switch SET paused = 1 WHERE id = 2", "link 16, stop_switch 2"),
    ] {
        let room = Room::with_history().await;
        room.tamper(statement).await;
        assert_eq!(room.broken().await, (place.to_owned(), CHANGED.to_owned()), "{statement}");
    }
}

async fn whatever_is_removed_is_named() {
    for (statement, place) in [
        ("DELETE FROM decision WHERE id = 2", "link 2, decision 2"),
        ("DELETE FROM approval WHERE id = 2", "link 5, request 2"),
        (
            "UPDATE approval SET answered_at = NULL, approved = NULL, answered_by = NULL WHERE id = 1",
            "link 6, answer of request 1",
        ),
        ("DELETE FROM run", "link 8, run 1"),
        ("DELETE FROM step WHERE step = 0", "link 9, step 0 of run 1"),
        ("UPDATE step SET acted_at = NULL, act = NULL WHERE step = 0", "link 11, act 0 of run 1"),
        ("UPDATE run SET ended_at = NULL, outcome = NULL", "link 14, end of run 1"),
        ("DELETE FROM stop_switch WHERE id = 2", "link 16, stop_switch 2"),
        ("DELETE FROM chain WHERE seq = 3", "link 3"),
        ("DELETE FROM chain WHERE seq = 1", "link 1"),
        ("DELETE FROM decision WHERE id = 2; DELETE FROM chain WHERE seq = 2", "link 2"),
    ] {
        let room = Room::with_history().await;
        room.tamper(statement).await;
        assert_eq!(room.broken().await, (place.to_owned(), GONE.to_owned()), "{statement}");
    }
    for statement in [
        "DELETE FROM chain WHERE seq = 16",
        "DELETE FROM chain WHERE seq = 16; DELETE FROM stop_switch WHERE id = 2",
    ] {
        let room = Room::with_history().await;
        room.tamper(statement).await;
        let differs = "the newest link was 16, the last one there is 15".to_owned();
        assert_eq!(room.broken().await, ("link 16".to_owned(), differs), "{statement}");
    }
}

async fn whatever_is_added_is_named() {
    for (statement, place) in [
        (
            "INSERT INTO decision (fingerprint, started, at, body) SELECT fingerprint, started, at, body \
             FROM decision WHERE id = 1",
            "decision 4",
        ),
        ("UPDATE step SET acted_at = 1, act = '{}' WHERE step = 1", "act 1 of run 1"),
        ("UPDATE approval SET used_at = 1, run = 7 WHERE id = 2", "use of request 2"),
        (
            "INSERT INTO run (policy, target, fingerprint, started, begun_at, plan) \
             SELECT 'p', 't', fingerprint, started, begun_at, plan FROM run",
            "run 2",
        ),
        ("INSERT INTO stop_switch (paused, by, at) VALUES (1, 'eve', 1)", "stop_switch 3"),
        ("INSERT INTO pruning (at, dropped) VALUES (1, '[]')", "pruning 1"),
    ] {
        let room = Room::with_history().await;
        room.tamper(statement).await;
        assert_eq!(room.broken().await, (place.to_owned(), STRANGE.to_owned()), "{statement}");
    }
    for (case, statement, place, differs) in [
        (
            "a link of its own at the end",
            "INSERT INTO chain SELECT 17, kind, 4, part, at, digest, hash FROM chain WHERE seq = 3",
            "link 17, decision 4",
            FOLLOWS,
        ),
        (
            "a row that hides a removed one",
            "DELETE FROM decision WHERE id = 1; INSERT INTO pruning (at, dropped) VALUES (1, '[[1,1]]')",
            "pruning 1",
            STRANGE,
        ),
        (
            "a note that is none",
            "INSERT INTO pruning (at, dropped) VALUES (1, 'x')",
            "pruning 1",
            "expected value at line 1 column 1",
        ),
        (
            "an anchor that hides the beginning",
            "INSERT INTO anchor (at, seq, hash) SELECT 1, seq, hash FROM chain WHERE seq = 3; \
             DELETE FROM chain WHERE seq <= 3; DELETE FROM decision",
            "anchor 1",
            STRANGE,
        ),
    ] {
        let room = Room::with_history().await;
        room.tamper(statement).await;
        assert_eq!(room.broken().await, (place.to_owned(), differs.to_owned()), "{case}");
    }
}

async fn whatever_is_reordered_is_named() {
    for (case, statement, place, differs) in [
        (
            "two decisions",
            "UPDATE decision SET id = -id WHERE id < 3; UPDATE decision SET id = 3 + id WHERE id < 0",
            "link 1, decision 1",
            CHANGED,
        ),
        (
            "two links",
            "UPDATE chain SET seq = -seq WHERE seq IN (2, 3); UPDATE chain SET seq = 5 + seq WHERE seq < 0",
            "link 2, decision 3",
            FOLLOWS,
        ),
        (
            "two digests, with their decisions",
            "UPDATE decision SET id = -id WHERE id < 3; UPDATE decision SET id = 3 + id WHERE id < 0; \
             CREATE TEMP TABLE kept AS SELECT seq, digest FROM chain; \
             UPDATE chain SET digest = (SELECT digest FROM kept WHERE kept.seq = 3 - chain.seq) WHERE seq < 3",
            "link 1, decision 1",
            // The digest is of the decision with its old number.
            CHANGED,
        ),
        ("a time in a link", "UPDATE chain SET at = at + 1 WHERE seq = 5", "link 5, request 2", FOLLOWS),
        (
            "a kind that is none",
            "UPDATE chain SET kind = 'other' WHERE seq = 5",
            "link 5",
            "link 5 is of an unknown kind 'other'",
        ),
    ] {
        let room = Room::with_history().await;
        room.tamper(statement).await;
        let (found, what) = room.broken().await;
        assert_eq!(found, place, "{case}: {what}");
        if case != "two digests, with their decisions" {
            assert_eq!(what, differs, "{case}");
        }
    }
}

async fn pruning_keeps_the_chain_verifiable() {
    let room = Room::with_history().await;
    let firing = episode("b", 1);
    room.journal.record_delivery(delivery("b")).await.unwrap();
    room.journal.apply(vec![EpisodeChange::Opened(firing)], DeliveryId(1), at(2)).await.unwrap();
    // The run, two decisions, two requests and a turn of the switch go; a decision of the alert that still
    // fires and the last turn of the switch stay, with new links.
    assert_eq!(room.journal.prune(at(100 * DAY)).await.unwrap(), 7);
    let verified = room.verified().await;
    assert_eq!(verified.broken, None);
    assert_eq!(verified.first, 17, "{verified:?}");
    let again = room.journal.prune(at(100 * DAY)).await.unwrap();
    assert_eq!((again, room.verified().await.head), (0, verified.head.clone()));
    let room = room.reopened().await;
    room.journal.record_decisions(vec![held("c", 100 * DAY)]).await.unwrap();
    assert_eq!(room.links().await, verified.links + 1);
    assert_eq!(room.journal.prune(at(300 * DAY)).await.unwrap(), 1);
    let verified = room.verified().await;
    assert_eq!((verified.broken, verified.links), (None, 4), "two facts, a pruning and the anchor");
}

async fn what_is_done_to_a_pruned_chain_is_named() {
    for (statement, place, differs) in [
        ("DELETE FROM anchor", "link 1", GONE),
        ("DELETE FROM stop_switch", "link 21, stop_switch 2", GONE),
        ("UPDATE anchor SET seq = seq + 1", "link 18", GONE),
        ("UPDATE chain SET hash = substr(hash, 1, 1) WHERE seq = 17", "link 17", "a hash of 1 bytes"),
        ("DELETE FROM pruning WHERE id = 1", "link 17, pruning 1", GONE),
        ("UPDATE pruning SET dropped = '[[1,99]]' WHERE id = 1", "link 17, pruning 1", CHANGED),
    ] {
        let room = Room::with_history().await;
        assert_eq!(room.journal.prune(at(100 * DAY)).await.unwrap(), 7);
        room.tamper(statement).await;
        assert_eq!(room.broken().await, (place.to_owned(), differs.to_owned()), "{statement}");
    }
}

async fn surplus_decisions_go_with_a_note() {
    let room = Room::new().await;
    for turn in 0..7 {
        let decisions = (0..100).map(|second| held("a", turn * 100 + second)).collect();
        room.journal.record_decisions(decisions).await.unwrap();
    }
    assert_eq!(room.links().await, 702, "700 decisions, and twice a hundred of them dropped");
    room.tamper(
        "INSERT INTO decision SELECT 5, fingerprint, started, at, policy, target, body FROM decision LIMIT 1",
    )
    .await;
    let differs = "retention has dropped it, and it is there".to_owned();
    assert_eq!(room.broken().await, ("link 5, decision 5".to_owned(), differs));
}

#[tokio::test]
async fn a_journal_without_a_chain_is_linked_when_it_is_opened() {
    let Room { journal, config, folder, registry } = Room::with_history().await;
    journal.close().await;
    let mut file = SqliteConnectOptions::new().filename(file(&config)).connect().await.unwrap();
    let back = "DROP TABLE chain; DROP TABLE chain_head; DROP TABLE pruning; DROP TABLE anchor; \
                DROP TABLE approval; DROP TABLE standing; DROP TABLE standing_before; DROP TABLE touched; DROP INDEX run_begun; \
                ALTER TABLE step DROP COLUMN seen_at; ALTER TABLE step DROP COLUMN seen; \
                ALTER TABLE step DROP COLUMN lift_at; ALTER TABLE step DROP COLUMN lifted_at; ALTER TABLE step DROP COLUMN lifted; ALTER TABLE run DROP COLUMN relapsed_at; ALTER TABLE run DROP COLUMN relapse; DELETE FROM _sqlx_migrations WHERE version > 1";
    let back = format!("{}{back}", without_outbox());
    sqlx::raw_sql(AssertSqlSafe(back)).execute(&mut file).await.unwrap();
    file.close().await.unwrap();
    let refused = verify(&config.place).await.unwrap_err();
    assert!(matches!(refused, VerifyError::NoChain { .. }), "{refused}");
    let (journal, _) = open(&config).await.unwrap();
    let room = Room { journal, config, folder, registry };
    assert_eq!(room.links().await, 11, "all but the two requests, their answer, end and use");
    room.journal.record_decisions(vec![held("c", 20)]).await.unwrap();
    assert_eq!(room.links().await, 12);
    room.tamper("UPDATE decision SET at = 0 WHERE id = 1").await;
    assert_eq!(room.broken().await, ("link 1, decision 1".to_owned(), CHANGED.to_owned()));
}

#[tokio::test]
async fn what_is_no_journal_cannot_be_verified() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let refused = verify(&Place::File(path.clone())).await.unwrap_err();
    assert!(matches!(refused, VerifyError::NotReadable { .. }), "{refused}");
    let mut other =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    sqlx::query("CREATE TABLE customer (id INTEGER)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let refused = verify(&Place::File(path.clone())).await.unwrap_err();
    assert!(matches!(refused, VerifyError::NotAJournal { .. }), "{refused}");
}

on_every_database![
    every_fact_is_linked_and_the_chain_is_intact,
    whatever_is_changed_is_named,
    whatever_is_removed_is_named,
    whatever_is_added_is_named,
    whatever_is_reordered_is_named,
    pruning_keeps_the_chain_verifiable,
    what_is_done_to_a_pruned_chain_is_named,
    surplus_decisions_go_with_a_note,
];
