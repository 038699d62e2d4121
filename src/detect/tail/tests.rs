//! The calibration against distributions whose tails are known.

use super::*;
use proptest::prelude::*;
use statrs::distribution::{ContinuousCDF, Normal};

const MEMORY: f64 = 20_000.0;

fn learned(values: impl IntoIterator<Item = f64>) -> Tail {
    let mut tail = Tail::default();
    values.into_iter().for_each(|value| tail.learn(value, 1.0, MEMORY));
    tail
}

/// Upper halves of normal residuals, in a fixed but shuffled order.
fn normal(count: usize, scale: f64) -> Vec<f64> {
    let normal = Normal::new(0.0, scale).unwrap();
    let mut order = fastrand::Rng::with_seed(7);
    (0..count).map(|_| normal.inverse_cdf(order.f64().clamp(1e-9, 1.0 - 1e-9)).max(0.0)).collect()
}

#[test]
fn the_body_is_the_share_seen_and_the_tail_is_somewhat_heavier_than_the_normal() {
    let tail = learned(normal(20_000, 3.0));
    let fit = tail.fit(Prior::RESIDUAL, 1e-300);
    let reference = Normal::new(0.0, 3.0).unwrap();
    for (sigmas, least) in [(0.5, 0.97), (1.0, 0.97), (1.5, 0.97), (2.0, 0.9), (3.0, 0.8), (4.0, 0.65)] {
        let exact = -reference.sf(3.0 * sigmas).log10();
        let share = tail.evidence(&fit, 3.0 * sigmas) / exact;
        assert!((least..1.03).contains(&share), "{sigmas} sigma: {share}");
    }
}

#[test]
fn the_scale_of_the_values_does_not_matter() {
    let evidence = |scale: f64| {
        let tail = learned(normal(2000, 1.0).into_iter().map(|value| value * scale));
        tail.evidence(&tail.fit(Prior::RESIDUAL, 1e-300), 8.0 * scale)
    };
    for exponent in [-600, -40, -3, 5, 40, 600] {
        let scale = 2f64.powi(exponent);
        assert!((evidence(scale) - evidence(1.0)).abs() < 1e-9, "2^{exponent}");
    }
}

#[test]
fn a_change_of_scale_is_followed() {
    for factor in [1e-9, 1e9] {
        let mut tail = learned(normal(2000, 1.0));
        normal(8000, factor).into_iter().for_each(|value| tail.learn(value, 1.0, 500.0));
        let at = |value: f64| tail.evidence(&tail.fit(Prior::RESIDUAL, 1e-300), value);
        assert!(
            at(factor) < 1.5 && at(20.0 * factor) > 3.0,
            "factor {factor}: {} {}",
            at(factor),
            at(20.0 * factor)
        );
    }
}

#[test]
fn one_absurd_value_does_not_move_the_range() {
    let mut tail = learned(normal(2000, 1.0));
    let before = tail.evidence(&tail.fit(Prior::RESIDUAL, 1e-300), 8.0);
    tail.learn(1e300, 1.0, MEMORY);
    let after = tail.evidence(&tail.fit(Prior::RESIDUAL, 1e-300), 8.0);
    assert!((before - after).abs() < 0.6, "{before} {after}");
}

#[test]
fn what_has_been_seen_often_is_not_called_rare() {
    let rarely = learned((0..5000).map(|i| if i % 2000 == 1999 { 1.0 } else { 0.0 }));
    let often = learned((0..5000).map(|i| if i % 100 == 99 { 1.0 } else { 0.0 }));
    let at = |tail: &Tail| tail.evidence(&tail.fit(Prior::RESIDUAL, 1e-300), 1.0);
    assert!(at(&often) < 2.4, "{}", at(&often));
    assert!(at(&rarely) > 3.5, "{}", at(&rarely));
}

proptest! {
    #[test]
    fn evidence_never_falls_as_the_residual_grows(
        values in prop::collection::vec(prop_oneof![Just(0.0), 0.0..1e3, any::<f64>().prop_map(f64::abs)
            .prop_filter("finite", |v| v.is_finite())], 1..400),
        mut probes in prop::collection::vec(prop_oneof![1e-6..1e6, 1e-300..1e300], 2..40),
    ) {
        let tail = learned(values);
        let fit = tail.fit(Prior::RESIDUAL, 1e-300);
        probes.sort_by(f64::total_cmp);
        let evidences: Vec<f64> = probes.iter().map(|probe| tail.evidence(&fit, *probe)).collect();
        prop_assert!(evidences.iter().all(|e| e.is_finite() && *e >= 0.0), "{evidences:?}");
        prop_assert!(evidences.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9), "{evidences:?}");
    }
}
