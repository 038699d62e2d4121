//! Who is in a group: those that come and go, those there is no room for, those that cannot be read.

use super::*;

#[test]
fn a_member_that_comes_counts_from_the_next_training_and_one_that_goes_is_missing_until_then() {
    const DAY: i64 = 1440;
    for kind in KINDS {
        let mut groups = groups(kind);
        let there = |minute: i64, series: usize| match series {
            2 => minute >= 600,
            3 => minute < DAY + 2000,
            _ => true,
        };
        let mut observe = |minutes: std::ops::Range<i64>| {
            groups.observe(&answers(minutes, &[0, 1, 2, 3], there)).unwrap();
            (columns(&groups).join(" "), groups.groups[0].next.is_some())
        };
        let old = "cpu disk net".to_owned();
        let new = r#"cpu disk{device="sda"} disk{device="sdb"} net"#.to_owned();
        assert_eq!(observe(0..DAY), (old.clone(), false), "{kind:?}: not yet counted");
        assert_eq!(observe(DAY..DAY + 100), (old, true), "{kind:?}: the next panel learns beside");
        assert_eq!(observe(DAY + 100..DAY + 900), (new.clone(), false), "{kind:?}: and takes over");
        assert_eq!(observe(DAY + 900..DAY + 2200).0, new, "{kind:?}: what is missing is still a column");
        let without = r#"cpu disk{device="sda"} disk{device="sdb"}"#;
        assert_eq!(observe(DAY + 2200..3 * DAY + 1000).0, without, "{kind:?}");
    }
}

