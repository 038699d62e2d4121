//! A queue that is full, a file that cannot be written, a row that cannot be read.

use futures::future::join_all;
use sqlx::Connection;

use super::*;
use crate::journal::{BeginError, RecordError};
use crate::model::DeliveryId;

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_a_failed_write_is_told_and_survived() {
    let room = Room::with_queue(4).await;
    let mut beside = room.beside().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut beside).await.unwrap();
    let stuck = room.journal.record_delivery(delivery("stuck"));
    let rest = async {
        // Yielding lets the writer take the first delivery; it then waits for the lock.
        while room.journal.status().queue_length > 0 {
            tokio::task::yield_now().await;
        }
        join_all((0..10).map(|_| room.journal.record_delivery(delivery("more")))).await
    };
    let (stuck, rest) = tokio::join!(stuck, rest);
    assert!(matches!(stuck, Err(RecordError::Unavailable { .. })), "{stuck:?}");
    let full = rest.iter().filter(|answer| **answer == Err(RecordError::QueueFull)).count();
    assert_eq!(full, 6);
    assert!(rest.iter().all(Result::is_err));
    assert!(room.metric("smartcloudops_journal_failures_total") >= 1.0);
    assert!(room.journal.status().trouble.unwrap().contains("locked"));

    sqlx::query("ROLLBACK").execute(&mut beside).await.unwrap();
    assert_eq!(room.journal.record_delivery(delivery("after")).await.unwrap(), DeliveryId(1));
    assert_eq!(room.journal.status().trouble, None);
    assert_eq!(room.metric("smartcloudops_journal_queue_length"), 0.0);
    beside.close().await.unwrap();
}

#[tokio::test]
async fn nothing_begins_when_the_intent_cannot_be_written() {
    let room = Room::new().await;
    std::fs::remove_file(file(&room.config)).unwrap();
    let refused = room.journal.begin(intent(&plan("a", 1)), at(1)).await.unwrap_err();
    assert!(matches!(refused, BeginError::Unavailable { .. }), "{refused}");
    let refused = room.journal.record_delivery(delivery("a")).await.unwrap_err();
    assert!(refused.to_string().contains("the file is gone"), "{refused}");
    std::fs::write(file(&room.config), "").unwrap();
    let refused = room.journal.record_delivery(delivery("a")).await.unwrap_err();
    assert!(refused.to_string().contains("replaced"), "{refused}");
}

#[tokio::test]
async fn a_row_that_cannot_be_understood_is_named() {
    let room = Room::new().await;
    room.journal.record_delivery(delivery("a")).await.unwrap();
    let run = room.journal.begin(intent(&plan("a", 1)), at(1)).await.unwrap().run();
    let mut beside = room.beside().await;
    sqlx::query("UPDATE delivery SET body = '{}'").execute(&mut beside).await.unwrap();
    sqlx::query("UPDATE run SET plan = '{}'").execute(&mut beside).await.unwrap();
    room.journal.record_delivery(delivery("b")).await.unwrap();
    let read = room.journal.deliveries_after(DeliveryId(0), 2).await.unwrap();
    let told: Vec<_> = read.iter().map(|(id, one)| (id.0, one.alerts.len(), one.truncated)).collect();
    assert_eq!(
        told,
        [(1, 0, 1), (2, 1, 2)],
        "one that cannot be read holds up nobody, and the lists are asked for"
    );
    let refused = room.journal.next_step(run, None, at(2)).await.unwrap_err();
    assert!(refused.to_string().contains("run 1"), "{refused}");
    assert_eq!(room.metric("smartcloudops_journal_failures_total"), 0.0);
    beside.close().await.unwrap();
}
