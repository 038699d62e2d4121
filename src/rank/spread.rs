//! How much a series varies by itself, so that a few past incidents do not hide the next one.

/// The share of a normal distribution below two standard deviations: what lies above is left to incidents.
const TWO_SIGMA: f64 = 0.977_249_868_051_820_8;
/// The median absolute deviation of a standard normal distribution.
const MAD_OF_NORMAL: f64 = 0.674_489_750_196_081_7;

/// The value below which a share of the values lies, between neighbours in proportion; reorders them. There must be
/// a value, and none that is NaN.
pub(super) fn quantile(values: &mut [f64], share: f64) -> f64 {
    let place = share * (values.len() - 1) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let (_, &mut below, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(below);
    below + part * (next - below)
}

/// The middle value.
pub(super) fn median(values: &[f64]) -> f64 {
    quantile(&mut values.to_vec(), 0.5)
}

/// The standard deviation that the middle of the values suggests, or their upper side if that is wider: half of the
/// way from the median to the value below which a normal distribution has two deviations. An incident that takes
/// up less than 2.3 % of the values changes neither. Where more than half of them are equal both may be 0; then it
/// is the ordinary standard deviation, and 0 only for a constant. (P. J. Rousseeuw & C. Croux, JASA 88, 1993.)
pub(super) fn spread(values: &[f64]) -> f64 {
    let middle = median(values);
    let mut distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    let inner = quantile(&mut distances, 0.5) / MAD_OF_NORMAL;
    let upper = (upper_edge(values) - middle) / 2.0;
    match inner.max(upper) {
        0.0 => deviation(values),
        spread => spread,
    }
}

/// The value that ordinary variation stays below.
pub(super) fn upper_edge(values: &[f64]) -> f64 {
    quantile(&mut values.to_vec(), TWO_SIGMA)
}

fn deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// How often requests fail by themselves, and how much more unevenly than chance alone would have it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailureRate {
    /// The share that fails; above 0 even where none ever did.
    share: f64,
    /// Variance over mean of the counts, at least 1.
    dispersion: f64,
}

impl FailureRate {
    /// Learnt from shares and counts of requests, row by row. Shares above the upper edge count as the edge. Half a
    /// failure is added, so that a series that never failed has a scale. (H. Jeffreys' prior for a Poisson rate;
    /// dispersion by Pearson's statistic: R. W. M. Wedderburn, Biometrika 61, 1974.)
    pub(super) fn of(shares: &[f64], counts: &[f64]) -> Self {
        let edge = upper_edge(shares);
        let failures: Vec<f64> =
            shares.iter().zip(counts).map(|(share, count)| share.min(edge) * count).collect();
        let share = (failures.iter().sum::<f64>() + 0.5) / (counts.iter().sum::<f64>() + 1.0);
        let expected = counts.iter().map(|count| share * count);
        let squares = failures.iter().zip(expected).filter(|(_, expected)| *expected > 0.0);
        let squares: Vec<f64> =
            squares.map(|(failed, expected)| (failed - expected).powi(2) / expected).collect();
        let mean = squares.iter().sum::<f64>() / squares.len().max(1) as f64;
        Self { share, dispersion: mean.max(1.0) }
    }

    /// How many standard deviations so many failures of so many requests are above chance; 0 below. (The signed root
    /// of the deviance, which is close to normal even for a handful of events: P. McCullagh & J. A. Nelder,
    /// Generalized Linear Models, 1989, section 2.4.)
    pub(super) fn significance(&self, failures: f64, requests: f64) -> f64 {
        let expected = self.share * requests;
        if !(expected > 0.0 && failures > expected) {
            return 0.0;
        }
        let deviance = 2.0 * (failures * (failures / expected).ln() - (failures - expected));
        (deviance / self.dispersion).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        for (values, share, expected) in [
            (&[3.0, 1.0, 2.0][..], 0.5, 2.0),
            (&[4.0, 1.0, 3.0, 2.0], 0.5, 2.5),
            (&[1.0, 2.0, 3.0, 4.0, 5.0], 0.75, 4.0),
            (&[0.0, 10.0], 0.9, 9.0),
            (&[7.0], 0.5, 7.0),
        ] {
            assert_eq!(quantile(&mut values.to_vec(), share), expected, "{values:?}");
        }
    }

    #[test]
    fn a_past_incident_does_not_widen_the_spread() {
        let calm: Vec<f64> = (0..200).map(|row| f64::from(row % 20)).collect();
        let mut shaken = calm.clone();
        shaken[..4].fill(1e6);
        assert!((spread(&shaken) / spread(&calm) - 1.0).abs() < 0.1);
    }

    #[test]
    fn only_a_constant_has_no_spread() {
        let rarely = |rare: usize| (0..1000).map(|row| f64::from(u8::from(row < rare))).collect::<Vec<_>>();
        assert_eq!(spread(&rarely(0)), 0.0);
        assert!(spread(&rarely(1)) > 0.0);
        assert_eq!(spread(&rarely(100)), 0.5);
    }

    #[test]
    fn failures_where_none_ever_were_are_finite_and_grow_with_their_number() {
        let never = FailureRate::of(&[0.0; 500], &[100.0; 500]);
        let at: Vec<f64> =
            [1.0, 2.0, 4.0, 50.0].iter().map(|failed| never.significance(*failed, 100.0)).collect();
        assert!(at.is_sorted() && at.iter().all(|sigma| sigma.is_finite()), "{at:?}");
        assert!(at[0] < 3.5 && at[2] > 6.0, "{at:?}");
        assert_eq!(never.significance(0.0, 100.0), 0.0);
        assert_eq!(never.significance(0.0, 0.0), 0.0);
    }

    #[test]
    fn uneven_failures_are_taken_for_less() {
        let even = FailureRate::of(&[0.02; 100], &[100.0; 100]);
        let uneven: Vec<f64> = (0..100).map(|row| if row % 10 == 0 { 0.2 } else { 0.0 }).collect();
        let uneven = FailureRate::of(&uneven, &[100.0; 100]);
        assert!(uneven.significance(20.0, 100.0) < even.significance(20.0, 100.0) / 3.0);
    }
}