#[test]
fn a_group_that_is_lost_is_counted_anew_at_once() {
    let mut groups = groups(GroupKind::Pca);
    groups.observe(&all(0..300)).unwrap();
    let renamed = |minutes: std::ops::Range<i64>| {
        let mut answers: Vec<Answer> = QUERIES.iter().map(|_| Answer::default()).collect();
        for (query, answer) in answers.iter_mut().enumerate() {
            let samples =
                minutes.clone().map(|minute| Sample { at: at(minute), value: value(minute, query as i64) });
            answer.push(r#"{"instance":"a","job":"new"}"#, samples);
        }
        answers
    };
    groups.observe(&renamed(300..300 + 60 + 10)).unwrap();
    assert!(groups.groups[0].next.is_some());
    groups.observe(&renamed(370..600)).unwrap();
    assert_eq!(columns(&groups), QUERIES);
    assert!(groups.groups[0].next.is_none());
}

#[test]
fn an_episode_outlives_a_change_of_members() {
    let mut groups = groups(GroupKind::Pca);
    groups.observe(&all(0..BREAK)).unwrap();
    run(&mut groups, BREAK..BREAK + 20);
    let before = published(&mut groups, BREAK + 19).remove(0);
    assert_eq!(before.score.state, AnomalyState::Anomalous);
    let group = &mut groups.groups[0];
    let mut ready = Groups::new(model(GroupKind::Pca), SeriesBudget::new(1));
    ready.observe(&answers(0..BREAK, &[0, 1, 3], |_, _| true)).unwrap();
    group.next = ready.groups[0].panel.take();
    let after = run(&mut groups, BREAK + 20..BREAK + 22);
    assert!(after.iter().all(|scored| scored.since == before.since && !scored.score.alarm), "{after:?}");
    assert_eq!(columns(&groups), QUERIES, "the panel is another");
}

#[test]
fn the_budget_bounds_groups_and_the_group_its_members() {
    let mut groups = Groups::new(model(GroupKind::Pca), SeriesBudget::new(1));
    let mut cpu = Answer::default();
    let one = |minute: i64| [Sample { at: at(minute), value: 1.0 }];
    for instance in ["b", "a"] {
        cpu.push(&format!(r#"{{"instance":"{instance}"}}"#), one(0));
    }
    let observed = groups.observe(&[cpu, Answer::default(), Answer::default()]).unwrap();
    assert_eq!((observed.samples, observed.refused), (1, 1));
    assert_eq!(groups.groups[0].labels.get("instance"), Some("a"), "the first by its labels");

    let disks = |minutes: std::ops::Range<i64>, count: usize| {
        let mut disk = Answer::default();
        for number in 0..count {
            let samples = minutes.clone().flat_map(one);
            disk.push(&format!(r#"{{"device":"{number:03}","instance":"a"}}"#), samples);
        }
        [Answer::default(), disk, Answer::default()]
    };
    let observed = groups.observe(&disks(1..9, 300)).unwrap();
    assert_eq!(observed.refused, 300 - 255, "members kept at most, of which cpu is one");
    groups.observe(&disks(9..11, 255)).unwrap();
    let observed = groups.observe(&disks(11..12, 255)).unwrap();
    assert_eq!(observed.refused, 255 - 64, "members scored at most");
    assert_eq!(columns(&groups).len(), 64);
}

#[test]
fn of_a_series_given_twice_the_first_counts() {
    let mut groups = groups(GroupKind::Pca);
    for minute in 0..2 {
        let mut cpu = Answer::default();
        for (text, value) in
            [(SERIES[0].1, 1.0), (r#"{ "instance": "a" }"#, 2.0), (r#"{"instance":"a","__name__":"x"}"#, 3.0)]
        {
            cpu.push(text, [Sample { at: at(minute), value }]);
        }
        let observed = groups.observe(&[cpu, Answer::default(), Answer::default()]).unwrap();
        assert_eq!((observed.samples, observed.duplicates), (1, 2));
    }
    assert_eq!(groups.groups[0].early.iter().map(|(_, values)| values[0]).collect::<Vec<_>>(), [1.0, 1.0]);
}

#[test]
fn labels_that_cannot_be_read_change_nothing() {
    let mut groups = groups(GroupKind::Pca);
    let mut bad = all(0..1);
    bad[2].push("5", [Sample { at: at(0), value: 1.0 }]);
    assert!(matches!(groups.observe(&bad), Err(QueryError::Malformed(_))));
    assert!(groups.groups.is_empty());
    assert_eq!(groups.observe(&all(0..1)).unwrap().samples, 4);
}

#[test]
fn who_is_forgotten_leaves_the_others_their_places() {
    let budget = SeriesBudget::new(2);
    let mut groups = Groups::new(model(GroupKind::Pca), budget.clone());
    let mut early = Answer::default();
    early.push(r#"{"instance":"0"}"#, [Sample { at: at(0), value: 1.0 }]);
    groups.observe(&[early, Answer::default(), Answer::default()]).unwrap();
    groups.observe(&answers(0..20, &[0, 1, 2, 3], |minute, series| series != 1 || minute == 0)).unwrap();
    assert!(!budget.take());
    groups.observe(&answers(1500..1501, &[0, 2, 3], |_, _| true)).unwrap();
    groups.forget(at(1501));
    assert!(budget.take(), "the other group's place is given back");
    let members: Vec<String> =
        groups.groups[0].members.iter().map(|member| member.labels.to_string()).collect();
    let kept = [r#"{instance="a"}"#, r#"{device="sdb",instance="a"}"#, r#"{instance="a"}"#];
    assert_eq!((groups.groups.len(), members), (1, kept.map(str::to_owned).to_vec()));
    let observed = groups.observe(&all(1502..1503)).unwrap();
    assert_eq!((observed.samples, observed.refused), (4, 0));
    let group = &groups.groups[0];
    assert_eq!(group.members[0].last_seen, at(1502));
    assert_eq!((group.members.len(), columns(&groups).join(" ")), (4, "cpu disk net".to_owned()));
}

#[test]
fn the_budget_is_spent_by_rows_that_are_scored() {
    let mut groups = groups(GroupKind::Pca);
    let scored = |groups: &mut Groups, minutes| groups.observe(&all(minutes)).unwrap().scored;
    assert_eq!(scored(&mut groups, 0..100), 0);
    assert!((90..=110).contains(&scored(&mut groups, 100..300)));
    assert_eq!(scored(&mut groups, 300..400), 100);
}
