//! What one node had in excess of its usual in each row, and how sure that is.

use super::incident::{Kind, Metric, Node};
use super::spread::{FailureRate, median, spread};
use crate::model::Direction;

/// Fewest values of usual time from which a spread is learnt: with fewer, its own error exceeds a quarter.
const MIN_HISTORY: usize = 10;
/// The smallest step that counts of a series that was always the same: a thousandth, of the value or of a share.
const RESOLUTION: f64 = 1e-3;
/// The smallest spread, so that a series that was always 0 has a finite significance.
const SMALLEST_SPREAD: f64 = 1e-9;

/// The excess of a node's series: by how much each value is worse than the median, times the requests of its row
/// where they are known. It is then a sum over requests, seconds waited or requests failed, and what a callee adds
/// to its caller is at most that sum, whatever the number of calls per request.
#[derive(Clone, Debug)]
pub(super) struct Excess {
    /// By row; below 0 where it is better than usual, 0 where nothing is known.
    pub rows: Vec<f64>,
    /// Whether rows are sums over requests.
    pub counted: bool,
    /// The median of usual time, in the unit of the series.
    pub usual: f64,
    /// The values by row; a missing one is the one before it.
    pub values: Vec<f64>,
    /// The largest excess of usual time.
    pub largest_usual: f64,
    scale: Scale,
}

#[derive(Clone, Debug)]
enum Scale {
    /// The spread of a row.
    Spread(f64),
    /// Failures and requests by row, against the usual rate.
    Failures { rate: FailureRate, failed: Vec<f64>, requests: Vec<f64> },
}

impl Excess {
    /// The excess of a node's series of a kind; `None` without the series, or where its history is too short.
    pub fn of(node: &Node, kind: Kind) -> Option<Self> {
        let metric = node.metric(kind)?;
        let requests = node.metric(Kind::Requests).filter(|_| kind != Kind::Requests);
        let known = |row: &usize| metric.normal[*row].is_finite();
        let known: Vec<usize> = (0..metric.normal.len()).filter(known).collect();
        if known.len() < MIN_HISTORY {
            return None;
        }
        let normal: Vec<f64> = known.iter().map(|row| metric.normal[*row]).collect();
        let count = |row: &usize| requests.map_or(1.0, |counts| counted(counts.normal[*row]));
        let normal = Column { values: normal, counts: known.iter().map(count).collect() };
        let count = |row| requests.map_or(1.0, |counts| counted(counts.abnormal[row]));
        let abnormal = filled(metric, requests);
        let counts = (0..abnormal.len()).map(count).collect();
        let abnormal = Column { values: abnormal, counts };

        let usual = median(&normal.values);
        let worse = sign(metric, usual);
        let history = normal.excess(usual, worse);
        let scale = match (kind, requests) {
            (Kind::Errors, Some(_)) if worse > 0.0 => failures(&normal, &abnormal),
            _ => Scale::Spread(positive(spread(&history), kind, usual * median(&normal.counts))),
        };
        Some(Self {
            rows: abnormal.excess(usual, worse),
            counted: requests.is_some(),
            usual,
            largest_usual: history.into_iter().fold(0.0, f64::max),
            values: abnormal.values,
            scale,
        })
    }

    /// How many of its own standard deviations the weighted rows are above the usual. The weights are those of the
    /// target's excess, a matched filter: what deviates at other times than the target counts for little. (G. L. Turin,
    /// IRE Transactions on Information Theory 6, 1960.)
    pub fn significance(&self, weights: &[f64]) -> f64 {
        match &self.scale {
            Scale::Spread(spread) => {
                let sum: f64 = self.rows.iter().zip(weights).map(|(row, weight)| row * weight).sum();
                let length: f64 = weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt();
                if length > 0.0 { sum / (spread * length) } else { 0.0 }
            }
            Scale::Failures { rate, failed, requests } => {
                let within = |column: &[f64]| -> f64 {
                    column.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).map(|(sum, _)| sum).sum()
                };
                rate.significance(within(failed), within(requests))
            }
        }
    }

    /// The same for one row alone.
    pub fn significance_of(&self, row: usize) -> f64 {
        match &self.scale {
            Scale::Spread(spread) => self.rows[row] / spread,
            Scale::Failures { rate, failed, requests } => rate.significance(failed[row], requests[row]),
        }
    }
}

/// Values and the requests behind each; 1 where those are not known.
struct Column {
    values: Vec<f64>,
    counts: Vec<f64>,
}

impl Column {
    fn excess(&self, usual: f64, worse: f64) -> Vec<f64> {
        let rows = self.values.iter().zip(&self.counts);
        rows.map(|(value, count)| counted(worse * (value - usual)) * count).collect()
    }
}

/// Which way is worse: 1 for higher values.
fn sign(metric: &Metric, usual: f64) -> f64 {
    match metric.worse {
        Direction::Above => 1.0,
        Direction::Below => -1.0,
        Direction::Both => {
            let side: f64 =
                metric.abnormal.iter().filter(|value| value.is_finite()).map(|value| value - usual).sum();
            if side < 0.0 { -1.0 } else { 1.0 }
        }
    }
}

