//! The forest alone: whatever it is grown from, and what is believed of a stored one.

use ndarray::{Array2, array};

use super::*;
use crate::detect::isolation_forest::{Reading, Samples, Trees};

fn config(trees: u32, samples: u32, seed: u64) -> Config {
    Config { trees: trees.try_into().unwrap(), samples: samples.try_into().unwrap(), seed }
}

#[test]
fn a_number_out_of_range_is_refused_with_the_range() {
    assert_eq!(Trees::try_from(0).unwrap_err().to_string(), "must be 1 to 1000, not 0");
    assert!(Trees::try_from(1001).is_err() && Trees::try_from(1000).is_ok());
    assert!(Samples::try_from(1).is_err() && Samples::try_from(2).is_ok());
    assert!(serde_json::from_str::<Trees>("0").is_err());
    assert_eq!(serde_json::to_string(&Config::default()).unwrap(), r#"{"trees":100,"samples":256,"seed":0}"#);
}

#[test]
fn a_seed_grows_one_forest_and_another_seed_another() {
    let rows = cloud(500, 4);
    assert_eq!(fit(rows.view()), fit(rows.view()));
    let other = Forest::fit(&config(100, 256, 1), rows.view()).unwrap();
    assert_ne!(other, fit(rows.view()));
}

#[test]
fn a_forest_stays_what_its_seed_grew_in_earlier_versions() {
    let forest = Forest::fit(&config(10, 64, 7), cloud(300, 3).view()).unwrap();
    let scores = [[0.0, 0.0, 0.0], [4.0, -4.0, 4.0]].map(|row| forest.score(&row).unwrap());
    assert_eq!(scores.map(|score| format!("{score:.12}")), ["0.426652938491", "0.695090320360"]);
}

#[test]
fn the_layout_of_the_matrix_changes_nothing() {
    let rows = cloud(300, 3);
    let mut by_column = Array2::zeros((3, 300));
    by_column.assign(&rows.t());
    assert_eq!(fit(by_column.t()), fit(rows.view()));
}

#[test]
fn the_further_out_a_row_the_higher_its_score() {
    let forest = fit(cloud(2000, 4).view());
    let scores = [0.0, 2.0, 3.0, 6.0].map(|at| forest.score(&[at; 4]).unwrap());
    assert!(scores.is_sorted(), "{scores:?}");
    assert!(scores[0] < 0.45 && scores[3] > 0.7, "{scores:?}");
    assert_eq!(forest.score(&[6.0; 4]), forest.score(&[1e300; 4]));
}

#[test]
fn a_matrix_is_scored_as_its_rows_are() {
    let rows = cloud(300, 3);
    let forest = fit(rows.view());
    let alone: Vec<_> = rows.rows().into_iter().map(|row| forest.score(&row.to_vec())).collect();
    assert_eq!(forest.scores(rows.view()), alone);
    assert_eq!(forest.scores(cloud(5, 2).view()), [None; 5]);
}

#[test]
fn a_reading_has_the_score_of_the_row() {
    let rows = cloud(300, 3);
    let forest = fit(rows.view());
    for row in rows.rows() {
        let row = row.to_vec();
        assert_eq!(forest.read(&row).map(|reading| reading.score), forest.score(&row));
    }
}

#[test]
fn rows_that_are_not_finite_are_neither_learnt_nor_scored() {
    let rows = cloud(200, 2);
    let mut holed = Array2::zeros((600, 2));
    for (number, mut row) in holed.rows_mut().into_iter().enumerate() {
        match number % 3 {
            0 => row.assign(&rows.row(number / 3)),
            1 => row.assign(&array![f64::NAN, 0.0]),
            _ => row.assign(&array![0.0, f64::INFINITY]),
        }
    }
    assert_eq!(fit(holed.view()), fit(rows.view()));
    let forest = fit(rows.view());
    for row in [[f64::NAN, 0.0], [0.0, f64::INFINITY], [f64::NEG_INFINITY, 0.0]] {
        assert_eq!((forest.score(&row), forest.read(&row)), (None, None));
    }
    assert_eq!(forest.score(&[0.0]), None);
}

#[test]
fn nothing_to_grow_from_is_no_forest() {
    let empty = [(0, 0), (0, 3), (3, 0), (1, 1025)];
    assert!(
        empty.iter().all(|shape| Forest::fit(&Config::default(), Array2::zeros(*shape).view()).is_none())
    );
    assert!(Forest::fit(&Config::default(), array![[f64::NAN], [f64::INFINITY]].view()).is_none());
}

#[test]
fn rows_that_do_not_differ_tell_nothing() {
    let nothing = |row: &[f64]| Some(Reading { score: 0.5, contributions: vec![0.0; row.len()] });
    let check = |matrix: Array2<f64>, row: &[f64]| {
        assert_eq!(fit(matrix.view()).read(row), nothing(row), "{matrix}");
    };
    check(array![[3.0, 4.0]], &[3.0, 4.0]);
    check(array![[3.0, 4.0]], &[1e300, -1e300]);
    check(Array2::from_elem((1000, 2), 7.0), &[7.0, 7.0]);
    check(Array2::from_elem((1000, 2), 7.0), &[8.0, 7.0]);
}

#[test]
fn columns_that_never_vary_have_no_part_in_it() {
    let mut rows = cloud(500, 3);
    rows.column_mut(1).fill(1e300);
    let reading = fit(rows.view()).read(&[8.0, -1e300, 0.0]).unwrap();
    assert_eq!(reading.contributions[1], 0.0);
    assert!(reading.score > 0.6, "{reading:?}");
}

#[test]
fn values_are_told_apart_however_large_or_close() {
    for (scale, offset) in [(1e300, 0.0), (1e-300, 0.0), (1.0, 1.7e12), (1e-4, 1e9)] {
        let rows = cloud(1000, 2).mapv(|value| offset + scale * value);
        let forest = fit(rows.view());
        let [usual, odd] = [0.0, 7.0].map(|at| forest.score(&[offset + scale * at; 2]).unwrap());
        assert!(usual < 0.45 && odd > 0.7, "{scale} {offset}: {usual} {odd}");
    }
    let extremes = array![[-f64::MAX], [f64::MAX], [0.0], [5e-324]];
    let scores = fit(extremes.view()).scores(extremes.view());
    assert!(scores.iter().all(|score| score.is_some_and(|s| (0.0..=1.0).contains(&s))), "{scores:?}");
}

#[test]
fn the_odd_column_is_named_first() {
    for columns in [2, 8, 24] {
        let forest = fit(cloud(2000, columns).view());
        for odd in 0..columns {
            let mut row = vec![0.0; columns];
            row[odd] = 6.0;
            let shares = forest.read(&row).unwrap().contributions;
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && shares.iter().all(|s| *s >= 0.0));
            let others = shares.iter().enumerate().filter(|(at, _)| *at != odd).map(|(_, share)| *share);
            let second = others.fold(0.0, f64::max);
            assert!(shares[odd] > 0.5 && shares[odd] > 2.0 * second, "{columns}: {odd} in {shares:?}");
        }
    }
}

