//! What holds for any stream of rows.

use proptest::prelude::*;

use super::*;
use crate::detect::isolation_forest::{ForestModel, ForestState, ModelConfig};
use crate::model::Timestamp;

const COLUMNS: u32 = 2;

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -10.0..10.0,
        2 => Just(5.0),
        1 => any::<f64>(),
        1 => prop_oneof![Just(f64::NAN), Just(1e300), Just(-f64::MAX), Just(1e-300), Just(-0.0)],
    ]
}

/// Rows at any times, most of them of the right length.
fn stream() -> impl Strategy<Value = Vec<(Timestamp, Vec<f64>)>> {
    let columns = prop_oneof![20 => Just(COLUMNS as usize), 1 => 0usize..4];
    let row = columns.prop_flat_map(|columns| prop::collection::vec(value(), columns));
    let step = prop_oneof![8 => Just(600_000i64), 1 => -1_000_000i64..100_000_000, 1 => any::<i64>()];
    prop::collection::vec((step, row), 200..600).prop_map(|steps| {
        let mut at = 1_700_000_000_000i64;
        let advance = |(step, row)| {
            at = at.saturating_add(step);
            (Timestamp::from_millis(at), row)
        };
        steps.into_iter().map(advance).collect()
    })
}

fn config() -> ModelConfig {
    let forest = Config { trees: 7.try_into().unwrap(), samples: 32.try_into().unwrap(), seed: 1 };
    ModelConfig { forest, rows: 256.try_into().unwrap(), ..ModelConfig::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_stream_makes_it_panic_or_answer_nonsense(rows in stream()) {
        let mut model = ForestModel::new(COLUMNS.try_into().unwrap(), config());
        for (at, row) in rows {
            let Some(reading) = model.observe(at, &row) else { continue };
            prop_assert!((0.0..=1.0).contains(&reading.score), "{reading:?}");
            let sum: f64 = reading.contributions.iter().sum();
            prop_assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-9, "{reading:?}");
            prop_assert!(reading.contributions.iter().all(|share| (0.0..=1.0).contains(share)), "{reading:?}");
        }
    }

    #[test]
    fn a_snapshot_anywhere_changes_no_later_score(rows in stream(), cut in 0usize..600) {
        let columns = COLUMNS.try_into().unwrap();
        let mut model = ForestModel::new(columns, config());
        let cut = cut.min(rows.len());
        for (at, row) in &rows[..cut] {
            model.observe(*at, row);
        }
        let bytes = postcard::to_stdvec(model.state()).unwrap();
        let state: ForestState = postcard::from_bytes(&bytes).unwrap();
        let mut restored = ForestModel::restore(columns, config(), state).unwrap();
        for (at, row) in &rows[cut..] {
            prop_assert_eq!(model.observe(*at, row), restored.observe(*at, row));
        }
    }

    #[test]
    fn scores_do_not_depend_on_the_unit(exponent in -200i32..200, seed in any::<u64>()) {
        let (rows, scale) = (cloud(300, 3), 2f64.powi(exponent));
        let config = Config { seed, ..config().forest };
        let plain = Forest::fit(&config, rows.view()).unwrap();
        let scaled = Forest::fit(&config, rows.mapv(|value| value * scale).view()).unwrap();
        prop_assert_eq!(plain.scores(rows.view()), scaled.scores(rows.mapv(|value| value * scale).view()));
    }

    #[test]
    fn no_bytes_make_a_model_that_panics(place in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let columns = COLUMNS.try_into().unwrap();
        let mut model = ForestModel::new(columns, config());
        let at = |minute: usize| Timestamp::from_millis(minute as i64 * 60_000);
        for (minute, row) in cloud(400, 2).rows().into_iter().enumerate() {
            model.observe(at(minute), &row.to_vec());
        }
        let mut bytes = postcard::to_stdvec(model.state()).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        let Ok(state) = postcard::from_bytes::<ForestState>(&bytes) else { return Ok(()) };
        let Ok(mut model) = ForestModel::restore(columns, config(), state) else { return Ok(()) };
        for minute in 400..800 {
            let reading = model.observe(at(minute), &[0.1, 0.2]);
            prop_assert!(reading.is_none_or(|reading| (0.0..=1.0).contains(&reading.score)));
        }
    }
}
