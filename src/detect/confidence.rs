//! How much a few sightings prove.

use std::sync::LazyLock;

use statrs::distribution::{ContinuousCDF, Gamma};

/// The limit for each whole number of sightings.
static LIMITS: LazyLock<[f64; 65]> = LazyLock::new(|| {
    std::array::from_fn(|count| match Gamma::new(count as f64, 1.0) {
        Ok(gamma) if count > 0 => gamma.inverse_cdf(0.01),
        _ => 0.0,
    })
});

/// The mean number of events that `count` sightings prove with 99 % confidence: the lower limit of a
/// Poisson mean. So one or two earlier incidents do not make the next one ordinary.
pub(super) fn proven_count(count: f64) -> f64 {
    let last = (LIMITS.len() - 1) as f64;
    if count >= last {
        return LIMITS[LIMITS.len() - 1] + (count - last);
    }
    let whole = count.max(0.0) as usize;
    LIMITS[whole] + (count.max(0.0) - whole as f64) * (LIMITS[whole + 1] - LIMITS[whole])
}

/// How many sightings prove this mean number: the inverse of [`proven_count`].
pub(super) fn sightings_to_prove(proven: f64) -> f64 {
    let last = LIMITS.len() - 1;
    if proven >= LIMITS[last] {
        return last as f64 + (proven - LIMITS[last]);
    }
    // Few sightings are the usual answer, so the search begins there.
    let more = LIMITS.iter().take_while(|limit| **limit <= proven.max(0.0)).count();
    let (low, high) = (LIMITS[more - 1], LIMITS[more]);
    (more - 1) as f64 + (proven.max(0.0) - low) / (high - low)
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

    #[test]
    fn so_many_sightings_prove_what_they_are_asked_to() {
        for proven in [0.0, 1e-9, 0.005, 0.1, 1.0, 3.3, 45.0, 47.0, 900.0] {
            assert!((proven_count(sightings_to_prove(proven)) - proven).abs() < 1e-9, "{proven}");
        }
    }
}
