//! A group's last score taken apart.

use super::*;
use crate::detect::{Explanation, Gate, Learning};

fn why(groups: &Groups) -> Why {
    groups.why(|labels| labels.get("instance") == Some("a")).unwrap()
}

fn explained(why: &Why) -> &Explanation {
    why.explanation.as_ref().unwrap()
}

#[test]
fn an_alarm_is_taken_apart_into_statistics_line_gates_and_members() {
    for (kind, names) in [(GroupKind::Pca, &["t2", "q"][..]), (GroupKind::IsolationForest, &["isolation"])] {
        let mut groups = groups(kind);
        groups.observe(&all(0..BREAK)).unwrap();
        let alarm = (BREAK..BREAK + 60).find(|minute| {
            groups.observe(&all(*minute..minute + 1)).unwrap();
            why(&groups).score.unwrap().alarm
        });
        assert!(alarm.is_some(), "{kind:?}");
        let why = why(&groups);
        let found = explained(&why);
        assert_eq!((&*why.query, &*why.model, why.note), ("host", kind.name(), None));
        assert_eq!(found.evidences.iter().map(|one| one.name).collect::<Vec<_>>(), names);
        let score = why.score.unwrap().score;
        assert_eq!((found.score, found.evidence / found.alarm_line), (why.score.unwrap(), score));
        assert!(score >= 1.0 && found.alarm_line > 1.0, "{found:?}");
        let strongest = found.evidences.iter().map(|one| one.tail).fold(0.0, f64::max);
        assert!((strongest - (names.len() as f64).log10() - found.evidence).abs() < 1e-12, "{found:?}");
        assert_eq!((found.gate, found.learning, found.samples_to_warm_up), (None, Learning::Reduced, 0));
        assert_eq!(why.gates_passed, Gate::ALL);
        let members = why.contributions.as_deref().unwrap();
        assert_eq!((&*members[0].feature, why.occurrences.len()), (r#"disk{device="sdb"}"#, 0));
    }
}

#[test]
fn a_calm_row_a_torn_one_and_one_too_early_say_what_stopped_them() {
    let mut groups = groups(GroupKind::Pca);
    groups.observe(&all(0..5)).unwrap();
    let counting = why(&groups);
    assert!(counting.score.is_none() && counting.note.is_some_and(|note| note.contains("being counted")));
    groups.observe(&all(5..50)).unwrap();
    let early = why(&groups);
    let (gate, learning) = (explained(&early).gate, explained(&early).learning);
    assert_eq!((gate, learning), (Some(Gate::WarmUp), Learning::WarmingUp));
    assert_eq!((explained(&early).samples_seen, explained(&early).samples_to_warm_up), (0, 100));
    groups.observe(&all(50..400)).unwrap();
    let calm = why(&groups);
    assert_eq!((explained(&calm).gate, explained(&calm).learning), (Some(Gate::AlarmLine), Learning::Full));
    assert!(explained(&calm).samples_seen > 100 && !calm.contributions.as_deref().unwrap().is_empty());
    groups.observe(&answers(400..401, &[0, 1], |_, _| true)).unwrap();
    let torn = why(&groups);
    assert_eq!((explained(&torn).gate, torn.score.unwrap().score), (Some(Gate::Finite), 0.0));
    assert_eq!((explained(&torn).learning, torn.gates_passed.len()), (Learning::Nothing, 0));
}

#[test]
fn after_a_restart_the_score_is_known_and_its_parts_are_not() {
    let mut taught = groups(GroupKind::Pca);
    taught.observe(&all(0..400)).unwrap();
    let mut part = groups(GroupKind::Pca);
    part.restore(taught.state(Some(at(400)))).unwrap();
    let before = why(&part);
    assert_eq!((before.score, before.explanation.is_none()), (why(&taught).score, true));
    assert!(before.note.is_some_and(|note| note.contains("the next row will be explained")), "{before:?}");
    part.observe(&all(400..401)).unwrap();
    assert!(why(&part).explanation.is_some());
}

#[test]
fn a_group_that_is_not_there_is_answered_with_those_that_are() {
    let mut groups = groups(GroupKind::Pca);
    groups.observe(&all(0..5)).unwrap();
    let unknown = groups.why(|_| false).unwrap_err().to_string();
    assert_eq!(unknown, r#"no series of 'host' matches; there are {instance="a"}"#);
}
