//! What holds for any stream of doubles.

use proptest::prelude::*;

use super::*;
use crate::model::AnomalyState;

/// Any doubles, tame ones among them, at any times.
fn stream() -> impl Strategy<Value = Vec<Sample>> {
    let value = prop_oneof![
        6 => 0.0..100.0,
        2 => Just(5.0),
        1 => any::<f64>(),
        1 => prop_oneof![Just(f64::NAN), Just(1e300), Just(-1e300), Just(1e-300), Just(f64::MAX), Just(-0.0)],
    ];
    let step = prop_oneof![8 => Just(60_000i64), 1 => -100_000i64..10_000_000];
    prop::collection::vec((step, value), 150..600).prop_map(|steps| {
        let mut at = 1_699_999_200_000;
        let advance = |(step, value)| {
            at += step;
            Sample { at: Timestamp::from_millis(at), value }
        };
        steps.into_iter().map(advance).collect()
    })
}

fn model() -> impl Strategy<Value = Model> {
    prop::sample::select(&MODELS[..])
}

fn narrowing() -> impl Strategy<Value = Narrowing> {
    let direction = prop_oneof![Just(Direction::Both), Just(Direction::Above), Just(Direction::Below)];
    let least = prop_oneof![Just(0.0), 0.0..50.0, Just(1e300)];
    let share = prop_oneof![2 => Just(0.0), 1 => 0.0..2.0, 1 => Just(1e300)];
    let range = prop_oneof![
        2 => Just((f64::NEG_INFINITY, f64::INFINITY)),
        1 => Just((0.0, f64::INFINITY)),
        1 => Just((f64::NEG_INFINITY, 50.0)),
        1 => Just((4.0, 60.0)),
    ];
    let lasting = prop_oneof![Just(0), 1u64..20_000];
    (direction, least, share, range, lasting).prop_map(|(direction, least, share, (low, high), lasting)| {
        Narrowing {
            direction,
            min_deviation: least,
            min_relative_deviation: share,
            data_range: DataRange::new(low, high).unwrap(),
            min_duration: Duration::from_secs(lasting),
        }
    })
}

fn settings() -> impl Strategy<Value = Config> {
    (narrowing(), 1u64..7200).prop_map(|(narrowing, interval)| Config {
        interval: Duration::from_secs(interval),
        narrowing,
        ..config()
    })
}

/// Scores by their bits, so that NaN values compare as well.
fn bits(score: &Option<Score>) -> Option<([u64; 5], i64, AnomalyState, bool)> {
    score.map(|s| {
        let numbers = [s.value, s.expected, s.lower, s.upper, s.score].map(f64::to_bits);
        (numbers, s.at.as_millis(), s.state, s.alarm)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_stream_makes_it_panic_or_answer_nonsense(model in model(), samples in stream(), config in settings()) {
        let mut detector = model.build(&config);
        for sample in samples {
            let Some(score) = detector.observe(sample) else { continue };
            prop_assert!(score.score >= 0.0 && score.score.is_finite(), "{score:?}");
            prop_assert!(score.expected.is_finite() && score.lower <= score.expected, "{score:?}");
            prop_assert!(score.expected <= score.upper, "{score:?}");
            prop_assert!(!score.alarm || score.score >= 1.0, "{score:?}");
            let value = score.value;
            let standing = |evidence: &Evidence| evidence.name == "standstill" && evidence.tail > 0.0;
            let stands = detector.explain().unwrap().evidences.iter().any(standing);
            if value.abs() <= 1e300 && !stands {
                let outside = value < score.lower || value > score.upper;
                prop_assert_eq!(outside, score.score >= 1.0, "{:?}", score);
                let Narrowing { min_deviation, min_relative_deviation, data_range, .. } = config.narrowing;
                let (deviation, outside) = ((value - score.expected).abs(), data_range.excludes(value));
                let share = min_relative_deviation * score.expected.abs();
                prop_assert!(outside || score.score < 1.0 || min_deviation.max(share) <= deviation, "{score:?}");
                prop_assert!(!outside || score.score >= 1.0, "{score:?}");
                let within = |edge: f64| !edge.is_finite() || !data_range.excludes(edge);
                prop_assert!(within(score.lower) && within(score.upper) && within(score.expected), "{score:?}");
            }
        }
    }

    #[test]
    fn the_future_changes_no_score(model in model(), samples in stream(), config in settings(), cut in 0usize..600) {
        let cut = cut.min(samples.len());
        let mut whole = model.build(&config);
        let all: Vec<_> = samples.iter().map(|sample| bits(&whole.observe(*sample))).collect();
        let mut part = model.build(&config);
        let first: Vec<_> = samples[..cut].iter().map(|sample| bits(&part.observe(*sample))).collect();
        prop_assert_eq!(&all[..cut], &first[..]);
    }

    #[test]
    fn a_restored_detector_goes_on_to_the_bit(model in model(), samples in stream(), config in settings(), cut in 0usize..600) {
        let cut = cut.min(samples.len());
        let mut whole = model.build(&config);
        let mut part = model.build(&config);
        for sample in &samples[..cut] {
            whole.observe(*sample);
            part.observe(*sample);
        }
        let bytes = postcard::to_stdvec(&part.state()).unwrap();
        let mut part = restore(&config, postcard::from_bytes(&bytes).unwrap());
        for sample in &samples[cut..] {
            prop_assert_eq!(bits(&whole.observe(*sample)), bits(&part.observe(*sample)));
        }
    }
}
