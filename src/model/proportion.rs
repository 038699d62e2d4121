//! How often something succeeds, as far as so few trials can tell.

/// The quantile of the normal distribution that leaves 10 % on either side: the interval below holds 80 %.
const QUANTILE: f64 = 1.281_551_565_544_6;

/// Successes among trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proportion {
    /// Successes.
    pub successes: u32,
    /// All of them.
    pub trials: u32,
}

impl Proportion {
    /// The share of successes; `None` without trials.
    pub fn share(self) -> Option<f64> {
        (self.trials > 0).then(|| f64::from(self.successes) / f64::from(self.trials))
    }

    /// The bounds below and above which the true share lies with a chance of 10 % each, from 0 to 1; all of it without
    /// trials. (Wilson's interval: E. B. Wilson, JASA 22, 1927.)
    pub fn bounds(self) -> (f64, f64) {
        let Some(share) = self.share() else { return (0.0, 1.0) };
        let (trials, square) = (f64::from(self.trials), QUANTILE * QUANTILE);
        let middle = share + square / (2.0 * trials);
        let spread = QUANTILE * (share * (1.0 - share) / trials + square / (4.0 * trials * trials)).sqrt();
        let scale = 1.0 + square / trials;
        (((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_trials_tell_little() {
        for (successes, trials, lower, upper) in
            [(0, 0, 0.0, 1.0), (5, 5, 0.753, 1.0), (0, 5, 0.0, 0.247), (50, 100, 0.436, 0.564)]
        {
            let (low, high) = Proportion { successes, trials }.bounds();
            assert!((low - lower).abs() < 1e-3 && (high - upper).abs() < 1e-3, "{low} {high}");
        }
        assert_eq!(Proportion::default().share(), None);
    }
}
