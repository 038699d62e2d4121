//! A group that is held back: what holds itself or one of its members.

use super::*;
use crate::model::{MaintenanceWindow, Series, When};
use crate::scoring::holds::{Firing, Request};

/// What holds back the model and its three queries.
fn holds(own: Holds, of_queries: [Holds; 3]) -> Vec<Holds> {
    std::iter::once(own).chain(of_queries).collect()
}

fn request(matchers: &[&str], minutes: std::ops::Range<i64>) -> Holds {
    let request = Request {
        id: 0,
        query: None,
        matchers: matchers.iter().map(|text| text.parse().unwrap()).collect(),
        from: at(minutes.start),
        until: at(minutes.end),
        reason: "a test".to_owned(),
        by: "a test".to_owned(),
    };
    Holds { requests: vec![request], ..Holds::default() }
}

fn maintenance(minutes: std::ops::Range<i64>) -> Holds {
    let when = When::Once { starts: at(minutes.start), ends: at(minutes.end) };
    Holds { windows: Arc::from([MaintenanceWindow { name: "night".to_owned(), when }]), ..Holds::default() }
}

fn firing(on: &str, value: &str, minutes: std::ops::Range<i64>) -> Holds {
    let samples = minutes.map(|minute| Sample { at: at(minute), value: 1.0 }).collect();
    let series = Series { labels: [(on, value)].into_iter().collect(), samples };
    Holds { firing: Arc::new(Firing::new(&[on.to_owned()], &[series])), ..Holds::default() }
}

/// The break of an hour, over and over.
fn broken(minutes: std::ops::Range<i64>) -> Vec<Answer> {
    let mut answers: Vec<Answer> = QUERIES.iter().map(|_| Answer::default()).collect();
    for (series, (query, text)) in SERIES.iter().enumerate() {
        let value = |minute: i64| value(BREAK + minute % 60, series as i64);
        answers[*query].push(text, minutes.clone().map(|it| Sample { at: at(it), value: value(it) }));
    }
    answers
}

fn scores(scored: &[ScoredSeries]) -> Vec<u64> {
    scored.iter().map(|scored| scored.score.score.to_bits()).collect()
}

/// What is held teaches nothing: later scores are those of a group that never had the rows.
#[test]
fn a_group_is_held_by_what_holds_itself_or_one_of_its_members() {
    let none = Holds::default;
    let minutes = 400..410;
    type Case = (&'static str, Vec<Holds>, Option<HoldCause>);
    let cases: [Case; 8] = [
        ("nothing", holds(none(), [none(), none(), none()]), None),
        (
            "a window",
            holds(maintenance(minutes.clone()), [none(), none(), none()]),
            Some(HoldCause::Maintenance),
        ),
        (
            "a request for the group's labels",
            holds(request(&["instance=a"], minutes.clone()), [none(), none(), none()]),
            Some(HoldCause::Request),
        ),
        (
            "a request for another group",
            holds(request(&["instance=b"], minutes.clone()), [none(), none(), none()]),
            None,
        ),
        (
            "a request for one of its members",
            holds(none(), [none(), request(&["device=sdb"], minutes.clone()), none()]),
            Some(HoldCause::Request),
        ),
        (
            "a request for the series of another query",
            holds(none(), [request(&["device=sdb"], minutes.clone()), none(), none()]),
            None,
        ),
        (
            "an alert of one of its members",
            holds(none(), [none(), firing("device", "sda", minutes.clone()), none()]),
            Some(HoldCause::Firing),
        ),
        ("an alert that is over", holds(none(), [none(), firing("device", "sda", 300..399), none()]), None),
    ];
    let mut calm = groups(GroupKind::Pca);
    calm.observe(&all(0..400)).unwrap();
    let undisturbed = scores(&run(&mut calm, 440..500));
    for (name, holds, cause) in cases {
        let mut groups = groups(GroupKind::Pca);
        groups.observe(&all(0..400)).unwrap();
        groups.set_holds(holds);
        groups.observe(&broken(minutes.clone())).unwrap();
        assert_eq!(groups.held(), cause.into_iter().collect::<Vec<_>>(), "{name}");
        let held = published(&mut groups, 409).remove(0).score;
        assert!(held.at == at(409) && held.score > 0.0, "{name}: it is scored all the same");
        let later = run(&mut groups, 440..500);
        assert!(groups.held().is_empty(), "{name}");
        assert_eq!(scores(&later) == undisturbed, cause.is_some(), "{name}");
    }
}

#[test]
fn what_is_held_alarms_and_is_not_accepted_and_what_is_in_maintenance_is_muted() {
    for kind in KINDS {
        let alarms = |own: fn(std::ops::Range<i64>) -> Holds| {
            let mut groups = groups(kind);
            groups.observe(&all(0..BREAK)).unwrap();
            let none = Holds::default;
            groups.set_holds(holds(own(BREAK..BREAK + 60), [none(), none(), none()]));
            let scores = run(&mut groups, BREAK..BREAK + 60);
            let normal = scores.iter().all(|scored| scored.score.state == AnomalyState::Normal);
            let high = scores.iter().any(|scored| scored.score.score >= 1.0);
            (scores.iter().filter(|scored| scored.score.alarm).count(), normal, high)
        };
        assert_eq!(alarms(|minutes| request(&[], minutes)), (1, false, true), "{kind:?}");
        assert_eq!(alarms(maintenance), (0, true, true), "{kind:?}");
    }
}

#[test]
fn a_held_range_at_once_is_its_ticks_one_by_one_to_the_bit() {
    for kind in KINDS {
        let of = || {
            holds(
                request(&[], 5..8),
                [Holds::default(), request(&["device=sda"], 300..340), Holds::default()],
            )
        };
        let (mut ticks, mut ranges) = (groups(kind), groups(kind));
        ticks.set_holds(of());
        ranges.set_holds(of());
        run(&mut ticks, 0..600);
        ranges.observe(&all(0..600)).unwrap();
        assert_eq!(bytes(&ticks), bytes(&ranges), "{kind:?}");
    }
}
