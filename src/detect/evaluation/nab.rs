//! The score of the Numenta Anomaly Benchmark: an early detection earns most, each alarming row outside of
//! an event costs, more the farther it is from the last one.
//!
//! 0 is a detector that never alarms, 100 one that alarms on the first row of each event only. As in NAB's
//! `sweeper.py` and `runner.py` (Lavin and Ahmad 2015), but the threshold may be any number.

use super::bars::Resample;
use super::labelled::Event;
use super::pooled::{Row, groups};
use super::scored::Scored;

/// The weights of a profile: what finding an event earns, missing one costs, a false alarm costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Profile {
    hit: f64,
    miss: f64,
    false_alarm: f64,
}

pub(super) const STANDARD: Profile = Profile { hit: 1.0, miss: 1.0, false_alarm: 0.11 };
pub(super) const LOW_FALSE_POSITIVES: Profile = Profile { false_alarm: 0.22, ..STANDARD };
pub(super) const LOW_FALSE_NEGATIVES: Profile = Profile { miss: 2.0, ..STANDARD };

/// The total over all series as the threshold falls, kept at the thresholds where an event earns more.
/// Between those the total only falls, so that the optimum is always at one of them.
pub(super) struct Curve {
    profile: Profile,
    /// Events that count, by series.
    windows: Vec<usize>,
    steps: Vec<Step>,
    /// What each series has gained over never alarming at threshold 1.
    gains_at_one: Vec<f64>,
}

struct Step {
    threshold: f64,
    /// Series and what it gained since the step before.
    gains: Vec<(usize, f64)>,
}

/// A normalised score and its threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Optimum {
    pub score: f64,
    /// Infinite if never alarming is best.
    pub threshold: f64,
}

impl Curve {
    /// `rows` are those of [`super::pooled::pooled`].
    pub fn new(set: &[Scored], rows: &[Row], profile: Profile) -> Self {
        let windows = set.iter().map(|scored| scored.series().scored_events().count()).collect();
        let mut walk = Walk::new(set, profile);
        let (mut steps, mut gains_at_one) = (Vec::new(), None);
        for group in groups(rows) {
            let threshold = group[0].score;
            if threshold < 1.0 {
                gains_at_one.get_or_insert_with(|| walk.totals.clone());
            }
            if walk.add(group) {
                steps.push(Step { threshold, gains: walk.flush() });
            }
        }
        let gains_at_one = gains_at_one.unwrap_or(walk.totals);
        Self { profile, windows, steps, gains_at_one }
    }

    /// The best score any single threshold reaches; NaN where no event counts.
    pub fn optimum(&self, resample: &Resample) -> Optimum {
        let (mut total, mut best, mut threshold) = (0.0, 0.0, f64::INFINITY);
        for step in &self.steps {
            total += step.gains.iter().map(|(series, gain)| resample.times(*series) * gain).sum::<f64>();
            if total > best {
                (best, threshold) = (total, step.threshold);
            }
        }
        Optimum { score: self.normalised(best, resample), threshold }
    }

    /// The score at threshold 1; NaN where no event counts.
    pub fn at_one(&self, resample: &Resample) -> f64 {
        self.normalised(resample.sum(&self.gains_at_one), resample)
    }

    /// What each series has gained over never alarming at threshold 1, in events.
    pub fn gains_at_one(&self) -> &[f64] {
        &self.gains_at_one
    }

    fn normalised(&self, gain: f64, resample: &Resample) -> f64 {
        let windows =
            resample.sum(self.windows.iter().map(|count| *count as f64).collect::<Vec<_>>().as_slice());
        if windows > 0.0 {
            100.0 * gain / (windows * (self.profile.hit + self.profile.miss))
        } else {
            f64::NAN
        }
    }
}

/// The state while the threshold falls.
struct Walk<'a> {
    set: &'a [Scored],
    profile: Profile,
    /// The most each event of each series has earned so far.
    best: Vec<Vec<f64>>,
    totals: Vec<f64>,
    /// By series: what has not been written into a step.
    pending: Vec<f64>,
}

impl<'a> Walk<'a> {
    fn new(set: &'a [Scored], profile: Profile) -> Self {
        let best = set.iter().map(|scored| vec![-profile.miss; scored.series().events().len()]).collect();
        let zeros = vec![0.0; set.len()];
        Self { set, profile, best, totals: zeros.clone(), pending: zeros }
    }

