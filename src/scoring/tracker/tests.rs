//! Answers in, scores out: who is known, who is refused, what is taken up again.

use super::*;
use crate::detect;
use crate::model::Sample;

const MINUTE: i64 = 60_000;

pub(super) fn query(expr: &str) -> Query {
    Query::plain("q", expr, Duration::from_secs(60))
}

fn tracker(max: usize) -> Tracker {
    Tracker::new(query("up"), SeriesBudget::new(max))
}

/// One sample for each text, at the given minute; values count up from 1.
fn answer(minute: i64, texts: &[&str]) -> Answer {
    let mut answer = Answer::default();
    for (index, text) in texts.iter().enumerate() {
        let at = Timestamp::from_millis(minute * MINUTE);
        answer.push(text, [Sample { at, value: index as f64 + 1.0 }]);
    }
    answer
}

fn published(tracker: &mut Tracker, minute: i64) -> Vec<(String, f64)> {
    let published = tracker.published(Duration::from_secs(600), Timestamp::from_millis(minute * MINUTE));
    published.iter().map(|scored| (scored.labels.to_string(), scored.score.value)).collect()
}

#[test]
fn a_state_is_taken_up_for_the_query_that_taught_it_only() {
    let at = Timestamp::from_millis(MINUTE);
    let mut taught = tracker(10);
    taught.observe(&answer(1, &["{}"])).unwrap();
    let hourly = detect::Config { interval: Duration::from_secs(3600), ..query("up").detect };
    for (what, query, done, series) in [
        ("the same", query("up"), Some(at), 1),
        ("another expression", query("up * 100"), None, 0),
        ("another interval", Query { detect: hourly, ..query("up") }, None, 0),
        ("another model", Query { model: detect::Model::Seasonal, ..query("up") }, None, 0),
    ] {
        let mut tracker = Tracker::new(query, SeriesBudget::new(10));
        assert_eq!(tracker.restore(taught.state(Some(at))), done, "{what}");
        assert_eq!(tracker.series.len(), series, "{what}");
    }
}

#[test]
fn a_series_is_known_by_its_labels_however_they_are_written() {
    let mut tracker = tracker(10);
    for (minute, texts) in [
        (1, [r#"{"a":"1","b":"2"}"#, r#"{"a":"2"}"#]),
        (2, [r#"{"a":"2"}"#, r#"{"b":"2","a":"1"}"#]),
        (3, [r#"{"__name__":"up","b":"\u0032","a":"1"}"#, r#"{ "a": "2" }"#]),
    ] {
        let observed = tracker.observe(&answer(minute, &texts)).unwrap();
        assert_eq!((observed.samples, observed.refused, observed.duplicates), (2, 0, 0), "{minute}");
    }
    let expected = [(r#"{a="1",b="2"}"#.to_owned(), 1.0), (r#"{a="2"}"#.to_owned(), 2.0)];
    assert_eq!(published(&mut tracker, 3), expected);
}

#[test]
fn of_equal_label_sets_in_one_answer_the_first_is_scored() {
    let mut tracker = tracker(10);
    let twice = ["{}", "{ }", r#"{"__name__":"a"}"#];
    for minute in 1..3 {
        let observed = tracker.observe(&answer(minute, &twice)).unwrap();
        assert_eq!((observed.samples, observed.duplicates), (1, 2));
        assert_eq!(published(&mut tracker, minute), [("{}".to_owned(), 1.0)]);
    }
}

#[test]
fn the_budget_refuses_new_series_and_never_a_known_one() {
    let mut tracker = tracker(1);
    tracker.observe(&answer(1, &["{}"])).unwrap();
    for texts in [[r#"{"a":"1"}"#, "{}"], ["{ }", r#"{"a":"1"}"#]] {
        let observed = tracker.observe(&answer(2, &texts)).unwrap();
        assert_eq!((observed.samples, observed.refused), (1, 1), "{texts:?}");
    }
}

#[test]
fn labels_that_cannot_be_read_refuse_the_whole_answer() {
    let mut tracker = tracker(10);
    let error = tracker.observe(&answer(1, &["{}", "5"])).unwrap_err();
    assert!(matches!(error, QueryError::Malformed(_)), "{error}");
    assert!(published(&mut tracker, 1).is_empty());
    assert_eq!(tracker.observe(&answer(1, &["{}"])).unwrap().samples, 1);
}

#[test]
fn who_is_forgotten_leaves_its_place_to_nobody_else() {
    const DAY: i64 = 1440;
    let mut tracker = tracker(3);
    let texts = [r#"{"a":"1"}"#, r#"{"a":"2"}"#, r#"{"a":"3"}"#];
    tracker.observe(&answer(1, &texts)).unwrap();
    tracker.observe(&answer(DAY, &texts[1..])).unwrap();
    tracker.forget(Timestamp::from_millis((DAY + 2) * MINUTE));
    let known: Vec<String> = tracker.series.iter().map(|tracked| tracked.labels.to_string()).collect();
    assert_eq!(known, [r#"{a="2"}"#, r#"{a="3"}"#]);
    let observed = tracker.observe(&answer(DAY + 2, &[texts[2], texts[0], texts[1]])).unwrap();
    assert_eq!((observed.samples, observed.refused), (3, 0));
    let expected =
        [r#"{a="1"}"#, r#"{a="2"}"#, r#"{a="3"}"#].map(str::to_owned).into_iter().zip([2.0, 3.0, 1.0]);
    assert_eq!(published(&mut tracker, DAY + 2), expected.collect::<Vec<_>>());
}
