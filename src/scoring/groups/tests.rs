//! Answers in, scores of groups out: the same however they come, after a restart, and while members come and go.

mod holds;
mod members;
mod why;

use super::*;
use crate::detect::{self, GroupKind};
use crate::model::{AnomalyState, Sample};
use crate::scoring::MemberQuery;

const MINUTE: i64 = 60_000;
const START: i64 = 28_000_000;
const KINDS: [GroupKind; 2] = [GroupKind::IsolationForest, GroupKind::Pca];
/// The minute at which a correlation breaks.
const BREAK: i64 = 3000;
const QUERIES: [&str; 3] = ["cpu", "disk", "net"];

fn model(kind: GroupKind) -> GroupModel {
    let member = |name: &str| {
        let (name, expr) = (name.to_owned(), format!("expr_of_{name}"));
        MemberQuery { name, expr, while_firing: None }
    };
    GroupModel {
        name: "host".to_owned(),
        kind,
        members: QUERIES.map(member).into(),
        group_by: vec!["instance".to_owned()],
        retrain_every: Duration::from_secs(86_400),
        detect: detect::Config::plain(Duration::from_secs(60)),
    }
}

fn groups(kind: GroupKind) -> Groups {
    Groups::new(model(kind), SeriesBudget::new(100))
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis((START + minute) * MINUTE)
}

/// Noise that depends on nothing but its arguments, about normal.
fn noise(minute: i64, series: i64) -> f64 {
    let mut random = fastrand::Rng::with_seed((minute * 31 + series) as u64);
    (0..12).map(|_| random.f64()).sum::<f64>() - 6.0
}

/// Four series of a host that follow one load, which is low or high for half hours; from the break on the disk `sdb`
/// goes the other way, within its range.
fn value(minute: i64, series: i64) -> f64 {
    let is_broken = series == 2 && (BREAK..BREAK + 60).contains(&minute);
    let load = if (minute / 30 % 2 == 0) != is_broken { 30.0 } else { 10.0 };
    load + noise(minute, series)
}

