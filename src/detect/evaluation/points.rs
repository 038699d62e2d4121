//! Best point F1: each row is a decision, and the threshold is chosen from the labels. An event of 400 rows
//! outweighs 400 of one, so it says little about incidents; papers quote it.

use super::pooled::{Row, groups};

/// A figure at the threshold that makes it best.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Best {
    /// The figure, in [0, 1]; NaN where it does not exist.
    pub value: f64,
    /// The threshold.
    pub threshold: f64,
}

impl Best {
    pub(super) const NONE: Self = Self { value: f64::NAN, threshold: f64::NAN };
}

/// The best F1 over rows sorted by falling score; none without a labelled row.
pub(super) fn best_f1(rows: &[Row]) -> Best {
    let positives = rows.iter().filter(|row| row.label).count();
    if positives == 0 {
        return Best::NONE;
    }
    let (mut alarms, mut hits) = (0, 0);
    let mut best = Best { value: f64::NEG_INFINITY, threshold: f64::NAN };
    for group in groups(rows) {
        alarms += group.len();
        hits += group.iter().filter(|row| row.label).count();
        let value = 2.0 * hits as f64 / (alarms + positives) as f64;
        if value > best.value {
            best = Best { value, threshold: group[0].score };
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(rows: &[(f64, bool)]) -> Best {
        let row = |(score, label): &(f64, bool)| Row { score: *score, series: 0, row: 0, label: *label };
        best_f1(&rows.iter().map(row).collect::<Vec<_>>())
    }

    #[test]
    fn equal_scores_are_one_decision() {
        assert_eq!(best(&[(3.0, true), (2.0, false)]), Best { value: 1.0, threshold: 3.0 });
        assert_eq!(best(&[(3.0, true), (3.0, false)]), Best { value: 2.0 / 3.0, threshold: 3.0 });
        assert_eq!(best(&[(3.0, false), (2.0, true)]), Best { value: 2.0 / 3.0, threshold: 2.0 });
        assert!(best(&[(3.0, false)]).value.is_nan());
        assert!(best(&[]).value.is_nan());
    }
}
