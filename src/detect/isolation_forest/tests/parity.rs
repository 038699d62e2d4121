//! Held against scikit-learn on sets of different shape; `tools/parity/isolation_forest.py` wrote them.

use ndarray::Array2;
use serde::Deserialize;

use super::*;

/// Forests a set is scored by; scikit-learn's figures are means over 50.
const SEEDS: u64 = 20;

const SUMMARY: &str = include_str!("../../../../tests/fixtures/isolation_forest/summary.json");

#[derive(Deserialize)]
struct Summary {
    sets: Vec<Known>,
}

/// What is known of a set.
#[derive(Deserialize)]
struct Known {
    name: String,
    auc: f64,
}

struct Set {
    rows: Array2<f64>,
    labels: Vec<bool>,
    scores: Vec<f64>,
}

/// The sets with their names.
macro_rules! sets {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../../../tests/fixtures/isolation_forest/", $name, ".csv")))),*]
    };
}

const SETS: [(&str, &str); 8] = sets![
    "blob",
    "two_clusters",
    "ring",
    "correlated_plane",
    "irrelevant_columns",
    "heavy_tails",
    "few_values",
    "host_metrics"
];

fn read(csv: &str) -> Set {
    let lines: Vec<Vec<f64>> =
        csv.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect();
    let columns = lines[0].len() - 2;
    let rows = Array2::from_shape_fn((lines.len(), columns), |(row, column)| lines[row][column]);
    let labels = lines.iter().map(|line| line[columns] == 1.0).collect();
    let scores = lines.iter().map(|line| line[columns + 1]).collect();
    Set { rows, labels, scores }
}

/// The chance that an anomaly scores above a normal row, a tie counting half.
fn area(scores: &[f64], labels: &[bool]) -> f64 {
    let of = |label| scores.iter().zip(labels).filter(move |(_, is)| **is == label).map(|(score, _)| *score);
    let wins = |odd: f64| -> f64 {
        of(false).map(|normal| f64::from(odd > normal) + 0.5 * f64::from(odd == normal)).sum()
    };
    of(true).map(wins).sum::<f64>() / (of(true).count() * of(false).count()) as f64
}

/// The scores of one seed.
fn scores(set: &Set, seed: u64) -> Vec<f64> {
    let forest = Forest::fit(&Config { seed, ..Config::default() }, set.rows.view()).unwrap();
    forest.scores(set.rows.view()).into_iter().map(|score| score.unwrap()).collect()
}

#[test]
fn the_area_is_that_of_scikit_learn() {
    let summary: Summary = serde_json::from_str(SUMMARY).unwrap();
    assert_eq!(summary.sets.len(), SETS.len());
    for (known, (name, csv)) in summary.sets.iter().zip(SETS) {
        assert_eq!(known.name, name);
        let set = read(csv);
        let runs: Vec<Vec<f64>> = (0..SEEDS).map(|seed| scores(&set, seed)).collect();
        let ours = runs.iter().map(|run| area(run, &set.labels)).sum::<f64>() / SEEDS as f64;
        println!("{name:20} ours {ours:.4}, scikit-learn {:.4}, {:+.4}", known.auc, ours - known.auc);
        assert!((ours - known.auc).abs() < 0.01, "{name}: {ours} against {}", known.auc);
        let mean = |row: usize| runs.iter().map(|run| run[row]).sum::<f64>() / SEEDS as f64;
        let apart = (0..set.scores.len()).map(|row| (mean(row) - set.scores[row]).abs()).fold(0.0, f64::max);
        assert!(apart < 0.02, "{name}: a row's score is {apart} apart");
    }
}

#[test]
fn the_area_is_the_share_of_pairs_in_order() {
    let labels = [true, false, true, false];
    assert_eq!(area(&[0.9, 0.1, 0.8, 0.2], &labels), 1.0);
    assert_eq!(area(&[0.5, 0.5, 0.5, 0.5], &labels), 0.5);
    assert_eq!(area(&[0.1, 0.2, 0.9, 0.3], &labels), 0.5);
}
