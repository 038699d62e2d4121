//! How much a few sightings prove.

use std::sync::LazyLock;

use statrs::distribution::{ContinuousCDF, Gamma};

/// The mean number of events that `count` sightings prove with 99 % confidence: the lower limit of a
/// Poisson mean. So one or two earlier incidents do not make the next one ordinary.
pub(super) fn proven_count(count: f64) -> f64 {
    static LIMITS: LazyLock<[f64; 65]> = LazyLock::new(|| {
        std::array::from_fn(|count| match Gamma::new(count as f64, 1.0) {
            Ok(gamma) if count > 0 => gamma.inverse_cdf(0.01),
            _ => 0.0,
        })
    });
    let last = (LIMITS.len() - 1) as f64;
    if count >= last {
        return LIMITS[LIMITS.len() - 1] + (count - last);
    }
    let whole = count.max(0.0) as usize;
    LIMITS[whole] + (count.max(0.0) - whole as f64) * (LIMITS[whole + 1] - LIMITS[whole])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sightings_prove_less_than_their_count() {
        for (count, low, high) in [(0.0, 0.0, 0.0), (1.0, 0.01, 0.02), (10.0, 4.0, 4.5), (64.0, 46.0, 48.0)] {
            let proven = proven_count(count);
            assert!((low..=high).contains(&proven), "{count}: {proven}");
        }
        assert!(proven_count(1000.0) > 980.0);
    }
}
