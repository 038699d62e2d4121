//! Random numbers that are the same in every build: SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
//!
//! A library may change its generator between versions, and a stored forest would no longer be the one its
//! seed grows. Not for secrets.

use serde::{Deserialize, Serialize};

/// A stream of random numbers; eight bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in `0..bound`, and 0 for a bound of 0. The bias is below `bound` / 2^64.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// Uniform in [0, 1), in steps of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_generator() {
        let mut random = Random::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn every_number_below_a_bound_is_as_likely() {
        let mut random = Random::new(7);
        let mut seen = [0u32; 6];
        (0..60_000).for_each(|_| seen[random.below(6)] += 1);
        assert!(seen.iter().all(|count| count.abs_diff(10_000) < 400), "{seen:?}");
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn a_unit_stays_below_one() {
        let mut random = Random::new(7);
        let mean =
            (0..10_000).map(|_| random.unit()).inspect(|u| assert!((0.0..1.0).contains(u))).sum::<f64>();
        assert!((mean / 10_000.0 - 0.5).abs() < 0.01, "{mean}");
    }
}
