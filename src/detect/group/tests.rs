//! What a group's score promises, with `pca` as the model and with one that says what it is told.

use std::time::Duration;

use super::*;
use crate::detect::{Pca, PcaConfig};

const DAY: i64 = 1440;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_040_000 + minute * 60_000)
}

fn config() -> Config {
    Config::plain(Duration::from_secs(60))
}

fn normal(seed: i64) -> f64 {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// Three metrics that follow one load; the second stops to follow it where told.
fn host(minute: i64, broken: bool) -> [f64; 3] {
    let load = (minute as f64 / 97.0).sin();
    let noise = |metric: i64| 0.1 * normal(minute * 7 + metric * 1_000_003);
    let second = if broken { -load.signum() * load.abs().max(0.5) } else { load };
    [10.0 * (load + noise(1)), 1e9 * (second + noise(2)), 5.0 - load + noise(3)]
}

fn detector(config: &Config) -> GroupDetector<Pca> {
    GroupDetector::new(config, Pca::new(3, PcaConfig::new(config.interval)).unwrap())
}

fn run(minutes: i64, broken: impl Fn(i64) -> bool) -> Vec<GroupScore> {
    let mut group = detector(&config());
    (0..minutes).map(|minute| group.observe(at(minute), &host(minute, broken(minute))).unwrap()).collect()
}

fn alarms(scores: &[GroupScore]) -> Vec<usize> {
    (0..scores.len()).filter(|minute| scores[*minute].alarm).collect()
}

#[test]
fn a_member_that_stops_to_follow_alarms_once_and_is_named() {
    let scores = run(3 * DAY, |minute| (3000..3060).contains(&minute));
    assert_eq!(alarms(&scores), [3000]);
    let onset = &scores[3000];
    assert!(onset.contributions[0].feature == 1 && onset.contributions[0].share > 0.5, "{onset:?}");
    assert!(onset.contributions.iter().map(|part| part.share).sum::<f64>() < 1.0 + 1e-9);
    assert!(scores[3100..].iter().all(|score| score.state == AnomalyState::Normal && score.score < 1.0));
}

#[test]
fn nothing_is_scored_before_there_is_a_history() {
    let scores = run(300, |_| false);
    assert!(scores[..200].iter().all(|score| score.score == 0.0 && score.contributions.is_empty()));
    assert!(scores[200..].iter().any(|score| score.score > 0.0));
}

#[test]
fn a_group_that_has_changed_for_good_is_accepted_once() {
    let scores = run(6 * DAY, |minute| minute >= 3000);
    assert_eq!(alarms(&scores), [3000]);
    let accepted: Vec<_> =
        (0..scores.len()).filter(|minute| scores[*minute].state == AnomalyState::NewLevel).collect();
    assert_eq!(accepted.len(), 1, "{accepted:?}");
    assert!((3480..3500).contains(&accepted[0]), "{accepted:?}");
    assert!(scores[3600..].iter().all(|score| score.state == AnomalyState::Normal));
}

/// The first minute at which a break that lasts is taken for how the group is now.
fn accepted(held: std::ops::Range<i64>) -> i64 {
    let mut group = detector(&config());
    let is_accepted = |minute: &i64| {
        group.hold(if held.contains(minute) { Hold::Learning } else { Hold::Nothing });
        let score = group.observe(at(*minute), &host(*minute, *minute >= 3000)).unwrap();
        assert_eq!(score.alarm, *minute == 3000, "{minute}");
        score.state == AnomalyState::NewLevel
    };
    (0..6 * DAY).find(is_accepted).unwrap()
}

#[test]
fn the_time_of_a_hold_does_not_count_until_a_change_is_accepted() {
    let free = accepted(0..0);
    assert_eq!(accepted(3060..3660), free + 600);
    assert!(accepted(3060..3061) <= free + 2);
}

#[test]
fn what_is_held_is_scored_and_teaches_nothing_and_in_maintenance_is_muted() {
    for (hold, alarm, state) in
        [(Hold::Learning, true, AnomalyState::Anomalous), (Hold::Alarms, false, AnomalyState::Normal)]
    {
        let mut group = detector(&config());
        (0..3000).for_each(|minute| _ = group.observe(at(minute), &host(minute, false)));
        let model = postcard::to_stdvec(group.model().state()).unwrap();
        let rows = group.state().rows;
        group.hold(hold);
        let score = group.observe(at(3000), &host(3000, true)).unwrap();
        assert!(score.score >= 1.0 && score.contributions[0].feature == 1, "{score:?}");
        assert_eq!((score.alarm, score.state), (alarm, state), "{hold:?}");
        let told = group.explain().unwrap();
        let gate = if alarm { None } else { Some(Gate::Muted) };
        assert_eq!((told.gate, told.learning), (gate, Learning::Held), "{hold:?}");
        assert_eq!(postcard::to_stdvec(group.model().state()).unwrap(), model, "{hold:?}");
        assert_eq!((rows, group.state().rows), (told.samples_seen, rows), "{hold:?}");
        let torn = group.observe(at(3001), &[f64::NAN; 3]).unwrap();
        assert_eq!((torn.score, torn.state), (0.0, state), "{hold:?}");
        group.hold(Hold::Nothing);
        let later = group.observe(at(3002), &host(3002, true)).unwrap();
        assert_eq!((later.alarm, later.state), (!alarm, AnomalyState::Anomalous), "what lasts alarms then");
    }
}

#[test]
fn noise_keeps_the_budget() {
    let mut total = 0;
    for seed in 0..3 {
        let mut group =
            GroupDetector::new(&config(), Pca::new(6, PcaConfig::new(Duration::from_secs(60))).unwrap());
        for minute in 0..15 * DAY {
            let common = normal(minute + seed * 1_000_000_007);
            let row: [f64; 6] =
                std::array::from_fn(|metric| common + normal(seed + minute * 13 + metric as i64 * 7_777_777));
            total += usize::from(group.observe(at(minute), &row).unwrap().alarm);
        }
    }
    assert!(total <= 5, "{total} alarms in 45 group-days, 1.5 were allowed");
}

#[test]
fn rows_late_or_of_another_length_change_nothing_and_unreadable_ones_score_nothing() {
    let mut group = detector(&config());
    (0..500).for_each(|minute| {
        group.observe(at(minute), &host(minute, false));
    });
    let before = postcard::to_stdvec(group.state()).unwrap();
    assert_eq!(group.observe(at(499), &host(499, true)), None);
    assert_eq!(group.observe(at(500), &[0.0; 4]), None);
    assert_eq!(postcard::to_stdvec(group.state()).unwrap(), before);
    let unreadable = group.observe(at(500), &[f64::NAN; 3]).unwrap();
    assert_eq!((unreadable.score, unreadable.alarm, unreadable.contributions.len()), (0.0, false, 0));
}

#[test]
fn a_restored_group_goes_on_to_the_bit_and_another_models_state_is_refused() {
    let mut whole = detector(&config());
    (0..1500).for_each(|minute| {
        whole.observe(at(minute), &host(minute, false));
    });
    let bytes = postcard::to_stdvec(&(whole.model().state(), whole.state())).unwrap();
    let (model, state): (_, GroupState) = postcard::from_bytes(&bytes).unwrap();
    let model = Pca::restore(3, PcaConfig::new(config().interval), model).unwrap();
    let mut part = GroupDetector::restore(&config(), model, state.clone()).unwrap();
    for minute in 1500..2500 {
        let row = host(minute, minute % 400 == 0);
        assert_eq!(whole.observe(at(minute), &row), part.observe(at(minute), &row));
    }
    assert!(GroupDetector::restore(&config(), Told::default(), state).is_err());
}

/// A model of one statistic, which is the row's first value.
#[derive(Default)]
struct Told {
    reading: Vec<Statistic>,
}

impl GroupModel for Told {
    const STATISTICS: usize = 1;

    fn name(&self) -> &'static str {
        "told"
    }

    fn columns(&self) -> usize {
        2
    }

    fn observe(&mut self, _: Timestamp, row: &[f64]) -> Option<&[Statistic]> {
        self.read(row)
    }

    fn read(&mut self, row: &[f64]) -> Option<&[Statistic]> {
        self.reading = vec![Statistic { name: "told", raw: row[0], limit: 1.0, shares: vec![0.25, 0.75] }];
        Some(&self.reading)
    }

    fn relearn(&mut self) {}
}

