//! What others are told: every beginning and end, once, in order, and how far each receiver was told.

use super::*;
use crate::journal::{Answer, News, Progress};
use crate::model::{ApprovalRequest, DeliveryId, EpisodeChange, RunOutcome};

impl Room {
    async fn applied(&self, episodes: &[Episode]) {
        let changes = episodes.iter().cloned().map(EpisodeChange::Repeated).collect();
        self.journal.apply(changes, DeliveryId(0), at(1)).await.unwrap();
    }

    /// The kinds of what happened after an entry.
    async fn news(&self, after: i64) -> Vec<&'static str> {
        let entries = self.journal.outbox(after, 100).await.unwrap();
        assert!(entries.is_sorted_by(|one, other| one.seq < other.seq));
        let kind = |news: News| match news {
            News::Firing => "firing",
            News::Resolved => "resolved",
            News::Approval(_) => "approval",
            News::Remediation(_) => "remediation",
            News::Other => "other",
        };
        entries.iter().map(|entry| kind(entry.news)).collect()
    }
}

async fn every_beginning_and_end_is_told_once_in_order() {
    let room = Room::new().await;
    let mut told = 0;
    for (episodes, expected, sentence) in [
        (vec![episode("a", 1)], vec!["firing"], "it begins"),
        (vec![episode("a", 2)], vec![], "it is heard of again"),
        (vec![resolved("a", 3)], vec!["resolved"], "it ends"),
        (vec![resolved("a", 4)], vec![], "its end is heard of again"),
        (vec![episode("a", 5)], vec!["firing"], "its end is taken back"),
        (vec![episode("b", 6), resolved("a", 6)], vec!["firing", "resolved"], "two at once"),
        (vec![resolved("c", 7)], vec!["firing", "resolved"], "one that began and ended at once"),
    ] {
        room.applied(&episodes).await;
        let mut found = room.news(told).await;
        found.sort_unstable();
        assert_eq!(found, expected, "{sentence}");
        told = room.journal.newest_entry().await.unwrap();
    }
    let request = ApprovalRequest {
        plan: plan("b", 1),
        requested_by: "ann".to_owned(),
        needs_another: false,
        requested_at: at(8),
        valid_for: Duration::from_secs(100),
    };
    let id = room.journal.ask(request).await.unwrap();
    room.journal.answer(id, Answer { approved: false, by: "bob".to_owned(), at: at(9) }).await.unwrap();
    let run = room.journal.begin(intent(&plan("a", 1)), at(10)).await.unwrap().run();
    assert_eq!(room.news(told).await, ["approval"], "an answer and a beginning are none");
    room.journal.close_run(run, RunOutcome::Helped, at(11)).await.unwrap();
    let room = room.reopened().await;
    assert_eq!(room.news(told).await, ["approval", "remediation"]);
    let entries = room.journal.outbox(told, 1).await.unwrap();
    assert_eq!((entries.len(), entries[0].at), (1, at(8)), "no more than asked for");
    assert_eq!(entries[0].episode, Some(episode("b", 6)), "a request has the episode it is about");
}

async fn an_entry_holds_the_episode_as_it_is_now() {
    let room = Room::new().await;
    room.applied(&[episode("a", 1)]).await;
    room.applied(&[resolved("a", 2)]).await;
    let entries = room.journal.outbox(0, 100).await.unwrap();
    assert_eq!((entries[0].news, &entries[0].episode), (News::Firing, &Some(resolved("a", 2))));
}

async fn how_far_a_receiver_was_told_survives_a_restart() {
    let room = Room::new().await;
    assert_eq!(room.journal.progress("ops").await.unwrap(), None);
    for progress in [Progress { done: 0, sending: 3 }, Progress { done: 3, sending: 3 }] {
        room.journal.record_progress("ops", progress, at(1)).await.unwrap();
        assert_eq!(room.journal.progress("ops").await.unwrap(), Some(progress));
    }
    let room = room.reopened().await;
    assert_eq!(room.journal.progress("ops").await.unwrap(), Some(Progress { done: 3, sending: 3 }));
    assert_eq!(room.journal.progress("other").await.unwrap(), None);
}

async fn what_is_too_old_is_told_nobody_and_is_no_fact() {
    let room = Room::new().await;
    room.applied(&[episode("a", 1), episode("b", 2)]).await;
    room.journal.prune(at(90 * DAY + 2)).await.unwrap();
    assert_eq!(room.news(0).await, ["firing"], "the younger one");
    let verified = crate::journal::verify(&room.config.place).await.unwrap();
    assert_eq!((verified.links, verified.broken), (0, None));
}

on_every_database![
    every_beginning_and_end_is_told_once_in_order,
    an_entry_holds_the_episode_as_it_is_now,
    how_far_a_receiver_was_told_survives_a_restart,
    what_is_too_old_is_told_nobody_and_is_no_fact,
];
