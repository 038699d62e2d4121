//! Incidents and what only looks like one.

use super::*;
use crate::model::AnomalyState;

for_every_model! {
    incidents_on_a_quiet_series_alarm_within_three_samples
    memory_from_70_to_95_percent_alarms
    a_permanent_step_alarms_once_and_is_accepted_once
    recovery_is_not_flagged
    where_one_side_counts_the_recovery_from_the_other_is_not_flagged
    a_spike_of_50_does_not_blind_it_to_a_4_fold_incident
    a_daily_peak_is_normal_once_two_days_have_shown_it
    a_constant_series_alarms_on_its_first_step_and_not_on_rounding
    noise_keeps_the_budget
    a_gap_of_hours_costs_neither_memory_nor_an_alarm
}

/// A quiet series of noise 3 % that turns into something else after two days.
fn incident(model: Model, becomes: f64) -> Vec<Score> {
    run(model, 3 * DAY, |minute| {
        let value = 100.0 + 3.0 * noise(minute);
        if minute >= 2 * DAY { value * becomes } else { value }
    })
}

fn incidents_on_a_quiet_series_alarm_within_three_samples(model: Model) {
    for (what, becomes) in
        [("zero", 0.0), ("-45 %", 0.55), ("+45 %", 1.45), ("-80 %", 0.2), ("x2", 2.0), ("x10", 10.0)]
    {
        let alarms = alarms(&incident(model, becomes));
        assert_eq!(alarms.len(), 1, "{what}: {alarms:?}");
        assert!((2880..2883).contains(&alarms[0]), "{what}: {alarms:?}");
    }
}

fn memory_from_70_to_95_percent_alarms(model: Model) {
    let scores = run(model, 3 * DAY, |minute| {
        let climb = (minute - 2 * DAY).clamp(0, 10) as f64 / 10.0;
        70.0 + 25.0 * climb + 1.5 * noise(minute)
    });
    let alarms = alarms(&scores);
    assert!(alarms.len() == 1 && (2880..2892).contains(&alarms[0]), "{alarms:?}");
}

fn a_permanent_step_alarms_once_and_is_accepted_once(model: Model) {
    for becomes in [0.0, 0.55, 1.45, 10.0] {
        let scores = incident(model, becomes);
        let accepted: Vec<_> =
            (0..scores.len()).filter(|i| scores[*i].state == AnomalyState::NewLevel).collect();
        assert_eq!(accepted.len(), 1, "{becomes}: {accepted:?}");
        assert!((3350..3370).contains(&accepted[0]), "{becomes}: {accepted:?}");
        let lasting = |s: &Score| matches!(s.state, AnomalyState::Anomalous | AnomalyState::Sustained);
        assert!(scores[2882..3350].iter().all(lasting), "{becomes}: it lasts meanwhile");
        let least = scores[2882..3350].iter().map(|score| score.score).fold(f64::INFINITY, f64::min);
        assert!(least > 0.9, "{becomes}: {least}");
        assert!(scores[3400..].iter().all(|s| s.state == AnomalyState::Normal), "{becomes}");
        assert_eq!(alarms(&scores).len(), 1, "{becomes}");
    }
}

fn recovery_is_not_flagged(model: Model) {
    let scores = run(model, 3 * DAY, |minute| {
        let value = 100.0 + 3.0 * noise(minute);
        if (2880..2940).contains(&minute) { 0.0 } else { value }
    });
    assert_eq!(alarms(&scores), [2880]);
    assert!(scores[2940..].iter().all(|score| score.score < 1.5), "{:?}", &scores[2940].score);
    assert!(scores[2975..].iter().all(|score| score.state == AnomalyState::Normal));
}

fn where_one_side_counts_the_recovery_from_the_other_is_not_flagged(model: Model) {
    for (direction, becomes) in [(Direction::Below, 10.0), (Direction::Above, 0.1)] {
        let narrowing = Narrowing { direction, ..Narrowing::default() };
        for minutes in [1, 5, 30, 120] {
            let scores = run_with(model, &Config { narrowing, ..config() }, 3 * DAY, |minute| {
                let value = 100.0 + 3.0 * noise(minute);
                if (2880..2880 + minutes).contains(&minute) { becomes * value } else { value }
            });
            assert_eq!(alarms(&scores), [0; 0], "{direction:?}, {minutes} minutes");
        }
    }
}

fn a_spike_of_50_does_not_blind_it_to_a_4_fold_incident(model: Model) {
    let scores = run(model, 4 * DAY, |minute| {
        let value = 100.0 + 3.0 * noise(minute);
        match minute - 2 * DAY {
            0..30 => 50.0 * value,
            750..810 => 4.0 * value,
            1770..1830 => 4.0 * value,
            _ => value,
        }
    });
    assert_eq!(alarms(&scores), [2880, 3630, 4650]);
    let (clean, after) = (scores[2879], scores[3629]);
    assert!(after.upper - after.lower < 2.0 * (clean.upper - clean.lower), "{clean:?} {after:?}");
}

