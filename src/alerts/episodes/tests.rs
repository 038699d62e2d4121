//! Timelines, one sentence per row.

use proptest::prelude::*;

use super::*;
use crate::model::DeliverySource::{Reconciliation, Webhook};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_000_000_000 + seconds * 1000)
}

fn firing(start: i64) -> Alert {
    Alert {
        status: AlertStatus::Firing,
        labels: [("alertname", "A")].into_iter().collect(),
        annotations: Labels::default(),
        starts_at: at(start),
        ends_at: None,
        generator_url: String::new(),
    }
}

fn resolved(start: i64, end: i64) -> Alert {
    Alert { status: AlertStatus::Resolved, ends_at: Some(at(end)), ..firing(start) }
}

fn letter(change: &EpisodeChange) -> char {
    match change {
        EpisodeChange::Opened(_) => 'O',
        EpisodeChange::Repeated(_) => 'r',
        EpisodeChange::Resolved(_) => 'E',
        EpisodeChange::Stale(_) => '-',
        EpisodeChange::Collision(_) => 'x',
    }
}

#[test]
fn timelines_read_as_expected() {
    for (alerts, expected, sentence) in [
        (vec![firing(0)], "O", "a new alert opens an episode"),
        (vec![firing(0), firing(0)], "Or", "a repeat changes nothing"),
        (vec![firing(0), resolved(0, 60)], "OE", "a resolve ends it"),
        (vec![firing(0), resolved(0, 60), resolved(0, 60)], "OE-", "a second resolve is stale"),
        (vec![resolved(0, 60)], "-", "a resolve nobody saw firing is stale"),
        (vec![firing(0), resolved(0, 60), firing(0)], "OE-", "a late firing of the ended episode is stale"),
        (
            vec![firing(0), resolved(0, 60), firing(60)],
            "OE-",
            "a firing that starts as it ended is late news too",
        ),
        (vec![firing(0), resolved(0, 60), firing(90)], "OEO", "a later start is a new episode"),
        (vec![firing(5), firing(0)], "Or", "a replica's earlier start joins the open episode"),
        (vec![firing(0), firing(15)], "Or", "a replica's later start joins it as well"),
        (vec![firing(100), resolved(0, 60)], "O-", "a resolve of an episode before does not end this one"),
        (vec![firing(0), resolved(0, 60), firing(90), resolved(0, 60)], "OEO-", "nor does it later on"),
    ] {
        let mut episodes = Episodes::default();
        let changes: String =
            alerts.iter().map(|alert| letter(&episodes.apply(alert, Webhook, at(200)))).collect();
        assert_eq!(changes, expected, "{sentence}");
    }
}

#[test]
fn the_identity_is_that_of_the_opening_and_the_earliest_start_wins() {
    let mut episodes = Episodes::default();
    episodes.apply(&firing(15), Webhook, at(20));
    let EpisodeChange::Repeated(episode) = episodes.apply(&firing(0), Webhook, at(21)) else {
        panic!("a repeat");
    };
    assert_eq!(episode.id.started, at(15));
    assert_eq!(episode.alert.starts_at, at(0));
    assert_eq!((episode.deliveries, episode.last_seen), (2, at(21)));
}

#[test]
fn ended_episodes_are_forgotten_after_a_day_and_open_ones_never() {
    let mut episodes = Episodes::default();
    episodes.apply(&firing(0), Webhook, at(0));
    episodes.forget(at(10 * 86_400));
    assert!(episodes.is_open(firing(0).fingerprint()));
    episodes.apply(&resolved(0, 60), Webhook, at(60));
    episodes.forget(at(60 + 86_401));
    assert_eq!(letter(&episodes.apply(&firing(0), Webhook, at(90_000))), 'O');
}

#[test]
fn a_list_ends_what_it_lacks_and_opens_what_is_new() {
    let mut episodes = Episodes::default();
    episodes.apply(&firing(0), Webhook, at(0));
    let other = Alert { labels: [("alertname", "B")].into_iter().collect(), ..firing(5) };
    let alerts = episodes.reconcile(std::slice::from_ref(&other), at(99), at(100));
    let changes: String =
        alerts.iter().map(|alert| letter(&episodes.apply(alert, Reconciliation, at(100)))).collect();
    assert_eq!(changes, "EO");
    assert_eq!(episodes.firing(), 1);
    assert!(episodes.reconcile(&[other], at(101), at(101)).is_empty());
}

#[test]
fn an_end_that_was_none_is_taken_back_under_the_old_identity() {
    for (end, source, later, expected, sentence) in [
        (Webhook, Webhook, 60, '-', "late news of an end that was told changes nothing"),
        (Webhook, Webhook, 1000, 'O', "what comes later than late news can, after a broken link, is no news"),
        (Webhook, Reconciliation, 60, 'O', "a list that holds the alert knows better than an end before it"),
        (Reconciliation, Webhook, 60, 'O', "a list without it, from a server just started, proves no end"),
        (Reconciliation, Reconciliation, 60, 'O', "nor does it against a later list"),
    ] {
        let mut episodes = Episodes::default();
        episodes.apply(&firing(0), Webhook, at(30));
        episodes.apply(&resolved(0, 100), end, at(100));
        let mut episodes = Episodes::new(episodes.latest.values().cloned().collect());
        let change = episodes.apply(&firing(0), source, at(100 + later));
        assert_eq!(letter(&change), expected, "{sentence}");
        assert!(change.episode().is_none_or(|episode| episode.id.started == at(0)), "{sentence}");
        assert_eq!(episodes.firing(), usize::from(expected == 'O'), "{sentence}");
    }
}

