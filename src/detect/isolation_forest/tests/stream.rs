//! The model over a stream: when it learns, what it refuses to learn, and when it grows a new forest.

use std::time::Duration;

use super::*;
use crate::detect::isolation_forest::{Cause, Damage, ForestModel, ForestState, ModelConfig, Reading};
use crate::model::Timestamp;

const START: i64 = 1_700_000_000_000;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(START + minute * 60_000)
}

fn config() -> ModelConfig {
    let forest = Config { trees: 25.try_into().unwrap(), ..Config::default() };
    ModelConfig { forest, rows: 1024.try_into().unwrap(), ..ModelConfig::default() }
}

fn model() -> ForestModel {
    ForestModel::new(3.try_into().unwrap(), config())
}

/// Three series of one host: two move together, the third is noise.
fn usual(minute: i64) -> [f64; 3] {
    let mut random = Random::new(minute as u64);
    let load = normal(&mut random);
    [load, 0.8 * load + 0.3 * normal(&mut random), normal(&mut random)]
}

/// Observes the usual, a row each so many minutes.
fn run(model: &mut ForestModel, minutes: std::ops::Range<i64>, every: usize) -> Vec<Reading> {
    minutes.step_by(every).filter_map(|minute| model.observe(at(minute), &usual(minute))).collect()
}

/// Observes rows displaced by so much in every column; gives their scores.
fn displaced(model: &mut ForestModel, minutes: std::ops::Range<i64>, by: f64) -> Vec<f64> {
    let row = |minute| usual(minute).map(|value| value + by);
    minutes.map(|minute| model.observe(at(minute), &row(minute)).unwrap().score).collect()
}

fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len() as f64
}

fn cause(model: &ForestModel) -> Option<Cause> {
    model.forest().map(|(_, cause)| cause)
}

#[test]
fn the_first_rows_are_only_learnt() {
    let mut model = model();
    assert!(run(&mut model, 0..128, 1).is_empty());
    assert_eq!(cause(&model), Some(Cause::Growth));
    assert_eq!(run(&mut model, 128..200, 1).len(), 72);
}

#[test]
fn the_odd_column_of_a_row_is_named_first() {
    let mut model = model();
    run(&mut model, 0..2000, 1);
    let reading = model.observe(at(2000), &[0.0, 0.0, 9.0]).unwrap();
    assert!(reading.score > 0.5 && reading.contributions[2] > 0.5, "{reading:?}");
}

#[test]
fn a_row_that_cannot_be_used_changes_nothing() {
    let mut model = model();
    run(&mut model, 0..300, 1);
    let before = postcard::to_stdvec(model.state()).unwrap();
    let bad: [(i64, &[f64]); 6] = [
        (299, &[0.0; 3]),
        (10, &[0.0; 3]),
        (300, &[0.0; 2]),
        (300, &[]),
        (300, &[f64::NAN, 0.0, 0.0]),
        (300, &[0.0, f64::INFINITY, 0.0]),
    ];
    for (minute, row) in bad {
        assert_eq!(model.observe(at(minute), row), None, "{minute} {row:?}");
    }
    assert_eq!(postcard::to_stdvec(model.state()).unwrap(), before);
}

#[test]
fn reading_a_row_does_not_learn_it() {
    let mut model = model();
    run(&mut model, 0..300, 1);
    let before = postcard::to_stdvec(model.state()).unwrap();
    let read = model.read(&usual(300));
    assert_eq!(postcard::to_stdvec(model.state()).unwrap(), before);
    assert_eq!(read, model.observe(at(300), &usual(300)));
}

#[test]
fn a_forest_is_grown_anew_once_a_day() {
    let mut model = model();
    run(&mut model, 0..3 * DAY, 5);
    let mut grown = Vec::new();
    for minute in (3 * DAY..6 * DAY).step_by(5) {
        let before = model.forest().map(|(forest, _)| forest.clone());
        model.observe(at(minute), &usual(minute));
        if model.forest().map(|(forest, _)| forest.clone()) != before {
            grown.push((minute, cause(&model).unwrap()));
        }
    }
    assert!(grown.iter().all(|(_, cause)| *cause == Cause::Schedule), "{grown:?}");
    assert!(grown.len() == 3 && grown.windows(2).all(|two| two[1].0 - two[0].0 == DAY), "{grown:?}");
}

#[test]
fn models_of_other_seeds_take_turns() {
    let turn = |seed| {
        let mut config = config();
        config.forest.seed = seed;
        let mut model = ForestModel::new(3.try_into().unwrap(), config);
        run(&mut model, 0..200, 1);
        (201..200 + 2 * DAY).step_by(10).find(|minute| {
            model.observe(at(*minute), &usual(*minute));
            cause(&model) == Some(Cause::Schedule)
        })
    };
    let turns: std::collections::BTreeSet<_> = (0..8).map(turn).collect();
    assert!(turns.len() >= 6, "{turns:?}");
}

