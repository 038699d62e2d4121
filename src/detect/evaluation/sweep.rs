//! The same figures at many thresholds: the best that one threshold for all series could reach if the labels
//! chose it, and the recall that a number of false notifications buys.

use super::alarms::{Counter, Tally};
use super::bars::Resample;
use super::points::Best;
use super::pooled::Row;
use super::scored::Scored;
use super::threshold::{AtThreshold, Extent};

/// Thresholds whose ranks grow by a factor, so that the high scores are told apart.
const BY_FACTOR: usize = 300;
/// Thresholds whose ranks grow by a step.
const BY_STEP: usize = 60;
/// A threshold may alarm this many times the true share of rows; beyond, the event F1 rewards a constant alarm.
const MOST_ALARMS: f64 = 2.0;

/// The best figure of each kind over one threshold for all series.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Oracle {
    /// Event F1, over the thresholds that alarm at most twice the true share of rows.
    pub event_f1: Best,
    /// Hard event F1.
    pub hard_event_f1: Best,
    /// Composite Fc1.
    pub composite_fc1: Best,
    /// Point-adjusted F1. Inflated.
    pub point_adjusted_f1_inflated: Best,
}

/// The tallies at each threshold, from the highest to the lowest.
pub(super) struct Sweep {
    thresholds: Vec<f64>,
    /// By threshold, then by series.
    tallies: Vec<Vec<Tally>>,
    /// Events and days of each series.
    events: Vec<f64>,
    days: Vec<f64>,
    extent: Extent,
}

impl Sweep {
    /// `rows` are those of [`super::pooled::pooled`].
    pub fn new(set: &[Scored], counters: &[Counter<'_>], rows: &[Row], extent: Extent) -> Self {
        let thresholds = thresholds(rows);
        let at = |threshold: &f64| counters.iter().map(|counter| counter.tally(*threshold)).collect();
        let tallies = thresholds.iter().map(at).collect();
        let events = set.iter().map(|scored| scored.series().scored_events().count() as f64).collect();
        let days = set.iter().map(|scored| scored.series().days()).collect();
        Self { thresholds, tallies, events, days, extent }
    }

    /// The best figures; `None` where no event counts.
    pub fn oracle(&self) -> Option<Oracle> {
        let at: Vec<AtThreshold> = self.at_thresholds().collect();
        let first = at.first().filter(|_| self.extent.events > 0)?;
        let most = MOST_ALARMS * self.extent.positives as f64 / self.extent.rows as f64;
        let mut sparse: Vec<AtThreshold> = at.iter().filter(|at| at.alarm_share <= most).copied().collect();
        if sparse.is_empty() {
            sparse.push(*first);
        }
        Some(Oracle {
            event_f1: best(&sparse, |at| at.event_f1),
            hard_event_f1: best(&at, |at| at.hard_event_f1),
            composite_fc1: best(&at, |at| at.composite_fc1),
            point_adjusted_f1_inflated: best(&at, |at| at.point_adjusted_f1_inflated),
        })
    }

    /// The highest event recall at no more than so many false notifications per series-day; NaN where no
    /// event counts.
    pub fn recall_within(&self, notifications: f64, resample: &Resample) -> f64 {
        let (events, days) = (resample.sum(&self.events), resample.sum(&self.days));
        if events == 0.0 {
            return f64::NAN;
        }
        let mut highest = 0;
        for tallies in &self.tallies {
            let (detected, sent) = totals(tallies, resample);
            if sent as f64 / days <= notifications {
                highest = highest.max(detected);
            }
        }
        highest as f64 / events
    }

    fn at_thresholds(&self) -> impl Iterator<Item = AtThreshold> + '_ {
        self.thresholds.iter().zip(&self.tallies).map(|(threshold, tallies)| {
            let mut total = Tally::default();
            tallies.iter().for_each(|tally| total += *tally);
            AtThreshold::new(*threshold, &total, &self.extent)
        })
    }
}

/// Detected events and false notifications of a draw.
fn totals(tallies: &[Tally], resample: &Resample) -> (usize, usize) {
    let mut totals = (0, 0);
    for (series, tally) in tallies.iter().enumerate() {
        let times = resample.times(series) as usize;
        totals.0 += times * tally.detected;
        totals.1 += times * tally.false_notifications;
    }
    totals
}

/// The first of the highest.
fn best(at: &[AtThreshold], figure: impl Fn(&AtThreshold) -> f64) -> Best {
    let mut best = Best { value: f64::NEG_INFINITY, threshold: f64::NAN };
    for at in at {
        if figure(at) > best.value {
            best = Best { value: figure(at), threshold: at.threshold };
        }
    }
    best
}

/// Scores at ranks that grow by a factor and at ranks that grow by a step, and 1; falling, each once.
fn thresholds(rows: &[Row]) -> Vec<f64> {
    let count = rows.len();
    let Some(last) = count.checked_sub(1) else { return Vec::new() };
    let exponent = (count as f64).log10() / (BY_FACTOR - 1) as f64;
    let step = last as f64 / (BY_STEP - 1) as f64;
    let by_factor = (0..BY_FACTOR - 1).map(|index| 10f64.powf(index as f64 * exponent) as usize - 1);
    let by_step = (0..BY_STEP - 1).map(|index| (index as f64 * step) as usize);
    let mut ranks: Vec<usize> = by_factor.chain(by_step).map(|rank| rank.min(last)).chain([last]).collect();
    ranks.sort_unstable();
    let mut thresholds: Vec<f64> = ranks.into_iter().map(|rank| rows[rank].score).chain([1.0]).collect();
    thresholds.sort_unstable_by(|a, b| b.total_cmp(a));
    thresholds.dedup();
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(scores: impl IntoIterator<Item = f64>) -> Vec<Row> {
        scores.into_iter().map(|score| Row { score, series: 0, row: 0, label: false }).collect()
    }

    #[test]
    fn thresholds_tell_high_scores_apart_and_hold_the_line_and_the_lowest() {
        let found = thresholds(&rows((0..100_000).rev().map(f64::from)));
        assert!(found.len() > 250 && found.len() < 361, "{}", found.len());
        assert!(found.is_sorted_by(|a, b| a > b));
        assert_eq!(found[..4], [99_999.0, 99_998.0, 99_997.0, 99_996.0]);
        assert_eq!(found[found.len() - 2..], [1.0, 0.0]);
        assert_eq!(thresholds(&rows([0.5])), [1.0, 0.5]);
        assert!(thresholds(&[]).is_empty());
    }
}