    /// Adds alarming rows; whether an event earns more than before.
    fn add(&mut self, group: &[Row]) -> bool {
        let mut earned = false;
        for row in group {
            let events = self.set[row.series].series().events();
            let (reward, event) = reward(events, row.row, self.profile);
            let gain = match event {
                None => reward,
                Some(event) => {
                    let best = &mut self.best[row.series][event];
                    let gain = (reward - *best).max(0.0);
                    *best = best.max(reward);
                    earned |= gain > 0.0;
                    gain
                }
            };
            self.totals[row.series] += gain;
            self.pending[row.series] += gain;
        }
        earned
    }

    fn flush(&mut self) -> Vec<(usize, f64)> {
        let pending = self.pending.iter_mut().map(std::mem::take).enumerate();
        pending.filter(|(_, gain)| *gain != 0.0).collect()
    }
}

/// What an alarm in a row earns, and the event it lies in.
fn reward(events: &[Event], row: usize, profile: Profile) -> (f64, Option<usize>) {
    let begun = events.partition_point(|event| event.first <= row);
    let Some(last) = begun.checked_sub(1) else { return (-profile.false_alarm, None) };
    let event = events[last];
    let width = event.rows() as f64;
    if row <= event.last {
        let most = sigmoid(-1.0);
        let position = -((event.last - row + 1) as f64) / width;
        (sigmoid(position) * profile.hit / most, Some(last))
    } else {
        let position = (row - event.last) as f64 / (width - 1.0).max(1e-9);
        (sigmoid(position) * profile.false_alarm, None)
    }
}

/// Between 1 and -1, 0 at the end of the event; -1 from three widths after it.
fn sigmoid(position: f64) -> f64 {
    if position > 3.0 { -1.0 } else { 2.0 / (1.0 + (5.0 * position).exp()) - 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::labelled::{Labelled, Labels};
    use super::super::pooled::pooled;
    use super::*;

    /// 200 rows, an event from row 100 to row 119; 30 rows are probation.
    fn scored(alarms: &[(usize, f64)]) -> Scored {
        let rows = (0..200).map(|row| (row * 60, 0.0)).collect();
        let labels = Labels::Windows(vec![(100 * 60, 119 * 60)]);
        let series = Labelled::new(String::new(), rows, labels).unwrap();
        let mut scores = vec![0.0; 200];
        for (row, score) in alarms {
            scores[*row] = *score;
        }
        Scored::new(series, scores, 1.0).unwrap()
    }

    fn curve(alarms: &[(usize, f64)]) -> Curve {
        let set = [scored(alarms)];
        Curve::new(&set, &pooled(&set), STANDARD)
    }

    fn at_one(alarms: &[(usize, f64)]) -> f64 {
        curve(alarms).at_one(&Resample::whole(1))
    }

    #[test]
    fn silence_is_0_and_the_first_row_of_the_event_is_100() {
        assert_eq!(at_one(&[]), 0.0);
        assert!((at_one(&[(100, 1.0)]) - 100.0).abs() < 1e-9);
        assert_eq!(at_one(&[(100, 0.9)]), 0.0, "below the line");
        assert_eq!(at_one(&[(20, 2.0)]), 0.0, "within the probation");
    }

    #[test]
    fn early_earns_more_than_late_and_false_costs() {
        assert!(at_one(&[(100, 1.0)]) > at_one(&[(115, 1.0)]));
        assert_eq!(at_one(&[(100, 1.0), (110, 1.0)]), at_one(&[(100, 1.0)]), "the second is free");
        assert!((at_one(&[(50, 1.0)]) - -5.5).abs() < 1e-9, "before any event: 0.11 of 2");
        assert!(at_one(&[(121, 1.0)]) > at_one(&[(150, 1.0)]), "near the event costs less");
    }

    #[test]
    fn the_optimum_leaves_out_false_alarms_with_lower_scores() {
        let optimum = curve(&[(100, 0.8), (50, 0.7), (190, 0.9)]).optimum(&Resample::whole(1));
        assert_eq!(optimum.threshold, 0.8);
        assert!((optimum.score - 94.5).abs() < 1e-9, "{optimum:?}");
        let silent = curve(&[(50, 1.0), (190, 1.0)]).optimum(&Resample::whole(1));
        assert_eq!(silent, Optimum { score: 0.0, threshold: f64::INFINITY }, "all rows alarm at 0");
    }

    #[test]
    fn without_events_there_is_no_score() {
        let curve = Curve::new(&[], &[], STANDARD);
        assert!(curve.at_one(&Resample::whole(0)).is_nan());
        assert!(curve.optimum(&Resample::whole(0)).score.is_nan());
    }
}
