//! The loop over a real journal, with nobody behind the addresses it asks.

use std::time::Duration;

use prometheus_client::registry::Registry;
use sqlx::Connection;
use tempfile::TempDir;

use super::super::handle::{Handle, NotRequested, Wish};
use super::super::intake::DELIVERIES_PER_TURN;
use super::*;
use crate::act::Actor;
use crate::journal::Answer;
use crate::metrics::Metrics;
use crate::model::{Delivery, DeliverySource, EpisodeId, Fingerprint, RunKey};
use crate::remediation::confirming::AT_ONCE;

async fn remediation() -> (Remediation, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let metrics = Metrics::register(&mut Registry::default(), &[], []);
    let config = crate::journal::Config {
        place: crate::journal::Place::File(folder.path().join("journal.db")),
        retention: Duration::from_secs(86_400),
        archive: None,
        queue: 4096,
    };
    let url = "http://127.0.0.1:1".parse().unwrap();
    let prometheus = crate::prometheus::Config::new(url);
    let surroundings = Surroundings {
        prometheus: crate::prometheus::Client::new(&prometheus, metrics.prometheus.clone()).unwrap(),
        alertmanager: None,
        journal: Journal::open(&config, metrics.journal.clone()).await.unwrap(),
        actor: Actor::new(Default::default(), Default::default(), None),
        metrics: metrics.remediation.clone(),
        webhook_metrics: metrics.webhook.clone(),
    };
    let policies = decide::Config {
        mode: decide::Mode::Shadow,
        policies: Vec::new(),
        startup_grace: Duration::ZERO,
        max_in_flight: 1,
        storm: decide::Storm { total: "30/1m".parse().unwrap(), per_alert: "10/1m".parse().unwrap() },
        protected: Vec::new(),
        stop_file: None,
        budgets: Vec::new(),
        maintenance: Vec::new(),
        max_targets_down: 0.5,
        approval_valid_for: Duration::from_secs(60),
        terms: Default::default(),
    };
    let inbox = Inbox { delivered: Arc::default(), messages: tokio::sync::mpsc::channel(1).1 };
    let restored =
        Remediation::restore(Idle { config: Arc::new(policies), surroundings, inbox, unwritten: None }).await;
    (restored.map_err(|(error, _)| error).unwrap(), folder)
}

fn delivery() -> Delivery {
    let source = DeliverySource::Webhook;
    Delivery { received_at: clock(), source, alerts: Vec::new(), quarantined: Vec::new(), truncated: 0 }
}

#[tokio::test]
async fn a_flood_of_deliveries_is_taken_in_turns_that_leave_room_for_the_stop_switch() {
    let (mut remediation, _folder) = remediation().await;
    let journal = remediation.surroundings.journal.clone();
    for _ in 0..3 * DELIVERIES_PER_TURN {
        journal.record_delivery(delivery()).await.unwrap();
    }
    for left in [2, 1, 0] {
        remediation.apply_deliveries().await;
        assert_eq!(journal.status().deliveries_unapplied, left * u64::from(DELIVERIES_PER_TURN));
        remediation.inbox.delivered.notified().await;
    }
}

/// A connection that keeps the loop from writing to its journal.
async fn locked(folder: &TempDir) -> sqlx::SqliteConnection {
    let file = folder.path().join("journal.db");
    let mut beside = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut beside).await.unwrap();
    beside
}

#[tokio::test]
async fn a_stop_that_cannot_be_written_stays_in_force_and_is_written_later() {
    let (mut remediation, folder) = remediation().await;
    let mut beside = locked(&folder).await;
    remediation.stop.is_to_be_written(true, "ann".to_owned(), clock());
    remediation.switch(true, clock());
    assert!(remediation.write_switch().await.is_err());
    assert!(remediation.stop.is_unwritten() && remediation.look_for_stop_file(clock()));
    assert_eq!(remediation.journal().paused().await.unwrap(), None, "what the journal holds is older");
    sqlx::query("ROLLBACK").execute(&mut beside).await.unwrap();
    remediation.write_switch().await.unwrap();
    let paused = remediation.journal().paused().await.unwrap();
    assert_eq!(paused.map(|pause| pause.by), Some("ann".to_owned()));
    assert!(!remediation.stop.is_unwritten());
}

