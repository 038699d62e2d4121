//! Deliveries: stored as sent, shared commits, the backlog and its watermark.

use futures::future::join_all;

use super::*;
use crate::journal::{EpisodeFilter, JournalError};
use crate::model::{DeliveryId, EpisodeChange, Fingerprint};

async fn a_delivery_comes_back_as_it_was_accepted() {
    let room = Room::new().await;
    let sent = delivery("AppDown");
    let id = room.journal.record_delivery(sent.clone()).await.unwrap();
    assert_eq!(id, DeliveryId(1));
    assert_eq!(room.journal.deliveries_after(DeliveryId(0), 10).await.unwrap(), vec![(id, sent)]);
    assert_eq!(room.journal.deliveries_after(id, 10).await.unwrap(), vec![]);
}

async fn deliveries_and_the_watermark_survive_reopening() {
    let room = Room::new().await;
    for name in ["a", "b", "c"] {
        room.journal.record_delivery(delivery(name)).await.unwrap();
    }
    let change = EpisodeChange::Opened(episode("a", 1));
    room.journal.apply(vec![change], DeliveryId(2), at(2)).await.unwrap();
    let room = room.reopened().await;
    assert_eq!(room.journal.applied_up_to().await.unwrap(), DeliveryId(2));
    let left = room.journal.deliveries_after(DeliveryId(2), 10).await.unwrap();
    assert_eq!(left, vec![(DeliveryId(3), delivery("c"))]);
    assert_eq!(room.journal.episodes(EpisodeFilter::firing()).await.unwrap(), vec![episode("a", 1)]);
    assert_eq!(room.journal.record_delivery(delivery("d")).await.unwrap(), DeliveryId(4));
}

async fn many_callers_share_few_commits() {
    let room = Room::new().await;
    let writes = || room.metric("smartcloudops_journal_batch_size_sum");
    let before = writes();
    let calls = (0..2000).map(|index| room.journal.record_delivery(delivery(&format!("alert-{index}"))));
    let mut ids: Vec<i64> = join_all(calls).await.into_iter().map(|id| id.unwrap().0).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=2000).collect::<Vec<i64>>());
    let commits = room.metric("smartcloudops_journal_commit_duration_seconds_count");
    assert!(commits <= 50.0, "{commits} commits for 2,000 deliveries");
    assert_eq!(writes() - before, 2000.0);
    assert_eq!(room.metric("smartcloudops_journal_queue_length"), 0.0);
    assert_eq!(room.metric("smartcloudops_journal_deliveries_unapplied"), 2000.0);
}

async fn ten_thousand_alerts_are_one_row_and_apply_as_one() {
    let room = Room::new().await;
    let long = "x".repeat(700);
    let mut large = delivery("flood");
    large.alerts = (0..10_000)
        .map(|index| {
            let mut alert = alert(&format!("alert-{index}"));
            alert.annotations = alert.annotations.with("description", &long);
            alert
        })
        .collect();
    let begun = std::time::Instant::now();
    let id = room.journal.record_delivery(large.clone()).await.unwrap();
    let recorded = begun.elapsed();
    if matches!(room.config.place, Place::File(_)) {
        assert!(room.journal.status().size_bytes > 9_000_000);
    }
    assert_eq!(room.journal.deliveries_after(DeliveryId(0), 1).await.unwrap()[0].1, large);
    let begun = std::time::Instant::now();
    let changes: Vec<_> =
        (0..10_000).map(|index| EpisodeChange::Opened(episode(&format!("alert-{index}"), 1))).collect();
    room.journal.apply(changes, id, at(2)).await.unwrap();
    let applied = begun.elapsed();
    assert_eq!(room.journal.episodes(EpisodeFilter::firing()).await.unwrap().len(), 10_000);
    println!("10,000 alerts: recorded in {recorded:?}, applied in {applied:?}");
    assert!(recorded + applied < Duration::from_secs(20), "{recorded:?} {applied:?}");
}

