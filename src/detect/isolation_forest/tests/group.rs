//! The forest as the model of a group: a ratio scale, the void between what was learnt, missing members.

use crate::detect::GroupModel;
use crate::detect::isolation_forest::{GroupForest, ModelConfig};
use crate::model::Timestamp;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_040_000 + minute * 60_000)
}

/// Three members that are low or high together.
fn together(minute: i64) -> [f64; 3] {
    let mut random = fastrand::Rng::with_seed(minute as u64);
    let level = if minute / 100 % 2 == 0 { 10.0 } else { 30.0 };
    std::array::from_fn(|_| level + random.f64())
}

fn taught() -> GroupForest {
    let mut model = GroupForest::new(3.try_into().unwrap(), ModelConfig::default());
    for minute in 0..1200 {
        model.observe(at(minute), &together(minute));
    }
    model
}

/// Value and shares of a row; the model does not keep it.
fn read(row: &[f64]) -> Option<(f64, Vec<f64>)> {
    let mut model = taught();
    let statistic = model.observe(at(1200), row)?.first()?;
    Some((statistic.value(), statistic.shares.clone()))
}

#[test]
fn a_row_where_nothing_was_seen_is_rarer_than_any_edge_of_what_was() {
    let (low, high) = (read(&[10.0, 10.0, 10.0]).unwrap().0, read(&[31.0, 31.0, 31.0]).unwrap().0);
    let edge = low.max(high);
    for (what, row) in [
        ("one goes the other way", [30.5, 10.5, 30.5]),
        ("all lie between", [20.0, 20.0, 20.0]),
        ("one lies far beyond", [30.5, 30.5, 300.0]),
        ("all lie far beyond", [300.0, 300.0, 300.0]),
    ] {
        let (value, shares) = read(&row).unwrap();
        assert!(value > 1.5 * edge && value > 1.0, "{what}: {value}, at an edge {edge}");
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{what}: {shares:?}");
    }
    let (_, shares) = read(&[30.5, 30.5, 300.0]).unwrap();
    assert!(shares[2] > 0.8, "{shares:?}");
}

#[test]
fn a_missing_member_has_no_share_and_the_row_teaches_nothing() {
    let mut model = taught();
    let before = postcard::to_stdvec(model.state()).unwrap();
    let statistic = model.observe(at(1200), &[f64::NAN, 10.5, 300.0]).unwrap()[0].clone();
    assert!(
        statistic.value() > 1.0 && statistic.shares[0] == 0.0 && statistic.shares[2] > 0.5,
        "{statistic:?}"
    );
    assert!((statistic.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(model.observe(at(1201), &[f64::NAN, f64::INFINITY, 300.0]).is_none(), "half of them are missing");
    assert_eq!(postcard::to_stdvec(model.state()).unwrap(), before);
}

#[test]
fn rows_without_any_spread_are_all_alike() {
    let mut model = GroupForest::new(2.try_into().unwrap(), ModelConfig::default());
    for minute in 0..700 {
        let read = model.observe(at(minute), &[5.0, f64::MAX]).map(|statistics| statistics[0].clone());
        assert!(read.is_none_or(|statistic| statistic.raw == 1.0 && statistic.limit == 1.0), "{minute}");
    }
}
