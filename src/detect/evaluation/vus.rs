//! Volumes under the surface (Paparrizos et al. 2022), as in TSB-AD's `RangeAUC_volume_opt`: areas under the
//! precision-recall and the ROC curve, averaged over the width of a buffer around each event, within which
//! an alarm is worth a part. No threshold, no alarm line: it judges the order of the scores alone.

use super::labelled::{Event, runs};

/// Thresholds of a curve.
const THRESHOLDS: usize = 250;

/// Both volumes of a series, in [0, 1]; NaN where nothing or everything is anomalous.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Volumes {
    pub precision_recall: f64,
    pub roc: f64,
}

/// The volumes of scores with one label each, with buffers from 0 to `widest` rows.
pub(super) fn volumes(scores: &[f64], labels: &[bool], widest: usize) -> Volumes {
    let events = runs(labels);
    if events.is_empty() {
        return Volumes { precision_recall: f64::NAN, roc: f64::NAN };
    }
    let ranking = Ranking::new(scores);
    let mut surface = Surface::new(&ranking, labels, &events);
    let mut sums = Volumes { precision_recall: 0.0, roc: 0.0 };
    for width in 0..=widest {
        let areas = surface.areas(width);
        sums.precision_recall += areas.precision_recall;
        sums.roc += areas.roc;
    }
    let count = (widest + 1) as f64;
    Volumes { precision_recall: sums.precision_recall / count, roc: sums.roc / count }
}

/// Rows by the threshold that first reaches them.
struct Ranking {
    /// Rows at or above each threshold.
    reached: Vec<usize>,
    /// For each row the first threshold that reaches it.
    bins: Vec<usize>,
}

impl Ranking {
    fn new(scores: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].partial_cmp(&scores[*a]).expect("scores are finite"));
        let sorted: Vec<f64> = order.iter().map(|row| scores[*row]).collect();
        let step = (scores.len() - 1) as f64 / (THRESHOLDS - 1) as f64;
        let position = |index: usize| match index {
            last if last == THRESHOLDS - 1 => scores.len() - 1,
            index => (index as f64 * step) as usize,
        };
        let thresholds = (0..THRESHOLDS).map(|index| sorted[position(index)]);
        let reached: Vec<usize> = thresholds.map(|t| sorted.partition_point(|score| *score >= t)).collect();
        let mut bins = vec![0; scores.len()];
        for (rank, row) in order.into_iter().enumerate() {
            bins[row] = reached.partition_point(|count| *count < rank + 1);
        }
        Self { reached, bins }
    }
}

/// What does not change with the width of the buffer, and room for what does.
struct Surface<'a> {
    ranking: &'a Ranking,
    labels: &'a [bool],
    events: &'a [Event],
    positives: f64,
    /// Labelled rows at or above each threshold.
    hits: Vec<f64>,
    /// How much of an event the buffer makes each row; 0 between two calls.
    weights: Vec<f64>,
}

impl<'a> Surface<'a> {
    fn new(ranking: &'a Ranking, labels: &'a [bool], events: &'a [Event]) -> Self {
        let mut hits = vec![0.0; THRESHOLDS];
        for (bin, _) in ranking.bins.iter().zip(labels).filter(|(_, label)| **label) {
            hits[*bin] += 1.0;
        }
        for index in 1..THRESHOLDS {
            hits[index] += hits[index - 1];
        }
        let positives = events.iter().map(|event| event.rows() as f64).sum();
        Self { ranking, labels, events, positives, hits, weights: vec![0.0; labels.len()] }
    }

    fn areas(&mut self, width: usize) -> Volumes {
        let near = self.buffered(width);
        let (found, segments) = self.segments_found(width / 2);
        let (mut in_buffer, mut existing) = (0.0, 0.0);
        let (mut before, mut areas) = ((0.0, 0.0), Volumes { precision_recall: 0.0, roc: 0.0 });
        for index in 0..THRESHOLDS {
            in_buffer += near[index];
            existing += found[index];
            let (hits, alarms) = (self.hits[index] + in_buffer, self.ranking.reached[index] as f64);
            let positives = (2.0 * self.positives + in_buffer) / 2.0;
            let true_rate = (hits / positives).min(1.0) * existing / segments;
            let false_rate = (alarms - hits) / (self.labels.len() as f64 - positives);
            areas.precision_recall += (true_rate - before.0) * hits / alarms;
            areas.roc += (false_rate - before.1) * (true_rate + before.0) / 2.0;
            before = (true_rate, false_rate);
        }
        areas.roc += (1.0 - before.1) * (1.0 + before.0) / 2.0;
        areas
    }

