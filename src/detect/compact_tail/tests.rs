//! What the compact tail promises.

use super::*;

const LEAST: f64 = 1e-9;

/// Heavy-tailed residuals: survival x^-3 above 1.
fn heavy(count: u64) -> CompactTail {
    let mut tail = CompactTail::default();
    let mut random = fastrand::Rng::with_seed(7);
    (0..count).for_each(|_| tail.learn((1.0 - random.f64()).powf(-1.0 / 3.0), 1.0, 20_000.0));
    tail
}

#[test]
fn the_tail_of_a_known_distribution_is_found() {
    let tail = heavy(20_000);
    let fit = tail.fit(LEAST);
    for (residual, expected) in [(2.0, 0.903), (4.0, 1.806), (10.0, 3.0)] {
        let evidence = tail.evidence(&fit, residual);
        assert!((evidence - expected).abs() < 0.2, "{residual}: {evidence}");
    }
}

#[test]
fn evidence_never_falls_and_the_edge_is_where_it_reaches_the_line() {
    for count in [0, 1, 30, 500, 20_000] {
        let tail = heavy(count);
        let fit = tail.fit(LEAST);
        let mut before = 0.0;
        for step in 0..6000 {
            let evidence = tail.evidence(&fit, 1e-12 * 1.01f64.powi(step));
            assert!(evidence >= before && evidence.is_finite(), "{count} {step}: {evidence} {before}");
            before = evidence;
        }
        for line in [2.0, 3.0, 4.5] {
            let edge = tail.edge(&fit, line, power_of_ten(-line));
            let (inside, outside) = (tail.evidence(&fit, edge * 0.999), tail.evidence(&fit, edge * 1.001));
            assert!(inside <= line && line <= outside, "{count} {line}: {inside} {outside}");
        }
    }
}

#[test]
fn what_was_often_seen_is_not_rare() {
    let mut tail = CompactTail::default();
    for step in 0..10_000u32 {
        tail.learn(if step % 100 == 0 { 500.0 } else { 1.0 }, 1.0, 20_000.0);
    }
    let evidence = tail.evidence(&tail.fit(LEAST), 500.0);
    assert!(evidence < 2.2, "{evidence}");
    let edge = tail.edge(&tail.fit(LEAST), 3.0, 1e-3);
    assert!(edge > 500.0 && edge < 5000.0, "{edge}");
}

#[test]
fn the_range_follows_values_by_any_factor_and_either_way() {
    for factor in [1e-200, 1e-6, 1e6, 1e200] {
        let mut tail = heavy(3000);
        let mut random = fastrand::Rng::with_seed(8);
        (0..40_000).for_each(|_| tail.learn(factor * (1.0 + random.f64()), 1.0, 2000.0));
        let edge = tail.edge(&tail.fit(LEAST * factor), 3.0, 1e-3);
        assert!(edge > 1.9 * factor && edge < 10.0 * factor, "{factor}: {edge}");
    }
}

#[test]
fn a_range_of_the_wrong_length_is_refused() {
    let bytes = postcard::to_stdvec(&heavy(10)).unwrap();
    assert!(postcard::from_bytes::<CompactTail>(&bytes).is_ok());
    assert!(postcard::from_bytes::<CompactTail>(&bytes[1..]).is_err());
    assert!(postcard::from_bytes::<CompactTail>(&bytes[..50]).is_err());
}