#[test]
fn the_larger_of_two_deviations_is_named_before_the_smaller() {
    let forest = fit(cloud(2000, 6).view());
    let shares = forest.read(&[0.0, 2.0, 0.0, 0.0, 7.0, 0.0]).unwrap().contributions;
    let mut order: Vec<usize> = (0..6).collect();
    order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
    assert_eq!(order[..2], [4, 1], "{shares:?}");
}

#[test]
fn a_stored_forest_scores_to_the_bit_as_before() {
    let rows = cloud(400, 3);
    let forest = fit(rows.view());
    let bytes = postcard::to_stdvec(&forest).unwrap();
    let restored: Forest = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(restored, forest);
    assert!(bytes.len() < 500_000, "{}", bytes.len());
}

#[test]
fn a_damaged_forest_is_refused() {
    let forest = Forest::fit(&config(3, 16, 0), cloud(50, 2).view()).unwrap();
    let refused = |damage: &dyn Fn(&mut Forest)| {
        let mut damaged = forest.clone();
        damage(&mut damaged);
        postcard::from_bytes::<Forest>(&postcard::to_stdvec(&damaged).unwrap()).is_err()
    };
    assert!(!refused(&|_| ()));
    assert!(refused(&|forest| forest.columns = 0));
    assert!(refused(&|forest| forest.columns = 1));
    assert!(refused(&|forest| forest.size = 0));
    assert!(refused(&|forest| forest.size = 1));
    assert!(refused(&|forest| forest.roots.clear()));
    assert!(refused(&|forest| forest.roots[0] = u32::MAX));
    assert!(refused(&|forest| forest.expected.truncate(5)));
    assert!(refused(&|forest| forest.expected[0] = f32::NAN));
    assert!(refused(&|forest| forest.nodes[0].child = 0));
    assert!(refused(&|forest| forest.nodes[0].child = forest.nodes.len() as u32 - 1));
    assert!(refused(&|forest| forest.nodes[0].child = u32::MAX));
    assert!(refused(&|forest| forest.nodes[0].column = 2));
    assert!(refused(&|forest| forest.nodes[0].threshold = f64::NAN));
}

#[test]
fn no_bytes_make_a_forest_that_panics() {
    let forest = Forest::fit(&config(2, 8, 0), cloud(20, 2).view()).unwrap();
    let bytes = postcard::to_stdvec(&forest).unwrap();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << bit;
            if let Ok(forest) = postcard::from_bytes::<Forest>(&flipped) {
                let row = vec![1.5; forest.columns()];
                assert!(forest.read(&row).is_some(), "byte {place}, bit {bit}");
            }
        }
    }
}
