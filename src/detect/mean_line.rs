//! How much evidence of all views together is an alarm: the false-alarm budget, turned into the evidence of `auto`.

use super::Config;

/// Seconds that one chance of a false alarm lasts at 5 min between samples: what is unlikely comes in runs, the
/// evidence is a mean over windows of up to 8 h, and a run raises one alarm in its silence. Chosen on NAB and four domains
/// of Microsoft's cloud monitoring data.
const CHANCE_SECONDS: f64 = 7700.0;
/// The interval at which that holds, in seconds.
const REFERENCE_SECONDS: f64 = 300.0;
/// A chance lasts longer where samples are rarer, by this power of the interval.
const GROWTH: f64 = 0.3;
/// The alarm line never drops below this evidence, however generous the budget.
const LEAST_EVIDENCE: f64 = 1.0;

/// The evidence (`-log10` of a probability) at which the score is 1.
pub(super) fn mean_line(config: &Config) -> f64 {
    let interval = config.interval.as_secs_f64().clamp(1e-3, 86_400.0);
    let chance = CHANCE_SECONDS * (interval / REFERENCE_SECONDS).powf(GROWTH);
    (-(config.false_alarms.per_second() * chance).log10()).max(LEAST_EVIDENCE)
}

#[cfg(test)]
mod tests {
    use super::super::alarm_line::tests::at;
    use super::*;

    #[test]
    fn more_samples_a_day_raise_the_line() {
        let line = |interval| at(mean_line, interval, "1 per 30d");
        assert!((line(300) - 2.527).abs() < 0.01);
        assert!((line(30) - line(300) - 0.3).abs() < 1e-9);
    }
}
