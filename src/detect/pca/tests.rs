//! What `pca` promises, on groups whose truth is known and on any stream of doubles.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::detect::{Config, Model};
use crate::model::Sample;

const MINUTE: i64 = 60_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_040_000 + minute * MINUTE)
}

fn config() -> PcaConfig {
    PcaConfig::new(Duration::from_secs(60))
}

fn normal(seed: i64) -> f64 {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// Load of a host, wandering between quiet and busy.
fn load(minute: i64) -> f64 {
    (minute as f64 / 97.0).sin() + 0.3 * normal(minute)
}

/// Four metrics that follow the load, each with a unit and a noise of its own.
fn host(minute: i64, load: f64) -> [f64; 4] {
    let noise = |metric: i64| 0.1 * normal(minute * 7 + metric * 1_000_003);
    [
        40.0 + 20.0 * (load + noise(1)),
        2e9 + 4e8 * (load + noise(2)),
        0.02 - 0.005 * (load + noise(3)),
        900.0 * (3.0 + load + noise(4)),
    ]
}

fn taught(minutes: i64) -> Pca {
    let mut pca = Pca::new(4, config()).unwrap();
    (0..minutes).for_each(|minute| {
        pca.observe(at(minute), &host(minute, load(minute)));
    });
    pca
}

fn values(reading: Option<&[Statistic; 2]>) -> [f64; 2] {
    reading.unwrap().each_ref().map(Statistic::value)
}

#[test]
fn q_sees_a_broken_correlation_that_no_member_shows_by_itself() {
    let univariate = Config::plain(Duration::from_secs(60));
    let mut pca = taught(0);
    let mut alone: Vec<_> =
        (0..8).map(|n| [Model::Auto, Model::Seasonal][n / 4].build(&univariate)).collect();
    // A flat load of 0.2, then the second metric says -0.6 for one minute; both are everyday values.
    for minute in 0..3000 {
        let mut row = host(minute, load(minute));
        if minute == 2999 {
            row = host(minute, 0.3);
            row[1] = host(minute, -0.7)[1];
        }
        let reading = pca.observe(at(minute), &row).cloned();
        for (n, detector) in alone.iter_mut().enumerate() {
            let score = detector.observe(Sample { at: at(minute), value: row[n % 4] }).unwrap();
            assert!(minute < 2999 || score.score < 1.0, "member {}: {score:?}", n % 4);
        }
        if minute == 2999 {
            let [t2, q] = reading.unwrap();
            assert!(t2.value() < 1.0 && q.value() > 4.0, "{t2:?} {q:?}");
            assert!(q.shares[1] > 0.5, "{q:?}");
        }
    }
}

#[test]
fn t2_sees_too_much_of_the_usual() {
    let mut pca = taught(3000);
    let [t2, q] = pca.observe(at(3000), &host(3000, 7.0)).cloned().unwrap();
    assert!(t2.value() > 1.5 && q.value() < 1.0, "{t2:?} {q:?}");
    assert!(t2.shares.iter().all(|share| (0.1..0.5).contains(share)), "{t2:?}");
}

#[test]
fn the_limits_are_exceeded_about_once_in_a_thousand_rows() {
    let mut pca = Pca::new(6, config()).unwrap();
    let mut beyond = [0; 2];
    for minute in 0..20_000 {
        let common = normal(minute);
        let row: [f64; 6] = std::array::from_fn(|metric| {
            common * (metric % 2) as f64 + normal(minute * 11 + metric as i64 * 7_777_777)
        });
        if let Some(reading) = pca.observe(at(minute), &row) {
            (0..2).for_each(|n| beyond[n] += usize::from(reading[n].value() > 1.0));
        }
    }
    assert!(beyond.iter().all(|count| (5..80).contains(count)), "{beyond:?}");
}

#[test]
fn the_unit_of_a_member_does_not_matter() {
    let (mut plain, mut scaled) = (taught(0), taught(0));
    let units = [1e-9, 1024.0, -3.0, 1e12];
    for minute in 0..2000 {
        let row = host(minute, load(minute));
        let other: [f64; 4] = std::array::from_fn(|metric| row[metric] * units[metric]);
        let (a, b) = (plain.observe(at(minute), &row), scaled.observe(at(minute), &other));
        for (a, b) in a.into_iter().flatten().zip(b.into_iter().flatten()) {
            assert!((a.value() - b.value()).abs() <= 1e-6 * a.value().max(1e-3), "{minute}: {a:?} {b:?}");
        }
    }
    assert!(plain.components() > 0);
}

#[test]
fn a_missing_member_has_no_share_and_half_of_them_no_reading() {
    let mut pca = taught(3000);
    let mut row = host(3000, 1.0);
    row[2] = f64::NAN;
    let [t2, q] = pca.observe(at(3000), &row).cloned().unwrap();
    assert!(t2.value() < 1.0 && q.value() < 1.0, "{t2:?} {q:?}");
    assert_eq!((t2.shares[2], q.shares[2]), (0.0, 0.0));
    row[0] = f64::INFINITY;
    assert_eq!(pca.observe(at(3001), &row), None);
    assert!(pca.observe(at(3002), &host(3002, 1.0)).is_some());
}

#[test]
fn a_member_that_stays_away_does_not_stop_the_others() {
    let mut pca = Pca::new(4, config()).unwrap();
    let readings = (0..2000).filter(|minute| {
        let mut row = host(*minute, load(*minute));
        row[3] = f64::NAN;
        pca.observe(at(*minute), &row).is_some()
    });
    assert_eq!(readings.count(), 1900);
}

#[test]
fn broken_rows_teach_little() {
    let mut pca = taught(3000);
    let mut broken = |minute: i64| {
        let mut row = host(minute, 0.5);
        row[1] = host(minute, -2.0)[1];
        values(pca.observe(at(minute), &row))[1]
    };
    let first: f64 = (3000..3010).map(&mut broken).sum();
    let last: f64 = (3010..3370).map(&mut broken).skip(350).sum();
    assert!(last > 0.7 * first, "six hours later {last}, at first {first}");
}

#[test]
fn late_rows_and_rows_of_another_length_change_nothing() {
    let mut pca = taught(500);
    let before = postcard::to_stdvec(pca.state()).unwrap();
    assert_eq!(pca.observe(at(499), &host(499, 0.0)), None);
    assert_eq!(pca.observe(at(3), &host(499, 0.0)), None);
    assert_eq!(pca.observe(at(500), &[1.0; 5]), None);
    assert_eq!(postcard::to_stdvec(pca.state()).unwrap(), before);
}

#[test]
fn constant_members_take_no_part_until_they_vary() {
    let mut pca = Pca::new(4, config()).unwrap();
    for minute in 0..3000 {
        let [a, b, ..] = host(minute, load(minute));
        let third = if minute < 1500 { 5.0 } else { load(minute) };
        if let Some([t2, q]) = pca.observe(at(minute), &[a, b, third, 0.0]) {
            assert!(minute >= 1500 || t2.shares[2] + q.shares[2] == 0.0);
            assert!(t2.shares[3] + q.shares[3] == 0.0);
        }
    }
    let [a, b, ..] = host(3000, 0.5);
    let t2 = &pca.observe(at(3000), &[a, b, 20.0, 0.0]).unwrap()[0];
    assert!(t2.value() > 2.0 && t2.shares[2] > 0.5, "{t2:?}");
    let mut nothing = Pca::new(2, config()).unwrap();
    assert!((0..500).all(|minute| nothing.observe(at(minute), &[1.0, 2.0]).is_none()));
}

#[test]
fn its_size_does_not_grow() {
    let mut pca = Pca::new(8, config()).unwrap();
    let mut sizes = Vec::new();
    for minute in 0..40_000 {
        let row: [f64; 8] = std::array::from_fn(|metric| normal(minute * 8 + metric as i64));
        pca.observe(at(minute), &row);
        if minute % 10_000 == 9_999 {
            sizes.push(postcard::to_stdvec(pca.state()).unwrap().len());
        }
    }
    assert!(sizes.iter().all(|size| *size < 2000), "{sizes:?}");
}

#[test]
fn groups_too_small_too_large_or_of_others_are_refused() {
    for columns in [0, 1, 65, usize::MAX] {
        assert_eq!(Pca::new(columns, config()).err(), Some(Unfit::Columns(columns)));
    }
    let state = taught(300).state().clone();
    assert_eq!(Pca::restore(5, config(), state.clone()).err(), Some(Unfit::Other { stored: 4, wanted: 5 }));
    let damage: [fn(&mut Running); 4] = [
        |running| running.moments.mean.push(0.0),
        |running| running.moments.mean[0] = f64::NAN,
        |running| running.components.as_mut().unwrap().noise = 0.0,
        |running| running.components.as_mut().unwrap().variances = ndarray::array![1.0, 1.0, 1.0, 1.0],
    ];
    for damage in damage {
        let mut state = state.clone();
        let Phase::Running(running) = &mut state.phase else { panic!("300 rows are enough") };
        damage(running);
        assert_eq!(Pca::restore(4, config(), state).err(), Some(Unfit::Damaged));
    }
}

/// Rows of any doubles, tame ones among them, at any times.
fn rows() -> impl Strategy<Value = Vec<(i64, Vec<f64>)>> {
    let value = prop_oneof![
        6 => 0.0..100.0,
        2 => Just(5.0),
        1 => any::<f64>(),
        1 => prop_oneof![Just(f64::NAN), Just(1e300), Just(-1e300), Just(1e-300), Just(f64::MAX)],
    ];
    let step = prop_oneof![8 => Just(MINUTE), 1 => -100_000i64..10_000_000];
    prop::collection::vec((step, prop::collection::vec(value, 3)), 100..500)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_stream_makes_it_panic_or_answer_nonsense(rows in rows()) {
        let mut pca = Pca::new(3, config()).unwrap();
        let mut now = 0;
        for (step, row) in rows {
            now += step;
            let Some(reading) = pca.observe(Timestamp::from_millis(now), &row) else { continue };
            for statistic in reading {
                prop_assert!(statistic.value() >= 0.0 && statistic.value().is_finite(), "{statistic:?}");
                let sum: f64 = statistic.shares.iter().sum();
                prop_assert!(statistic.shares.iter().all(|share| *share >= 0.0), "{statistic:?}");
                prop_assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-9, "{statistic:?}");
            }
        }
    }

    #[test]
    fn a_restored_model_goes_on_to_the_bit(rows in rows(), cut in 0usize..500) {
        let (mut whole, mut part) = (Pca::new(3, config()).unwrap(), Pca::new(3, config()).unwrap());
        let mut now = 0;
        for (number, (step, row)) in rows.into_iter().enumerate() {
            now += step;
            if number == cut {
                let bytes = postcard::to_stdvec(part.state()).unwrap();
                part = Pca::restore(3, config(), postcard::from_bytes(&bytes).unwrap()).unwrap();
            }
            let at = Timestamp::from_millis(now);
            prop_assert_eq!(whole.observe(at, &row), part.observe(at, &row));
        }
    }
}
