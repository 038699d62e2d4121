//! How improbable a sample must be before it is an alarm: the false-alarm budget, turned into evidence.

use serde::{Deserialize, Serialize};

use super::Config;
use super::episodes::SILENCE;

/// Time over which alarms are counted against the budget, in seconds.
const BOOK_SECONDS: f64 = 30.0 * 86_400.0;
/// What the cheap models add to the alarms seen and to those allowed before they compare them: so much of a difference
/// may be real incidents, and the chance of a short time.
pub(super) const DAMPING: f64 = 1.0;

/// The alarms of one series and those its budget allowed meanwhile, both fading: how much of the budget is spent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Spending {
    alarms: f64,
    allowed: f64,
}

impl Spending {
    /// Notes that seconds went by, and whether they brought an alarm.
    pub fn note(&mut self, elapsed: f64, alarm: bool, config: &Config) {
        let kept = BOOK_SECONDS / (BOOK_SECONDS + elapsed);
        self.alarms = self.alarms * kept + f64::from(u8::from(alarm));
        self.allowed = self.allowed * kept + config.false_alarms.per_second() * elapsed;
    }

    /// How far the line rises, in decades of evidence, because more alarms came than the budget allowed: a tail that was
    /// taken for lighter than it is corrects itself. `damping` (above 0) is added to both.
    pub fn correction(&self, damping: f64) -> f64 {
        ((self.alarms + damping) / (self.allowed + damping)).log10().max(0.0)
    }
}

/// The evidence at which the score is 1, without and with the habits of this time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// By the budget and what was overspent.
    pub base: f64,
    /// What holds: not below `base`.
    pub raised: f64,
}

impl Line {
    /// By how much a habit raised it.
    pub fn habit(self) -> f64 {
        self.raised - self.base
    }
}

/// The alarm line never drops below this evidence, however generous the budget.
const LEAST_EVIDENCE: f64 = 1.5;

/// The evidence (`-log10` of a probability) at which the score is 1.
///
/// Were all samples independent chances, the probability of one would be `rate * interval`. They are
/// not: what is unlikely comes in runs, and a run raises one alarm in its silence. Were every run as
/// long as the silence, it would be `rate * silence`. The line takes the geometric mean of the two, which
/// makes one alarm line hold from 15 s to 1 h.
pub(super) fn alarm_line(config: &Config) -> f64 {
    let interval = config.interval.as_secs_f64().max(1e-3).min(SILENCE.as_secs_f64());
    let chance_seconds = (interval * SILENCE.as_secs_f64()).sqrt();
    (-(config.false_alarms.per_second() * chance_seconds).log10()).max(LEAST_EVIDENCE)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::mean_line::mean_line;
    use super::*;
    use std::time::Duration;

    /// The evidence at which the score is 1.
    type OfConfig = fn(&Config) -> f64;

    /// What a line is from the time between samples, in seconds, and the budget.
    pub fn at(line: OfConfig, interval: u64, false_alarms: &str) -> f64 {
        let plain = Config::plain(Duration::from_secs(interval));
        line(&Config { false_alarms: false_alarms.parse().unwrap(), ..plain })
    }

    #[test]
    fn with_every_line_a_tenth_of_the_budget_costs_a_decade_and_no_budget_makes_everything_an_alarm() {
        let lines: [(OfConfig, f64); 2] = [(alarm_line, 1.5), (mean_line, 1.0)];
        for (line, least) in lines {
            assert!((at(line, 60, "1 per 300d") - at(line, 60, "1 per 30d") - 1.0).abs() < 1e-9);
            for (interval, budget) in [(0, "1 per 30d"), (60, "1000 per 1s"), (86_400 * 365, "1 per 1h")] {
                assert!(at(line, interval, budget) >= least);
            }
        }
    }

    #[test]
    fn more_alarms_than_were_allowed_raise_the_line() {
        let config = Config::plain(Duration::from_secs(60));
        for (days, alarms, damping, expected) in [
            (0, 0, 1.0, 0.0),
            (30, 0, 1.0, 0.0),
            (0, 1, 1.0, 2f64.log10()),
            (0, 1, 2.0, 1.5f64.log10()),
            (10_000, 1, 1.0, 0.0),
        ] {
            let mut spending = Spending::default();
            (0..days * 24).for_each(|_| spending.note(3600.0, false, &config));
            (0..alarms).for_each(|_| spending.note(0.0, true, &config));
            let correction = spending.correction(damping);
            assert!((correction - expected).abs() < 1e-9, "{days} days, {alarms} alarms: {correction}");
        }
    }

    #[test]
    fn more_samples_a_day_raise_the_line() {
        let line = |interval| at(alarm_line, interval, "1 per 30d");
        assert!((line(300) - 2.946).abs() < 0.01);
        assert!((line(3) - line(300) - 1.0).abs() < 1e-9);
    }
}