#[test]
fn an_incident_of_six_hours_is_still_one_when_it_comes_again() {
    let mut model = model();
    run(&mut model, 0..3 * DAY, 1);
    let first = displaced(&mut model, 3 * DAY..3 * DAY + 6 * HOUR, 6.0);
    run(&mut model, 3 * DAY + 6 * HOUR..6 * DAY, 1);
    let again = displaced(&mut model, 6 * DAY..6 * DAY + 6 * HOUR, 6.0);
    assert_ne!(cause(&model), Some(Cause::Drift));
    assert!(mean(&first) > 0.65 && mean(&again) > mean(&first) - 0.05, "{} {}", mean(&first), mean(&again));
}

#[test]
fn what_lasts_is_taken_over_once() {
    let mut model = model();
    let quiet = run(&mut model, 0..3 * DAY, 1);
    let quiet: Vec<f64> = quiet[2000..].iter().map(|reading| reading.score).collect();
    let (mut drifts, mut scores) = (Vec::new(), Vec::new());
    for minute in 3 * DAY..6 * DAY {
        let before = model.forest().map(|(forest, _)| forest.clone());
        scores.extend(displaced(&mut model, minute..minute + 1, 6.0));
        let grown = model.forest().map(|(forest, _)| forest.clone()) != before;
        if grown && cause(&model) == Some(Cause::Drift) {
            drifts.push((minute - 3 * DAY) / HOUR);
        }
    }
    assert!(drifts.len() == 1 && (6..=8).contains(&drifts[0]), "hours until a drift: {drifts:?}");
    assert!(mean(&scores[..60]) > 0.65, "{}", mean(&scores[..60]));
    let late = mean(&scores[scores.len() - 1440..]);
    assert!((-0.1..0.05).contains(&(late - mean(&quiet))), "{late} against {}", mean(&quiet));
}

#[test]
fn nothing_drifts_while_days_are_alike() {
    let mut model = model();
    for minute in 0..10 * DAY {
        let phase = std::f64::consts::TAU * (minute % DAY) as f64 / DAY as f64;
        let row = usual(minute).map(|value| value + 3.0 * phase.sin());
        model.observe(at(minute), &row);
        assert!(minute < 2 * DAY || cause(&model) != Some(Cause::Drift), "at minute {minute}");
    }
}

#[test]
fn a_restored_model_goes_on_to_the_bit() {
    let mut model = model();
    run(&mut model, 0..2000, 1);
    let bytes = postcard::to_stdvec(model.state()).unwrap();
    let state: ForestState = postcard::from_bytes(&bytes).unwrap();
    let mut restored = ForestModel::restore(3.try_into().unwrap(), config(), state).unwrap();
    assert_eq!(run(&mut model, 2000..6000, 1), run(&mut restored, 2000..6000, 1));
    assert_eq!(displaced(&mut model, 6000..7000, 5.0), displaced(&mut restored, 6000..7000, 5.0));
    assert_eq!(postcard::to_stdvec(model.state()), postcard::to_stdvec(restored.state()));
}

#[test]
fn a_state_of_other_rows_is_refused() {
    let mut model = model();
    run(&mut model, 0..300, 1);
    let refused = ForestModel::restore(4.try_into().unwrap(), config(), model.state().clone());
    assert_eq!(refused.err(), Some(Damage::Columns { stored: 3, wanted: 4 }));
}

#[test]
fn fewer_rows_to_remember_are_kept_to_at_once() {
    let mut model = model();
    run(&mut model, 0..1000, 1);
    let fewer = ModelConfig { rows: 256.try_into().unwrap(), ..config() };
    let size = |model: &ForestModel| postcard::to_stdvec(model.state()).unwrap().len();
    let before = size(&model);
    model.configure(fewer);
    assert!(size(&model) + 700 * 24 < before);
    assert_eq!(run(&mut model, 1000..1500, 1).len(), 500);
}

#[test]
fn memory_does_not_grow_with_the_stream() {
    let mut model = model();
    for day in 0..20 {
        run(&mut model, day * DAY..(day + 1) * DAY, 1);
        let size = postcard::to_stdvec(model.state()).unwrap().len();
        assert!(size < 100_000, "{size} bytes after day {day}; a row is 24");
    }
}

#[test]
fn settings_of_no_length_still_make_a_model() {
    let none = ModelConfig {
        memory: Duration::ZERO,
        retrain_every: Duration::ZERO,
        drift_after: Duration::ZERO,
        ..config()
    };
    let mut model = ForestModel::new(3.try_into().unwrap(), none);
    assert_eq!(run(&mut model, 0..400, 1).len(), 272);
}
