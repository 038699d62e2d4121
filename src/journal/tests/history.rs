//! Episodes, decisions, the stop switch and retention.

use super::*;
use crate::journal::{EpisodeFilter, JournalError, Pause, RunFilter};
use crate::model::{Decision, DecisionVerdict, DeliveryId, EpisodeChange, Reason, RunOutcome};

fn held(episode: &Episode, second: i64) -> Decision {
    Decision {
        episode: episode.id,
        policy: Some("restart-app".into()),
        target: None,
        at: at(second),
        verdict: DecisionVerdict::Hold {
            reason: Reason::TargetMissing,
            detail: "no label 'instance'".into(),
            plan: Some(plan("a", 1)),
        },
        checks: Vec::new(),
    }
}

async fn decisions_come_back_in_their_order() {
    let room = Room::new().await;
    let (a, b) = (episode("a", 1), episode("b", 1));
    let act = Decision { verdict: DecisionVerdict::Act { plan: plan("a", 2) }, ..held(&a, 3) };
    let none = Decision { policy: None, ..held(&b, 4) };
    room.journal.record_decisions(vec![held(&a, 2), act.clone(), none.clone()]).await.unwrap();
    room.journal.record_decisions(vec![]).await.unwrap();
    let room = room.reopened().await;
    assert_eq!(room.journal.decisions(a.id).await.unwrap(), vec![held(&a, 2), act.clone()]);
    let both = room.journal.decisions_for(&[b.id, a.id, episode("c", 1).id]).await.unwrap();
    assert_eq!(both, vec![held(&a, 2), act, none]);
    assert_eq!(room.journal.decisions_for(&[]).await.unwrap(), vec![]);
}

async fn the_decisions_of_an_episode_have_a_bound() {
    let room = Room::new().await;
    let (a, b) = (episode("a", 1), episode("b", 1));
    room.journal.record_decisions(vec![held(&b, 0)]).await.unwrap();
    room.journal.record_decisions((0..510).map(|second| held(&a, second)).collect()).await.unwrap();
    let kept = room.journal.decisions(a.id).await.unwrap();
    assert_eq!((kept.len(), kept[0].at, kept[499].at), (500, at(10), at(509)));
    let latest = room.journal.decisions_for(&[a.id, b.id]).await.unwrap();
    assert_eq!((latest.len(), latest[0].at, latest[1].at, latest[20].at), (21, at(0), at(490), at(509)));
    let refused = room.journal.decisions_for(&vec![a.id; 10_001]).await.unwrap_err();
    assert!(matches!(refused, JournalError::Refused { .. }), "{refused}");
}

async fn the_stop_switch_survives_a_restart_and_tells_who() {
    let room = Room::new().await;
    assert_eq!(room.journal.paused().await.unwrap(), None);
    room.journal.set_paused(true, "ada", at(3)).await.unwrap();
    let room = room.reopened().await;
    assert_eq!(room.journal.paused().await.unwrap(), Some(Pause { by: "ada".into(), at: at(3) }));
    room.journal.set_paused(false, "bob", at(4)).await.unwrap();
    let room = room.reopened().await;
    assert_eq!(room.journal.paused().await.unwrap(), None);
}

async fn episodes_are_listed_by_state_time_and_number() {
    let room = Room::new().await;
    room.journal.record_delivery(delivery("a")).await.unwrap();
    let episodes = [episode("a", 10), resolved("b", 20), episode("c", 30), resolved("d", 40)];
    let changes = episodes.iter().cloned().map(EpisodeChange::Opened).collect();
    room.journal.apply(changes, DeliveryId(1), at(50)).await.unwrap();
    for (case, filter, expected) in [
        ("firing", EpisodeFilter::firing(), vec![2, 0]),
        ("resolved since", EpisodeFilter::resolved_since(at(21)), vec![3]),
        ("the latest", EpisodeFilter::latest(3), vec![3, 2, 1]),
        ("firing since", EpisodeFilter { since: Some(at(11)), ..EpisodeFilter::firing() }, vec![2]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|index: usize| episodes[index].clone()).collect();
        assert_eq!(room.journal.episodes(filter).await.unwrap(), expected, "{case}");
    }
}

async fn retention_drops_the_old_and_closed_only() {
    let room = Room::new().await;
    let journal = &room.journal;
    for _ in 0..3 {
        journal.record_delivery(delivery("a")).await.unwrap();
    }
    let (open, closed, recent) = (episode("open", 1), resolved("closed", 1), resolved("recent", 80 * DAY));
    let changes = [&open, &closed, &recent].map(|episode| EpisodeChange::Opened(episode.clone()));
    journal.apply(changes.to_vec(), DeliveryId(2), at(2)).await.unwrap();
    journal.record_decisions(vec![held(&open, 1), held(&closed, 1), held(&recent, 1)]).await.unwrap();
    let mut runs = Vec::new();
    for name in ["open", "closed", "running"] {
        runs.push(journal.begin(intent(&plan(name, 1)), at(3)).await.unwrap().run());
    }
    journal.close_run(runs[0], RunOutcome::Helped, at(4)).await.unwrap();
    journal.close_run(runs[1], RunOutcome::Helped, at(4)).await.unwrap();
    journal.set_paused(true, "ada", at(5)).await.unwrap();
    journal.set_paused(false, "ada", at(6)).await.unwrap();

    assert_eq!(journal.prune(at(6 * DAY)).await.unwrap(), 0, "nothing is old enough");
    let dropped = journal.prune(at(100 * DAY)).await.unwrap();
    assert_eq!(dropped, 6, "two deliveries, a run, an episode, its decision, a change of the switch");
    let left = journal.deliveries_after(DeliveryId(0), 10).await.unwrap();
    assert_eq!(left.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), vec![3], "unapplied stays");
    let left: Vec<_> = journal.runs(RunFilter::latest(10)).await.unwrap().iter().map(|run| run.id).collect();
    assert_eq!(left, vec![runs[2], runs[0]], "the open run and that of the firing episode stay");
    let left = journal.episodes(EpisodeFilter::latest(10)).await.unwrap();
    assert_eq!(left, vec![recent.clone(), open.clone()]);
    assert_eq!(journal.decisions(open.id).await.unwrap().len(), 1);
    assert_eq!(journal.decisions(closed.id).await.unwrap(), vec![]);
    assert_eq!(journal.paused().await.unwrap(), None);
}

#[tokio::test]
async fn pruning_gives_space_back_and_numbers_are_never_given_twice() {
    let room = Room::new().await;
    let mut large = delivery("large");
    large.quarantined = vec!["x".repeat(1 << 20)];
    for _ in 0..60 {
        room.journal.record_delivery(large.clone()).await.unwrap();
    }
    room.journal.apply(vec![], DeliveryId(60), at(2)).await.unwrap();
    assert_eq!(room.journal.prune(at(8 * DAY)).await.unwrap(), 60);
    let room = room.reopened().await;
    assert!(room.journal.status().size_bytes < 8 << 20, "{} bytes", room.journal.status().size_bytes);
    assert_eq!(room.journal.record_delivery(delivery("next")).await.unwrap(), DeliveryId(61));
}

on_every_database![
    decisions_come_back_in_their_order,
    the_decisions_of_an_episode_have_a_bound,
    the_stop_switch_survives_a_restart_and_tells_who,
    episodes_are_listed_by_state_time_and_number,
    retention_drops_the_old_and_closed_only,
];
