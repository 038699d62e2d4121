//! Whether a refinement predicts better than what it refines, judged on samples before they were learnt.

use serde::{Deserialize, Serialize};

/// How much smaller the refinement's error must be for full trust; below that, trust is in proportion.
const FULL_GAIN: f64 = 0.05;

/// Two running mean errors.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Trial {
    plain: f64,
    refined: f64,
    /// Seconds over which the errors were taken, at most the memory.
    tried: f64,
}

impl Trial {
    /// Notes both absolute errors for one sample that stands for `elapsed` seconds.
    pub fn note(&mut self, plain: f64, refined: f64, elapsed: f64, memory: f64) {
        if elapsed <= 0.0 {
            return;
        }
        let gain = elapsed / (self.tried + elapsed);
        self.plain += gain * (plain - self.plain);
        self.refined += gain * (refined - self.refined);
        self.tried = (self.tried + elapsed).min(memory);
    }

    /// How far the refinement is believed, from 0 to 1.
    pub fn trust(&self) -> f64 {
        if self.plain <= 0.0 {
            return 0.0;
        }
        ((1.0 - self.refined / self.plain) / FULL_GAIN).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_earned_by_smaller_errors_and_lost_by_larger_ones() {
        let mut trial = Trial::default();
        assert_eq!(trial.trust(), 0.0);
        for (refined, samples, low, high) in
            [(0.99, 600, 0.15, 0.25), (0.5, 6000, 1.0, 1.0), (1.5, 6000, 0.0, 0.0)]
        {
            (0..samples).for_each(|_| trial.note(1.0, refined, 60.0, 86_400.0));
            assert!((low..=high).contains(&trial.trust()), "{refined}: {}", trial.trust());
        }
    }

    #[test]
    fn perfect_predictions_of_nothing_earn_none() {
        let mut trial = Trial::default();
        (0..100).for_each(|_| trial.note(0.0, 0.0, 60.0, 86_400.0));
        trial.note(5.0, 0.0, 0.0, 86_400.0);
        assert_eq!(trial.trust(), 0.0);
    }
}