async fn large_deliveries_are_read_a_few_at_a_time() {
    let room = Room::new().await;
    let mut large = delivery("large");
    large.quarantined = vec!["x".repeat(20 << 20)];
    for _ in 0..3 {
        room.journal.record_delivery(large.clone()).await.unwrap();
    }
    let read = room.journal.deliveries_after(DeliveryId(0), 10).await.unwrap();
    assert_eq!(read.len(), 1);
    let read = room.journal.deliveries_after(DeliveryId(1), 10).await.unwrap();
    assert_eq!(read[0].0, DeliveryId(2));
}

async fn applying_again_changes_nothing() {
    let room = Room::new().await;
    let id = room.journal.record_delivery(delivery("a")).await.unwrap();
    for _ in 0..2 {
        let changes = vec![EpisodeChange::Opened(episode("a", 1)), EpisodeChange::Stale(Fingerprint(9))];
        room.journal.apply(changes, id, at(2)).await.unwrap();
    }
    assert_eq!(room.journal.episodes(EpisodeFilter::latest(10)).await.unwrap(), vec![episode("a", 1)]);
    assert_eq!(room.journal.status().deliveries_unapplied, 0);
}

async fn the_last_state_of_an_episode_counts() {
    let room = Room::new().await;
    let id = room.journal.record_delivery(delivery("a")).await.unwrap();
    let changes = vec![
        EpisodeChange::Opened(episode("a", 1)),
        EpisodeChange::Repeated(episode("a", 2)),
        EpisodeChange::Resolved(resolved("a", 3)),
    ];
    room.journal.apply(changes, id, at(3)).await.unwrap();
    assert_eq!(room.journal.episodes(EpisodeFilter::firing()).await.unwrap(), vec![]);
    let found = room.journal.episodes(EpisodeFilter::resolved_since(at(3))).await.unwrap();
    assert_eq!(found, vec![resolved("a", 3)]);
}

async fn a_watermark_that_would_lose_deliveries_is_refused() {
    let room = Room::new().await;
    for name in ["a", "b"] {
        room.journal.record_delivery(delivery(name)).await.unwrap();
    }
    room.journal.apply(vec![], DeliveryId(1), at(2)).await.unwrap();
    for (case, up_to) in [("above the newest", 3), ("below what is applied", 0)] {
        let change = EpisodeChange::Opened(episode("a", 1));
        let refused = room.journal.apply(vec![change], DeliveryId(up_to), at(2)).await.unwrap_err();
        assert!(matches!(refused, JournalError::Refused { .. }), "{case}: {refused}");
    }
    assert_eq!(room.journal.episodes(EpisodeFilter::latest(10)).await.unwrap(), vec![]);
    assert_eq!(room.journal.applied_up_to().await.unwrap(), DeliveryId(1));
}

async fn the_backlog_is_known_with_its_age() {
    let room = Room::new().await;
    for second in [5, 6, 7] {
        let later = Delivery { received_at: at(second), ..delivery("a") };
        room.journal.record_delivery(later).await.unwrap();
    }
    room.journal.apply(vec![], DeliveryId(1), at(8)).await.unwrap();
    let backlog = |room: &Room| {
        let status = room.journal.status();
        (status.deliveries_unapplied, status.oldest_unapplied)
    };
    assert_eq!(backlog(&room), (2, Some(at(6))));
    let room = room.reopened().await;
    assert_eq!(backlog(&room), (2, Some(at(6))));
    room.journal.apply(vec![], DeliveryId(3), at(9)).await.unwrap();
    assert_eq!(backlog(&room), (0, None));
    assert_eq!(room.metric("smartcloudops_journal_oldest_unapplied_age_seconds"), 0.0);
}

on_every_database![
    a_delivery_comes_back_as_it_was_accepted,
    deliveries_and_the_watermark_survive_reopening,
    many_callers_share_few_commits,
    ten_thousand_alerts_are_one_row_and_apply_as_one,
    large_deliveries_are_read_a_few_at_a_time,
    applying_again_changes_nothing,
    the_last_state_of_an_episode_counts,
    a_watermark_that_would_lose_deliveries_is_refused,
    the_backlog_is_known_with_its_age,
];