#[tokio::test]
async fn what_is_unwritten_of_the_stop_switch_outlives_a_time_of_leading() {
    let (mut remediation, folder) = remediation().await;
    let mut beside = locked(&folder).await;
    remediation.stop.is_to_be_written(true, "ann".to_owned(), clock());
    remediation.switch(true, clock());
    let over = CancellationToken::new();
    over.cancel();
    let idle = remediation.run(over, Duration::ZERO).await;
    let mut remediation = Remediation::restore(idle).await.map_err(|(error, _)| error).unwrap();
    assert!(remediation.look_for_stop_file(clock()), "what the journal says is older");
    sqlx::query("ROLLBACK").execute(&mut beside).await.unwrap();
    remediation.write_switch().await.unwrap();
    assert_eq!(remediation.journal().paused().await.unwrap().map(|pause| pause.by), Some("ann".to_owned()));
}

#[tokio::test]
async fn what_was_to_be_cleared_stays_set_where_somebody_has_set_it_since() {
    let (mut remediation, folder) = remediation().await;
    let file = folder.path().join("journal.db");
    let mut beside = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let (first, later) = (clock(), clock() + Duration::from_secs(1));
    sqlx::query("BEGIN IMMEDIATE").execute(&mut beside).await.unwrap();
    remediation.stop.is_to_be_written(false, "ann".to_owned(), first);
    assert!(remediation.write_switch().await.is_err());
    sqlx::query("ROLLBACK").execute(&mut beside).await.unwrap();
    remediation.journal().set_paused(true, "bob", later).await.unwrap();
    remediation.write_switch().await.unwrap();
    assert_eq!(remediation.journal().paused().await.unwrap().map(|pause| pause.by), Some("bob".to_owned()));
    assert!(!remediation.stop.is_unwritten());
}

#[tokio::test]
async fn of_many_questions_a_few_are_under_way_and_every_one_is_answered() {
    let (mut remediation, _folder) = remediation().await;
    let asked = 5 * AT_ONCE as u64;
    for number in 1..=asked {
        let episode = EpisodeId { fingerprint: Fingerprint(number), started: clock() };
        let key = RunKey { policy: "a".into(), target: "t".into(), episode };
        let command = decide::Command::Confirm { key, number, question: Box::default() };
        remediation.execute(command, clock()).await;
        assert!(remediation.tasks.len() <= AT_ONCE);
    }
    let mut answered = 0;
    while let Some(finished) = remediation.tasks.join_next().await {
        answered += u64::from(matches!(finished, Ok(Finished::Report(Report::Confirmed { .. }))));
        remediation.handle_finished(finished).await;
        assert!(remediation.tasks.len() <= AT_ONCE);
    }
    assert_eq!(answered, asked);
}

fn destructive(plan: serde_json::Value) -> crate::model::ApprovalRequest {
    let request = serde_json::json!({"plan": plan, "requested_by": crate::model::DAEMON, "needs_another": true,
        "requested_at": clock(), "valid_for": {"secs": 60, "nanos": 0}});
    serde_json::from_value(request).unwrap()
}

#[tokio::test]
async fn what_people_say_while_the_daemon_stops_is_written_down() {
    let (remediation, _folder) = remediation().await;
    let journal = remediation.journal();
    let key = serde_json::json!({"policy": "stop", "target": "web:80",
        "episode": {"fingerprint": "0000000000000001", "started": "2026-01-01T00:00:00Z"}});
    let id = journal.ask(destructive(serde_json::json!({"key": key, "steps": []}))).await.unwrap();
    let over = CancellationToken::new();
    over.cancel();
    let mut idle = remediation.run(over.clone(), Duration::ZERO).await;
    let (sender, messages) = tokio::sync::mpsc::channel(4);
    idle.inbox.messages = messages;
    let handle = Handle { delivered: Arc::default(), messages: sender };
    let answer = Answer { approved: true, by: "slack:ann".to_owned(), at: clock() };
    let wish = Wish { fingerprint: Fingerprint(1), policy: "stop".into(), by: "ann".to_owned() };
    // They wait already as the end comes.
    let said = tokio::spawn(async move { tokio::join!(handle.answer(id, answer), handle.request(wish)) });
    while idle.inbox.messages.len() < 2 {
        tokio::task::yield_now().await;
    }
    idle.hear_out(&over).await;
    let (answered, asked) = said.await.unwrap();
    assert_eq!(answered.unwrap().state.as_str(), "approved");
    assert!(matches!(asked, Err(NotRequested::Ended)));
    assert_eq!(journal.approval(id).await.unwrap().unwrap().state.as_str(), "approved");
}