/// Query and labels of the host's series.
const SERIES: [(usize, &str); 4] = [
    (0, r#"{"instance":"a"}"#),
    (1, r#"{"device":"sda","instance":"a"}"#),
    (1, r#"{"device":"sdb","instance":"a"}"#),
    (2, r#"{"instance":"a"}"#),
];

/// The answers to all queries over some minutes; `order` gives the order of the series in them.
fn answers(
    minutes: std::ops::Range<i64>,
    order: &[usize],
    is_there: impl Fn(i64, usize) -> bool,
) -> Vec<Answer> {
    let mut answers: Vec<Answer> = QUERIES.iter().map(|_| Answer::default()).collect();
    for &series in order {
        let there = minutes.clone().filter(|minute| is_there(*minute, series));
        let samples = there.map(|minute| Sample { at: at(minute), value: value(minute, series as i64) });
        answers[SERIES[series].0].push(SERIES[series].1, samples);
    }
    answers
}

fn all(minutes: std::ops::Range<i64>) -> Vec<Answer> {
    answers(minutes, &[0, 1, 2, 3], |_, _| true)
}

fn bytes(groups: &Groups) -> Vec<u8> {
    postcard::to_stdvec(&groups.state(None)).unwrap()
}

fn published(groups: &mut Groups, minute: i64) -> Vec<ScoredSeries> {
    groups.published(Duration::from_secs(600), at(minute)).to_vec()
}

/// What is published after each minute, tick by tick.
fn run(groups: &mut Groups, minutes: std::ops::Range<i64>) -> Vec<ScoredSeries> {
    let tick = |minute: i64| {
        groups.observe(&all(minute..minute + 1)).unwrap();
        published(groups, minute)
    };
    minutes.flat_map(tick).collect()
}

/// Names of the columns that score.
fn columns(groups: &Groups) -> Vec<&str> {
    groups.groups[0].panel.iter().flat_map(|panel| panel.names.iter().map(|name| &**name)).collect()
}

#[test]
fn a_broken_correlation_alarms_and_names_the_member_that_left() {
    for kind in KINDS {
        let mut groups = groups(kind);
        groups.observe(&all(0..BREAK)).unwrap();
        assert!(published(&mut groups, BREAK)[0].score.score < 1.0);
        let scores = run(&mut groups, BREAK..BREAK + 60);
        let alarms = scores.iter().filter(|scored| scored.score.alarm).count();
        let most = scores.iter().max_by(|a, b| a.score.score.total_cmp(&b.score.score)).unwrap();
        let first = &most.contributions.as_ref().unwrap()[0];
        assert_eq!(alarms, 1, "{kind:?}: {}", most.score.score);
        assert_eq!(&*first.feature, r#"disk{device="sdb"}"#, "{kind:?}");
        assert_eq!((&*first.query, first.labels.get("instance")), ("disk", Some("a")));
        assert_eq!(most.labels.to_string(), r#"{instance="a"}"#);
        assert!(most.since.is_some() && most.score.value == most.score.score && !most.with_band);
    }
}

#[test]
fn nothing_is_told_of_a_calm_group() {
    let mut groups = groups(GroupKind::Pca);
    let scores = run(&mut groups, 0..600);
    assert_eq!((scores[0].score.at, scores.len()), (at(9), 591), "scored once its members are counted");
    for scored in scores.iter().filter(|scored| scored.score.score < 0.5) {
        assert_eq!(scored.contributions.as_deref(), Some(&[][..]));
    }
}

#[test]
fn a_range_at_once_is_its_ticks_one_by_one_to_the_bit_in_any_order() {
    for kind in KINDS {
        let (mut ticks, mut ranges) = (groups(kind), groups(kind));
        let scores = run(&mut ticks, 0..1200);
        for from in (0..1200).step_by(400) {
            ranges.observe(&answers(from..from + 400, &[3, 2, 0, 1], |_, _| true)).unwrap();
            assert_eq!(published(&mut ranges, from + 399)[0], scores[from as usize + 399 - 9]);
        }
        assert_eq!(run(&mut ticks, 1200..1300), run(&mut ranges, 1200..1300), "{kind:?}");
    }
}

#[test]
fn the_future_changes_no_score() {
    for kind in KINDS {
        let (mut short, mut long) = (groups(kind), groups(kind));
        let whole = run(&mut long, 0..900);
        let part = run(&mut short, 0..700);
        assert_eq!(part[..], whole[..part.len()], "{kind:?}");
    }
}

#[test]
fn after_a_restart_scores_are_the_same_to_the_bit() {
    for kind in KINDS {
        for minutes in [5, 50, 400, BREAK + 30] {
            let mut whole = groups(kind);
            whole.observe(&all(0..minutes)).unwrap();
            let stored = postcard::to_stdvec(&whole.state(Some(at(minutes)))).unwrap();
            let mut part = groups(kind);
            assert_eq!(part.restore(postcard::from_bytes(&stored).unwrap()), Some(at(minutes)));
            assert_eq!(published(&mut whole, minutes), published(&mut part, minutes));
            assert_eq!(bytes(&whole), bytes(&part));
            let later = minutes..minutes + 300;
            assert_eq!(run(&mut whole, later.clone()), run(&mut part, later), "{kind:?} after {minutes}");
            assert_eq!(bytes(&whole), bytes(&part));
        }
    }
}

#[test]
fn a_state_is_taken_up_for_the_model_that_taught_it_only() {
    let mut taught = groups(GroupKind::Pca);
    taught.observe(&all(0..300)).unwrap();
    type Change = fn(&mut GroupModel);
    let changes: [(&str, Change, bool); 6] = [
        ("nothing", |_| (), true),
        ("the budget", |model| model.detect.false_alarms = "1 per 1d".parse().unwrap(), true),
        ("an expression", |model| model.members[0].expr = "other".to_owned(), false),
        ("the labels", |model| model.group_by.clear(), false),
        ("the interval", |model| model.detect.interval = Duration::from_secs(30), false),
        ("the type", |model| model.kind = GroupKind::IsolationForest, false),
    ];
    for (what, change, kept) in changes {
        let mut changed = model(GroupKind::Pca);
        change(&mut changed);
        let mut groups = Groups::new(changed, SeriesBudget::new(10));
        assert_eq!(groups.restore(taught.state(Some(at(300)))).is_some(), kept, "{what}");
        assert_eq!(groups.groups.len(), usize::from(kept), "{what}");
    }
}

#[test]
fn a_torn_state_is_refused_whole() {
    let mut taught = groups(GroupKind::Pca);
    taught.observe(&all(0..300)).unwrap();
    let group = &mut taught.groups[0];
    group.panel.as_mut().unwrap().columns[3] = 4;
    let stored = postcard::to_stdvec(&taught.state(Some(at(300)))).unwrap();
    let mut other = groups(GroupKind::Pca);
    assert_eq!(other.restore(postcard::from_bytes(&stored).unwrap()), None);
    assert!(other.groups.is_empty() && other.seats.is_empty());
}
