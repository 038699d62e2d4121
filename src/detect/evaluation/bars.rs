//! Error bars: the set is drawn again from its own series, with replacement, and every figure taken anew. The
//! draws are seeded, so the same files give the same bars.

use fastrand::Rng;

/// How often the set is drawn again.
const DRAWS: usize = 1000;
/// The seed of the draws. Any number does; a fixed one makes two reports comparable.
const SEED: u64 = 0x5eed;
/// What lies below and above a bar: together one draw in ten.
const TAIL: f64 = 0.05;

/// Where a figure lies in 90 % of all draws.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Bar {
    /// The 5 % quantile; NaN where the figure does not exist.
    pub low: f64,
    /// The 95 % quantile.
    pub high: f64,
}

/// How often each series is in a draw.
#[derive(Clone, Debug)]
pub(super) struct Resample(Vec<f64>);

impl Resample {
    /// Each series once: the set itself.
    pub fn whole(series: usize) -> Self {
        Self(vec![1.0; series])
    }

    /// How often a series is in it.
    pub fn times(&self, series: usize) -> f64 {
        self.0[series]
    }

    /// The sum over the draw of a figure that each series has.
    pub fn sum(&self, figures: &[f64]) -> f64 {
        self.0.iter().zip(figures).map(|(times, figure)| times * figure).sum()
    }

    /// The mean over the draw of a figure that some series have and others (NaN) do not.
    pub fn mean(&self, figures: &[f64]) -> f64 {
        let present = || self.0.iter().zip(figures).filter(|(_, figure)| !figure.is_nan());
        let count: f64 = present().map(|(times, _)| times).sum();
        present().map(|(times, figure)| times * figure).sum::<f64>() / count
    }
}

/// The draws of a set of so many series.
pub(super) fn resamples(series: usize) -> Vec<Resample> {
    let mut random = Rng::with_seed(SEED);
    let mut draw = || {
        let mut times = vec![0.0; series];
        for _ in 0..series {
            times[random.usize(..series)] += 1.0;
        }
        Resample(times)
    };
    (0..DRAWS).map(|_| draw()).collect()
}

/// The bar of a figure; draws in which it does not exist are left out.
pub(super) fn bar(resamples: &[Resample], figure: impl Fn(&Resample) -> f64) -> Bar {
    let mut values: Vec<f64> = resamples.iter().map(figure).filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    Bar { low: quantile(&values, TAIL), high: quantile(&values, 1.0 - TAIL) }
}

/// Interpolated between the two nearest of the sorted values; NaN if there is none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let position = share * last as f64;
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_draw_has_as_many_series_as_the_set() {
        let draws = resamples(7);
        assert_eq!(draws.len(), DRAWS);
        assert!(draws.iter().all(|draw| draw.0.iter().sum::<f64>() == 7.0));
        assert!(draws.iter().any(|draw| draw.0 != vec![1.0; 7]));
    }

    #[test]
    fn a_bar_spans_the_figure_and_narrows_with_the_set() {
        let width = |series: usize| {
            let figures: Vec<f64> = (0..series).map(|index| (index % 2) as f64).collect();
            let bar = bar(&resamples(series), |draw| draw.mean(&figures));
            assert!(bar.low < 0.5 && 0.5 < bar.high, "{bar:?}");
            bar.high - bar.low
        };
        // 1.645 standard errors of 0.5 / sqrt(n) to each side.
        assert!((width(100) - 0.1645).abs() < 0.02);
        assert!(width(400) < 0.6 * width(100));
    }

    #[test]
    fn what_does_not_exist_has_no_bar() {
        assert!(bar(&resamples(0), |draw| draw.mean(&[])).low.is_nan());
        let half = [f64::NAN, 3.0];
        assert_eq!(bar(&resamples(2), |draw| draw.mean(&half)), Bar { low: 3.0, high: 3.0 });
    }
}