#[test]
fn the_budget_sets_the_line_whatever_the_unit_of_the_statistic() {
    for unit in [1e-6, 1.0, 1e15] {
        let scores: Vec<f64> = ["1 per 3d", "1 per 30d"]
            .iter()
            .map(|budget| {
                let config = Config { false_alarms: budget.parse().unwrap(), ..config() };
                let mut group = GroupDetector::new(&config, Told::default());
                (0..3000).for_each(|minute| {
                    group.observe(at(minute), &[unit * normal(minute).abs(), 0.0]);
                });
                group.observe(at(3000), &[unit * 6.0, 0.0]).unwrap().score
            })
            .collect();
        assert!(scores[1] > 1.0 && scores[0] > scores[1], "{unit}: {scores:?}");
    }
}

#[test]
fn noise_keeps_the_budget_of_a_forest_too() {
    let mut total = 0;
    for seed in 0..4 {
        let kind = GroupKind::IsolationForest;
        let config = GroupConfig { kind, detect: config(), retrain_every: Duration::from_secs(86_400), seed };
        let mut judge = GroupJudge::new(&config, 4).unwrap();
        for minute in 0..6 * DAY {
            let common = normal(minute + seed as i64 * 1_000_000_007);
            let row: [f64; 4] = std::array::from_fn(|metric| {
                common + normal(seed as i64 + minute * 13 + metric as i64 * 7_777_777)
            });
            total += usize::from(judge.observe(at(minute), &row).unwrap().alarm);
        }
    }
    assert!(total <= 3, "{total} alarms in 24 group-days, 0.8 were allowed");
}

#[test]
fn a_judge_refuses_what_is_no_group_and_the_state_of_another_model() {
    let config =
        |kind| GroupConfig { kind, detect: config(), retrain_every: Duration::from_secs(86_400), seed: 0 };
    for kind in [GroupKind::IsolationForest, GroupKind::Pca] {
        for members in [0, 1, 65] {
            assert_eq!(GroupJudge::new(&config(kind), members).err(), Some(Unlike::Members(members)));
        }
        let judge = GroupJudge::new(&config(kind), 3).unwrap();
        let other =
            [GroupKind::Pca, GroupKind::IsolationForest].into_iter().find(|other| *other != kind).unwrap();
        assert_eq!(GroupJudge::restore(&config(other), 3, judge.state()).err(), Some(Unlike::Model));
        assert!(GroupJudge::restore(&config(kind), 4, judge.state()).is_err());
        assert_eq!(GroupJudge::restore(&config(kind), 3, judge.state()).unwrap().features(), 3);
    }
}
