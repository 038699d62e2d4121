//! The series of one query and their detectors: answers in, scores out. Does no I/O.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::detect::{self, Detector, State};
use crate::model::{Labels, Score, ScoredSeries, Series, Timestamp};

use super::Query;
use super::budget::SeriesBudget;

/// A detector is kept for so long after its series was last seen, so that a series that comes back is known.
const FORGET_AFTER: Duration = Duration::from_secs(86_400);

/// Everything known about one query's series.
pub struct Tracker {
    query: Query,
    name: Arc<str>,
    model: Arc<str>,
    budget: SeriesBudget,
    series: HashMap<Labels, Tracked>,
}

struct Tracked {
    detector: Box<dyn Detector>,
    last: Option<Score>,
    last_seen: Timestamp,
}

/// What an answer brought.
#[derive(Debug, Default, PartialEq)]
pub struct Observed {
    /// Samples scored.
    pub samples: u64,
    /// Series that found no place in the budget.
    pub refused: u64,
    /// Episodes that began with this answer.
    pub alarms: Vec<Labels>,
}

/// What is stored of a tracker.
#[derive(Serialize, Deserialize)]
pub struct TrackerState<'a> {
    /// What was evaluated: of another expression nothing is taken up.
    expr: String,
    /// The last tick that was scored.
    pub done: Option<i64>,
    series: Vec<StoredSeries<'a>>,
}

#[derive(Serialize, Deserialize)]
struct StoredSeries<'a> {
    labels: Vec<(String, String)>,
    last_seen: i64,
    last: Option<Score>,
    detector: State<'a>,
}

impl Tracker {
    /// A query without history.
    pub fn new(query: Query, budget: SeriesBudget) -> Self {
        let name = Arc::from(query.name.as_str());
        Self { query, name, model: Arc::from("auto"), budget, series: HashMap::new() }
    }

    /// The query that is tracked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Scores every sample of an answer. A new series without a place in the budget is refused.
    pub fn observe(&mut self, answer: Vec<Series>) -> Observed {
        let mut observed = Observed::default();
        for series in answer {
            let labels = series.labels.without(&["__name__"]);
            let Some(tracked) = self.tracked(&labels) else {
                observed.refused += 1;
                continue;
            };
            for sample in series.samples {
                observed.samples += 1;
                tracked.last_seen = tracked.last_seen.max(sample.at);
                if let Some(score) = tracked.detector.observe(sample) {
                    tracked.last = Some(score);
                    if score.alarm {
                        observed.alarms.push(labels.clone());
                    }
                }
            }
        }
        observed
    }

    fn tracked(&mut self, labels: &Labels) -> Option<&mut Tracked> {
        if !self.series.contains_key(labels) {
            if !self.budget.take() {
                return None;
            }
            let detector = detect::build(&self.query.detect);
            let tracked = Tracked { detector, last: None, last_seen: Timestamp::from_millis(i64::MIN) };
            self.series.insert(labels.clone(), tracked);
        }
        self.series.get_mut(labels)
    }

    /// Drops the detectors of series that have been gone for a day.
    pub fn forget(&mut self, now: Timestamp) {
        let before = self.series.len();
        self.series.retain(|_, tracked| tracked.last_seen + FORGET_AFTER >= now);
        self.budget.give_back(before - self.series.len());
    }

    /// The latest scores, in the order of the labels, without the series gone for longer than `gone`.
    pub fn published(&self, gone: Duration, now: Timestamp) -> Arc<[ScoredSeries]> {
        let mut published: Vec<ScoredSeries> = self
            .series
            .iter()
            .filter(|(_, tracked)| tracked.last_seen + gone >= now)
            .filter_map(|(labels, tracked)| Some(self.scored(labels, tracked.last?)))
            .collect();
        published.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
        published.into()
    }

    fn scored(&self, labels: &Labels, score: Score) -> ScoredSeries {
        ScoredSeries {
            query: self.name.clone(),
            model: self.model.clone(),
            labels: labels.clone(),
            score,
            with_band: self.query.with_band,
        }
    }

    /// What is to be stored; the order is that of the labels, so equal states are equal bytes.
    pub fn state(&self, done: Option<Timestamp>) -> TrackerState<'_> {
        let mut series: Vec<StoredSeries<'_>> = self.series.iter().map(stored).collect();
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        TrackerState { expr: self.query.expr.clone(), done: done.map(Timestamp::as_millis), series }
    }

    /// Takes up a stored state, as far as the budget allows. Returns the last tick that was scored; `None`
    /// where the history is to be read: what another expression taught does not hold for this one.
    pub fn restore(&mut self, state: TrackerState<'_>) -> Option<Timestamp> {
        if state.expr != self.query.expr {
            tracing::info!(query = %self.query.name, "the expression has changed, learning anew");
            return None;
        }
        for stored in state.series {
            if !self.budget.take() {
                break;
            }
            let detector = detect::restore(&self.query.detect, stored.detector);
            let last_seen = Timestamp::from_millis(stored.last_seen);
            self.series.insert(
                stored.labels.into_iter().collect(),
                Tracked { detector, last: stored.last, last_seen },
            );
        }
        state.done.map(Timestamp::from_millis)
    }
}

fn stored<'a>((labels, tracked): (&Labels, &'a Tracked)) -> StoredSeries<'a> {
    StoredSeries {
        labels: labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        last_seen: tracked.last_seen.as_millis(),
        last: tracked.last,
        detector: tracked.detector.state(),
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        self.budget.give_back(self.series.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Direction, Sample};

    fn query(expr: &str) -> Query {
        Query {
            name: "q".to_owned(),
            expr: expr.to_owned(),
            requires: Vec::new(),
            with_band: true,
            detect: detect::Config {
                interval: Duration::from_secs(60),
                direction: Direction::Both,
                false_alarms: "1 per 30d".parse().unwrap(),
                min_deviation: 0.0,
                time_zone: jiff::tz::TimeZone::UTC,
            },
        }
    }

    #[test]
    fn a_state_is_taken_up_for_the_expression_that_taught_it_only() {
        let at = Timestamp::from_millis(60_000);
        let mut taught = Tracker::new(query("up"), SeriesBudget::new(10));
        let samples = vec![Sample { at, value: 1.0 }];
        taught.observe(vec![Series { labels: Labels::default(), samples }]);
        for (expr, done, series) in [("up", Some(at), 1), ("up * 100", None, 0)] {
            let mut tracker = Tracker::new(query(expr), SeriesBudget::new(10));
            assert_eq!(tracker.restore(taught.state(Some(at))), done, "{expr}");
            assert_eq!(tracker.series.len(), series, "{expr}");
        }
    }
}