/// A number, or 0 for one that is missing.
fn counted(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

/// The values of unusual time, where a missing one is taken for the one before it, as Prometheus does. Where there
/// was no request there is nothing to take.
fn filled(metric: &Metric, requests: Option<&Metric>) -> Vec<f64> {
    let mut last = f64::NAN;
    let value = |(row, value): (usize, &f64)| {
        if value.is_finite() {
            last = *value;
            return *value;
        }
        let silent = requests.is_some_and(|counts| counts.abnormal[row] == 0.0);
        if silent { f64::NAN } else { last }
    };
    metric.abnormal.iter().enumerate().map(value).collect()
}

fn failures(normal: &Column, abnormal: &Column) -> Scale {
    let rows = || abnormal.values.iter().zip(&abnormal.counts);
    Scale::Failures {
        rate: FailureRate::of(&normal.values, &normal.counts),
        failed: rows().map(|(share, count)| counted(share * count)).collect(),
        requests: rows().map(|(share, count)| if share.is_finite() { *count } else { 0.0 }).collect(),
    }
}

/// The spread, or the series' resolution where it has none.
fn positive(spread: f64, kind: Kind, usual: f64) -> f64 {
    let step = if kind == Kind::Errors { RESOLUTION } else { RESOLUTION * usual.abs() };
    if spread > 0.0 { spread } else { step.max(SMALLEST_SPREAD) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(kind: Kind, worse: Direction, normal: &[f64], abnormal: &[f64]) -> Node {
        let metric = Metric { kind, worse, normal: normal.to_vec(), abnormal: abnormal.to_vec() };
        Node { name: "n".to_owned(), metrics: vec![metric], ..Node::default() }
    }

    fn with_requests(mut node: Node, normal: f64, abnormal: &[f64]) -> Node {
        let normal = vec![normal; node.metrics[0].normal.len()];
        let worse = Direction::Both;
        node.metrics.push(Metric { kind: Kind::Requests, worse, normal, abnormal: abnormal.to_vec() });
        node
    }

    const CALM: [f64; 12] = [1.0, 1.1, 0.9, 1.0, 1.1, 0.9, 1.0, 1.1, 0.9, 1.0, 1.0, 1.0];

    #[test]
    fn the_excess_is_a_sum_over_requests_where_they_are_known() {
        let latency = node(Kind::Latency, Direction::Above, &CALM, &[1.0, 3.0]);
        let bare = Excess::of(&latency, Kind::Latency).unwrap();
        assert_eq!((bare.rows, bare.counted), (vec![0.0, 2.0], false));
        let summed = Excess::of(&with_requests(latency, 100.0, &[100.0, 50.0]), Kind::Latency).unwrap();
        assert_eq!((summed.rows, summed.counted), (vec![0.0, 100.0], true));
    }

    #[test]
    fn the_worse_side_counts() {
        for (worse, abnormal, expected) in [
            (Direction::Above, 3.0, 2.0),
            (Direction::Above, 0.5, -0.5),
            (Direction::Below, 0.5, 0.5),
            (Direction::Both, 0.5, 0.5),
            (Direction::Both, 1.5, 0.5),
        ] {
            let excess = Excess::of(&node(Kind::Latency, worse, &CALM, &[abnormal]), Kind::Latency).unwrap();
            assert_eq!(excess.rows, [expected], "{worse:?} {abnormal}");
        }
    }

    #[test]
    fn a_missing_value_is_the_one_before_it_unless_there_was_no_request() {
        let gap = node(Kind::Latency, Direction::Above, &CALM, &[f64::NAN, 2.0, f64::NAN, f64::NAN]);
        let rows = |node: &Node| Excess::of(node, Kind::Latency).unwrap().rows;
        assert_eq!(rows(&gap), [0.0, 1.0, 1.0, 1.0]);
        assert_eq!(rows(&with_requests(gap, 10.0, &[0.0, 10.0, 10.0, 0.0])), [0.0, 10.0, 10.0, 0.0]);
    }

    #[test]
    fn a_short_history_teaches_nothing() {
        let mut history = CALM.to_vec();
        history[..3].fill(f64::NAN);
        assert!(
            Excess::of(&node(Kind::Latency, Direction::Above, &history, &[9.0]), Kind::Latency).is_none()
        );
        history[0] = 1.0;
        assert!(
            Excess::of(&node(Kind::Latency, Direction::Above, &history, &[9.0]), Kind::Latency).is_some()
        );
    }

    #[test]
    fn what_never_varied_has_a_finite_significance() {
        for kind in [Kind::Latency, Kind::Errors, Kind::Requests] {
            let calm = node(kind, Direction::Above, &[0.0; 20], &[0.5]);
            let sigma = Excess::of(&calm, kind).unwrap().significance(&[1.0]);
            assert!(sigma.is_finite() && sigma > 10.0, "{kind}: {sigma}");
        }
    }

    #[test]
    fn what_deviates_at_other_times_counts_for_little() {
        let node = node(Kind::Latency, Direction::Above, &CALM, &[5.0, 1.0]);
        let excess = Excess::of(&node, Kind::Latency).unwrap();
        assert_eq!(excess.significance(&[0.0, 1.0]), 0.0);
        assert!(excess.significance(&[1.0, 0.0]) > 20.0);
    }
}