fn a_daily_peak_is_normal_once_two_days_have_shown_it(model: Model) {
    let scores = run(model, 8 * DAY, |minute| {
        let value = 100.0 + 3.0 * noise(minute);
        if (600..660).contains(&(minute % DAY)) { 4.0 * value } else { value }
    });
    let alarms = alarms(&scores);
    assert!(alarms.iter().all(|minute| *minute < 2 * DAY as usize), "{alarms:?}");
}

#[test]
fn a_missing_daily_peak_alarms() {
    // Smooth seasons, as those of the model `prophet`, do not hold a peak's edges.
    [Model::Auto, Model::Seasonal].into_iter().for_each(a_missing_daily_peak_alarms_by);
}

fn a_missing_daily_peak_alarms_by(model: Model) {
    let scores = run(model, 8 * DAY, |minute| {
        let value = 100.0 + 3.0 * noise(minute);
        if (480..780).contains(&(minute % DAY)) && minute < 7 * DAY { 4.0 * value } else { value }
    });
    let alarms: Vec<_> = alarms(&scores).into_iter().filter(|minute| *minute >= 3 * DAY as usize).collect();
    assert!(alarms.len() == 1 && (10_575..10_600).contains(&alarms[0]), "{alarms:?}");
}

fn a_constant_series_alarms_on_its_first_step_and_not_on_rounding(model: Model) {
    for constant in [0.0, 1.0, -20.0, 0.1 + 0.2, 1e-300, 1e299] {
        let scores = run(model, 1000, |minute| match minute {
            700.. => constant * 1.01 + if constant == 0.0 { 1e-6 } else { 0.0 },
            _ => constant * (1.0 + f64::EPSILON * (minute % 3) as f64),
        });
        assert_eq!(alarms(&scores), [700], "{constant}");
    }
}

#[test]
fn a_series_that_stands_still_alarms_once_and_is_accepted_once() {
    for (stuck, from) in [(100.0, 4 * DAY), (103.0, 4 * DAY + 17)] {
        let scores = run(Model::Auto, 6 * DAY, |minute| {
            if (from..from + 900).contains(&minute) { stuck } else { 100.0 + 3.0 * noise(minute) }
        });
        let (alarms, from) = (alarms(&scores), from as usize);
        assert!(alarms.len() == 1 && (from + 30..from + 75).contains(&alarms[0]), "{stuck}: {alarms:?}");
        let accepted: Vec<_> =
            (0..scores.len()).filter(|i| scores[*i].state == AnomalyState::NewLevel).collect();
        assert!(accepted.len() == 1 && (from + 505..from + 560).contains(&accepted[0]), "{accepted:?}");
        assert!(scores[from + 900..].iter().all(|score| score.score < 1.0), "moving again is no anomaly");
    }
}

#[test]
fn what_moves_rarely_by_nature_may_stand_still() {
    let scores = run(Model::Auto, 12 * DAY, |minute| match minute % DAY {
        0..420 => 0.0,
        _ => (minute / 7 % 5) as f64,
    });
    assert!(alarms(&scores[3 * DAY as usize..]).is_empty());
}

#[test]
fn a_level_far_from_the_first_values_blurs_nothing() {
    let scores = run(Model::Auto, 4000, |minute| {
        let level = if minute < 200 { 0.0 } else { 1e8 };
        level + 3.0 * noise(minute) + if minute >= 3900 { 1000.0 } else { 0.0 }
    });
    let alarms: Vec<_> = alarms(&scores).into_iter().filter(|minute| *minute > 1500).collect();
    assert!(alarms.len() == 1 && (3900..3905).contains(&alarms[0]), "{alarms:?}");
}

fn noise_keeps_the_budget(model: Model) {
    let mut total = 0;
    for seed in 0..4 {
        let mut wander = 0.0;
        let walk: Vec<f64> = (0..15 * DAY)
            .map(|minute| {
                wander = 0.95 * wander + noise(minute + seed * 1_000_000);
                [noise(minute + seed * 7_777_777), wander][(seed % 2) as usize]
            })
            .collect();
        total += alarms(&run(model, 15 * DAY, |minute| 50.0 + walk[minute as usize])).len();
    }
    assert!(total <= 6, "{total} alarms in 60 series-days, 2 were allowed");
}

fn a_gap_of_hours_costs_neither_memory_nor_an_alarm(model: Model) {
    let mut detector = model.build(&config());
    for minute in (0..3 * DAY).filter(|minute| !(1500..1900).contains(minute)) {
        let score = detector.observe(sample(minute, 100.0 + 3.0 * noise(minute))).unwrap();
        assert!(!score.alarm, "minute {minute}");
        assert!(minute < 100 || (score.expected - 100.0).abs() < 9.0);
    }
}