    /// By threshold, the worth of the unlabelled rows it is the first to reach within the buffers.
    fn buffered(&mut self, width: usize) -> [f64; THRESHOLDS] {
        let (half, rows) = (width / 2, self.labels.len());
        let worth = |distance: usize| (1.0 - distance as f64 / width as f64).sqrt();
        for event in self.events {
            for row in event.last + 1..(event.last + half + 1).min(rows) {
                self.weights[row] += worth(row - event.last);
            }
            for row in event.first.saturating_sub(half)..event.first {
                self.weights[row] += worth(event.first - row);
            }
        }
        let mut near = [0.0; THRESHOLDS];
        for event in self.events {
            let sides = [
                event.first.saturating_sub(half)..event.first,
                event.last + 1..(event.last + half + 1).min(rows),
            ];
            for row in sides.into_iter().flatten() {
                let weight = std::mem::take(&mut self.weights[row]);
                if !self.labels[row] {
                    near[self.ranking.bins[row]] += weight.min(1.0);
                }
            }
        }
        near
    }

    /// By threshold, the events it is the first to find, and how many there are: those whose buffers touch
    /// are one.
    fn segments_found(&self, half: usize) -> ([f64; THRESHOLDS], f64) {
        let (mut found, mut segments) = ([0.0; THRESHOLDS], 0.0);
        let mut first = self.events[0].first.saturating_sub(half);
        for (index, event) in self.events.iter().enumerate() {
            let next = self.events.get(index + 1);
            if next.is_some_and(|next| event.last + half >= next.first.saturating_sub(half)) {
                continue;
            }
            let last = (event.last + half).min(self.labels.len() - 1);
            let bin = self.ranking.bins[first..=last].iter().min().expect("a segment has a row");
            found[*bin] += 1.0;
            segments += 1.0;
            first = next.map_or(0, |next| next.first.saturating_sub(half));
        }
        (found, segments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn precision_recall(scores: &[f64], labels: &[bool], widest: usize) -> f64 {
        volumes(scores, labels, widest).precision_recall
    }

    fn labels(rows: usize, event: std::ops::Range<usize>) -> Vec<bool> {
        (0..rows).map(|row| event.contains(&row)).collect()
    }

    #[test]
    fn a_perfect_score_fills_the_volume_and_a_reversed_one_does_not() {
        let labels = labels(1000, 400..450);
        let perfect: Vec<f64> = labels.iter().map(|label| f64::from(u8::from(*label))).collect();
        let reversed: Vec<f64> = perfect.iter().map(|score| 1.0 - score).collect();
        assert!(precision_recall(&perfect, &labels, 0) > 0.999);
        assert!(volumes(&perfect, &labels, 0).roc > 0.999);
        assert!(precision_recall(&reversed, &labels, 0) < 0.06);
    }

    #[test]
    fn a_buffer_forgives_an_alarm_beside_the_event() {
        let labels = labels(1000, 400..450);
        let mut beside = vec![0.0; 1000];
        beside[450..470].fill(1.0);
        assert!(precision_recall(&beside, &labels, 100) > 2.0 * precision_recall(&beside, &labels, 0));
    }

    #[test]
    fn odd_series_give_a_number_or_none() {
        assert!(precision_recall(&[], &[], 125).is_nan());
        assert!(precision_recall(&[1.0, 2.0], &[false, false], 125).is_nan());
        assert!(precision_recall(&[1.0, 2.0], &[true, false], 125).is_finite());
        assert!(precision_recall(&[0.0; 10], &labels(10, 0..3), 125).is_finite());
        assert_eq!(precision_recall(&[1.0; 10], &labels(10, 0..10), 125), 1.0);
    }
}
