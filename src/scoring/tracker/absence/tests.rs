//! Who is missing, why, and what is published meanwhile.

use super::*;
use crate::detect::Model;
use crate::model::Sample;
use crate::prometheus::Answer;
use crate::scoring::Query;
use crate::scoring::budget::SeriesBudget;
use crate::scoring::tracker::tests::query;

const MINUTE: i64 = 60_000;
const GONE: Duration = Duration::from_secs(600);
/// Minutes that all have been there before the first is missing.
const PAST: i64 = 3 * 1440;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * MINUTE)
}

fn answer(minutes: impl Iterator<Item = i64> + Clone, texts: &[&str]) -> Answer {
    let mut answer = Answer::default();
    for text in texts {
        answer.push(text, minutes.clone().map(|minute| Sample { at: at(minute), value: 1.0 }));
    }
    answer
}

fn targets(instances: &[&str]) -> Targets {
    let up = |name: &&str| [("instance", *name), ("job", "app")].into_iter().collect();
    Targets::new(&instances.iter().map(up).collect::<Vec<_>>())
}

fn new_tracker() -> Tracker {
    let query = Query { model: Model::Seasonal, ..query("up") };
    Tracker::new(query, SeriesBudget::new(100))
}

fn seen(texts: &[&str]) -> Tracker {
    let mut tracker = new_tracker();
    tracker.observe(&answer(1..=PAST, texts)).unwrap();
    assert!(!tracker.misses_any());
    tracker
}

/// The minutes after the past at which an outage begins, with `texts` there and these targets.
fn outages(tracker: &mut Tracker, texts: &[&str], targets: &Targets) -> Vec<(i64, String)> {
    let mut outages = Vec::new();
    for minute in 1..=20 {
        let now = PAST + minute;
        tracker.observe(&answer(now..=now, texts)).unwrap();
        if tracker.misses_any() {
            let began = tracker.judge_missing(at(now), targets, GONE);
            outages.extend(began.into_iter().map(|labels| (minute, labels.to_string())));
        }
    }
    outages
}

const A: &str = r#"{"instance":"a","job":"app"}"#;
const B: &str = r#"{"instance":"b","job":"app"}"#;
const C: &str = r#"{"instance":"c","job":"app"}"#;
const POD_1: &str = r#"{"app":"x","pod":"x-1"}"#;
const POD_2: &str = r#"{"app":"x","pod":"x-2"}"#;
const TOTAL: &str = r#"{"path":"/"}"#;

#[test]
fn an_outage_is_told_from_what_only_looks_like_one() {
    let up = targets(&["a", "b", "c"]);
    for (before, after, targets, outages_of, sentence) in [
        (&[A, B][..], &[B][..], &up, &[A][..], "vanishes while its target stays"),
        (&[A, B], &[B], &targets(&["b"]), &[], "vanishes with its target"),
        (&[A, B], &[B, C], &targets(&["b", "c"]), &[], "is replaced on another instance"),
        (&[A], &[], &up, &[A], "is the only one and vanishes while its target stays"),
        (&[TOTAL], &[], &up, &[TOTAL], "an aggregate vanishes while Prometheus has data"),
        (&[TOTAL, A, B], &[A, B], &up, &[TOTAL], "vanishes while its peers stay"),
        (&[POD_1], &[POD_2], &up, &[], "is replaced by another pod"),
        (
            &[A, B],
            &[r#"{"instance":"a","e":"1"}"#, r#"{"instance":"b","e":"1"}"#],
            &up,
            &[],
            "has new labels",
        ),
    ] {
        let found = outages(&mut seen(before), after, targets);
        let of: Vec<String> = outages_of.iter().map(|text| labels(text).to_string()).collect();
        assert_eq!(found.iter().map(|(_, labels)| labels.clone()).collect::<Vec<_>>(), of, "{sentence}");
        assert!(found.iter().all(|(minute, _)| (2..=6).contains(minute)), "{sentence}: {found:?}");
    }
}

fn labels(text: &str) -> Labels {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_missing_series_is_published_as_such_and_then_no_more() {
    let mut tracker = seen(&[A, B]);
    let up = targets(&["a", "b"]);
    let mut rows = Vec::new();
    for minute in 1..=15 {
        let now = PAST + minute;
        tracker.observe(&answer(now..=now, &[B])).unwrap();
        tracker.judge_missing(at(now), &up, GONE);
        let published = tracker.published(GONE, at(now));
        let a = published.iter().find(|scored| scored.labels == labels(A));
        rows.push(a.map(|a| (a.absent_since, a.score.score >= 1.0, a.score.state)));
        assert_eq!(published.len(), 1 + usize::from(a.is_some()));
    }
    let since = Some(at(PAST + 1));
    assert_eq!(rows[0], Some((since, false, AnomalyState::Normal)));
    assert!(rows[5..10].iter().all(|row| *row == Some((since, true, AnomalyState::Anomalous))), "{rows:?}");
    assert!(rows[10..].iter().all(Option::is_none), "{rows:?}");
    assert_eq!(tracker.absent(), 0);

    let now = PAST + 16;
    tracker.observe(&answer(now..=now, &[A, B])).unwrap();
    let published = tracker.published(GONE, at(now));
    assert!(published.iter().all(|scored| scored.absent_since.is_none() && scored.score.score < 1.0));
    assert_eq!(tracker.departures.weight, 0.0, "who comes back had not vanished for good");
}

#[test]
fn dark_time_is_no_absence() {
    let mut tracker = seen(&[A, B]);
    (1..=300).for_each(|minute| tracker.note_dark(at(PAST + minute)));
    let now = PAST + 301;
    tracker.observe(&answer(now..=now, &[B])).unwrap();
    let far = Duration::from_secs(86_400);
    assert!(tracker.judge_missing(at(now), &targets(&["a", "b"]), far).is_empty());
    assert_eq!(tracker.published(far, at(now))[0].score.state, AnomalyState::Normal);
    tracker.observe(&answer(now + 1..=now + 1, &[A, B])).unwrap();
    let gaps = tracker.series[0].presence.as_ref().unwrap();
    assert!(!gaps.is_outage());
}

#[test]
fn where_series_vanish_for_good_all_the_time_one_more_is_no_event() {
    let names: Vec<String> = (0..20).map(|index| format!(r#"{{"device":"veth{index}"}}"#)).collect();
    let mut texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut tracker, up) = (seen(&texts), targets(&["a"]));
    let mut outages = 0;
    for hour in 0..12 {
        texts.pop();
        for minute in 0..60 {
            let now = PAST + hour * 60 + minute + 1;
            tracker.observe(&answer(now..=now, &texts)).unwrap();
            outages += tracker.judge_missing(at(now), &up, GONE).len();
        }
    }
    assert!((1..=9).contains(&outages), "the first are, the last are not: {outages}");
}

#[test]
fn an_outage_outlives_a_restart() {
    let mut tracker = seen(&[A, B]);
    let up = targets(&["a", "b"]);
    assert_eq!(outages(&mut tracker, &[B], &up).len(), 1);
    let bytes = postcard::to_stdvec(&tracker.state(Some(at(PAST + 20)))).unwrap();
    let mut restored = new_tracker();
    restored.restore(postcard::from_bytes(&bytes).unwrap());
    let standings = |tracker: &Tracker| tracker.series.iter().map(|one| one.standing).collect::<Vec<_>>();
    assert_eq!(standings(&restored), standings(&tracker));
    assert_eq!(restored.departures, tracker.departures);
}