/// Two alerts whose labels have one fingerprint.
fn twins() -> [Alert; 2] {
    ["8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ"]
        .map(|name| Alert { labels: [(name, "x"), ("alertname", "A")].into_iter().collect(), ..firing(0) })
}

#[test]
fn an_alert_with_the_fingerprint_of_another_is_set_aside() {
    let [first, second] = twins();
    assert_eq!(first.fingerprint(), second.fingerprint(), "else this test proves nothing");
    let end = |alert: &Alert| Alert { labels: alert.labels.clone(), ..resolved(0, 60) };
    let later = Alert { starts_at: at(90), ..second.clone() };
    let mut episodes = Episodes::default();
    for (alert, expected, sentence) in [
        (&first, 'O', "the first to be heard of"),
        (&second, 'x', "its twin is no repeat of it"),
        (&end(&second), 'x', "nor does the twin's end end it"),
        (&first, 'r', "it goes on"),
        (&end(&first), 'E', "until its own end"),
        (&later, 'x', "what is remembered keeps its fingerprint"),
    ] {
        assert_eq!(letter(&episodes.apply(alert, Webhook, at(61))), expected, "{sentence}");
        assert!(episodes.latest.values().all(|known| known.alert.labels == first.labels), "{sentence}");
    }
    episodes.forget(at(2 * 86_400));
    assert_eq!(letter(&episodes.apply(&later, Webhook, at(2 * 86_400))), 'O', "and no longer");
}

#[test]
fn a_list_tells_alerts_with_one_fingerprint_apart() {
    let [first, second] = twins();
    let mut episodes = Episodes::default();
    episodes.apply(&first, Webhook, at(0));
    let both = [second.clone(), first.clone(), second.clone()];
    assert_eq!(episodes.reconcile(&both, at(99), at(100)), [], "the first is in it");
    let ended = episodes.reconcile(std::slice::from_ref(&second), at(99), at(100));
    assert_eq!(ended.iter().map(|alert| &alert.labels).collect::<Vec<_>>(), [&first.labels], "it is not");
    assert_eq!(letter(&episodes.apply(&ended[0], Reconciliation, at(100))), 'E');
    assert_eq!(episodes.reconcile(&[second], at(101), at(101)), [], "the other stays set aside");
}

#[test]
fn a_list_older_than_the_last_message_says_nothing() {
    let mut episodes = Episodes::default();
    episodes.apply(&firing(0), Webhook, at(50));
    assert!(episodes.reconcile(&[], at(49), at(51)).is_empty(), "it began after the list was asked for");
    assert_eq!(episodes.reconcile(&[], at(51), at(52)).len(), 1);
    episodes.apply(&resolved(0, 60), Webhook, at(61));
    assert!(episodes.reconcile(&[firing(0)], at(60), at(62)).is_empty(), "it ended after that");
    assert_eq!(episodes.reconcile(&[firing(0)], at(62), at(63)).len(), 1);
}

#[test]
fn an_alert_that_starts_in_the_future_can_be_ended_by_a_list() {
    let mut episodes = Episodes::default();
    episodes.apply(&firing(10_000), Webhook, at(50));
    let ended = episodes.reconcile(&[], at(51), at(52));
    assert_eq!(letter(&episodes.apply(&ended[0], Reconciliation, at(52))), 'E');
}

#[test]
fn restoring_gives_the_same_machine() {
    let mut episodes = Episodes::default();
    episodes.apply(&firing(0), Webhook, at(0));
    episodes.apply(&resolved(0, 60), Webhook, at(61));
    let mut restored = Episodes::new(episodes.latest.values().cloned().collect());
    assert_eq!(letter(&restored.apply(&firing(0), Webhook, at(62))), '-');
    assert_eq!(letter(&restored.apply(&firing(90), Webhook, at(91))), 'O');
}

proptest! {
    /// The messages of one episode, repeated and in any order, end in the same state once its resolve came
    /// after its first firing.
    #[test]
    fn any_order_of_one_episode_ends_resolved(order in prop::collection::vec(0..2usize, 1..12)) {
        let mut episodes = Episodes::default();
        episodes.apply(&firing(0), Webhook, at(1));
        let mut opened = 0;
        for which in order {
            let alert = [firing(0), resolved(0, 60)][which].clone();
            opened += usize::from(letter(&episodes.apply(&alert, Webhook, at(100))) == 'O');
        }
        episodes.apply(&resolved(0, 60), Webhook, at(100));
        prop_assert_eq!(opened, 0);
        prop_assert_eq!(episodes.firing(), 0);
    }
}
