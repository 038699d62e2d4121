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

fn settings() -> impl Strategy<Value = Config> {
    let direction = prop_oneof![Just(Direction::Both), Just(Direction::Above), Just(Direction::Below)];
    let least = prop_oneof![Just(0.0), 0.0..50.0, Just(1e300)];
    (direction, least, 1u64..7200).prop_map(|(direction, min_deviation, interval)| Config {
        interval: Duration::from_secs(interval),
        direction,
        min_deviation,
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
            if value.abs() <= 1e300 {
                prop_assert_eq!(value < score.lower || value > score.upper, score.score >= 1.0
                    && value != score.lower && value != score.upper, "{:?}", score);
                prop_assert!(config.min_deviation <= (value - score.expected).abs() || score.score < 1.0);
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
