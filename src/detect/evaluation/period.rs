//! The length of a series' rhythm by its autocorrelation, as TSB-AD's `find_length_rank` chooses the width of
//! VUS's buffer (Liu and Paparrizos 2024).

/// Rows that are looked at.
const ROWS: usize = 20_000;
/// The longest lag that is looked at.
const LONGEST_LAG: usize = 400;
/// The first lag that can be a rhythm.
const FIRST_LAG: usize = 3;
/// What a series without a rhythm is given.
const DEFAULT: usize = 125;
/// The rhythms that are believed, counted from the first lag.
const BELIEVED: std::ops::RangeInclusive<usize> = 3..=300;

/// A correlation from here on is a rhythm that people see.
const STRONG: f64 = 0.5;

/// How a series repeats itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rhythm {
    /// Its period.
    pub rows: usize,
    /// The correlation of values a period apart.
    pub correlation: f64,
    /// The lowest correlation of values less than a period apart.
    pub between: f64,
}

impl Rhythm {
    /// Whether values a period apart are alike, and those between are not: in a series that changes slowly all near
    /// values are.
    pub fn is_strong(self) -> bool {
        self.correlation >= STRONG && self.correlation - self.between >= STRONG
    }
}

/// The period that [`rhythm`] finds, in rows; 125 where there is none.
pub(super) fn period(values: &[f64]) -> usize {
    rhythm(values).map_or(DEFAULT, |rhythm| rhythm.rows)
}

/// The lag of the highest local maximum of the autocorrelation.
pub(super) fn rhythm(values: &[f64]) -> Option<Rhythm> {
    let deviations = deviations(&values[..values.len().min(ROWS)]);
    let power = lagged(&deviations, 0);
    if !(power > 0.0 && power.is_finite()) {
        return None;
    }
    let lags = FIRST_LAG..=LONGEST_LAG.min(deviations.len() - 1);
    let correlations: Vec<f64> = lags.map(|lag| lagged(&deviations, lag) / power).collect();
    let peaks =
        correlations.windows(3).enumerate().filter(|(_, near)| near[1] > near[0] && near[1] > near[2]);
    let highest = peaks.max_by(|(_, a), (_, b)| a[1].total_cmp(&b[1]));
    let (index, correlation) = highest.map(|(before, near)| (before + 1, near[1]))?;
    let between = correlations[..index].iter().copied().fold(f64::INFINITY, f64::min);
    BELIEVED.contains(&index).then_some(Rhythm { rows: index + FIRST_LAG, correlation, between })
}

/// The distance of each value from the mean; a missing value is the mean.
fn deviations(values: &[f64]) -> Vec<f64> {
    let present = || values.iter().filter(|value| !value.is_nan());
    let mean = present().sum::<f64>() / present().count() as f64;
    values.iter().map(|value| if value.is_nan() { 0.0 } else { value - mean }).collect()
}

/// The sum of the products of all pairs `lag` rows apart. Eight sums at once, so that it runs in vectors.
fn lagged(deviations: &[f64], lag: usize) -> f64 {
    let (early, late) = (&deviations[..deviations.len() - lag], &deviations[lag..]);
    let mut sums = [0.0; 8];
    let (early, late) = (early.chunks_exact(8), late.chunks_exact(8));
    let rest: f64 = early.remainder().iter().zip(late.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in early.zip(late) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(length: usize, rows: usize) -> Vec<f64> {
        (0..rows).map(|row| (row as f64 * std::f64::consts::TAU / length as f64).sin()).collect()
    }

    #[test]
    fn a_rhythm_is_found_and_its_absence_has_a_default() {
        for (name, values, expected) in [
            ("a wave of 50 rows", wave(50, 1000), 50),
            ("one longer than can be believed", wave(350, 4000), DEFAULT),
            ("a constant", vec![5.0; 100], DEFAULT),
            ("nothing", vec![], DEFAULT),
            ("one row", vec![1.0], DEFAULT),
            ("only missing rows", vec![f64::NAN; 50], DEFAULT),
            ("an infinite value", vec![f64::INFINITY, 1.0, 2.0, 3.0, 4.0], DEFAULT),
            ("huge values", vec![1e300, -1e300, 1e300, -1e300, 1.0], DEFAULT),
        ] {
            assert_eq!(period(&values), expected, "{name}");
        }
    }

    #[test]
    fn a_slow_series_has_no_strong_rhythm() {
        assert!(rhythm(&wave(50, 1000)).unwrap().is_strong());
        let slow = |row: usize| (row as f64 / 300.0).sin() + f64::from(row.is_multiple_of(6)) / 5.0;
        let slow = rhythm(&(0..2000).map(slow).collect::<Vec<_>>()).unwrap();
        assert!(slow.correlation >= STRONG && !slow.is_strong(), "{slow:?}");
    }

    #[test]
    fn missing_rows_do_not_hide_it() {
        let mut values = wave(50, 1000);
        values[100..120].fill(f64::NAN);
        assert_eq!(period(&values), 50);
    }
}
