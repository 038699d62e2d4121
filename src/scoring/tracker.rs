//! The series of one query and their detectors: answers in, scores out. Does no I/O.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::detect::{self, Detector, State};
use crate::model::{Labels, Score, ScoredSeries, Timestamp};
use crate::prometheus::{Answer, LabelText, QueryError};

use super::Query;
use super::budget::SeriesBudget;
use super::inquiries::{Candidates, Why, WhyError};
use super::roll::{Roll, identity};

/// A detector is kept for so long after its series was last seen, so that a series that comes back is known.
const FORGET_AFTER: Duration = Duration::from_secs(86_400);

/// Everything known about one query's series.
pub struct Tracker {
    query: Query,
    name: Arc<str>,
    model: Arc<str>,
    budget: SeriesBudget,
    series: Vec<Tracked>,
    roll: Roll,
    /// Indices into `series` in the order of the labels; too short where series are new.
    order: Vec<usize>,
    /// How many answers were observed.
    answers: u64,
}

struct Tracked {
    labels: Labels,
    detector: Box<dyn Detector>,
    last: Option<Score>,
    last_seen: Timestamp,
    /// The last answer that had it.
    answer: u64,
}

/// What an answer brought.
#[derive(Debug, Default, PartialEq)]
pub struct Observed {
    /// Samples taken.
    pub samples: u64,
    /// Samples that had a score: numbers, of series that have warmed up.
    pub scored: u64,
    /// Series that found no place in the budget.
    pub refused: u64,
    /// Series that came more than once: the first was taken.
    pub duplicates: u64,
    /// Episodes that began with this answer.
    pub alarms: Vec<Labels>,
}

impl Observed {
    /// Adds what a later answer brought.
    pub fn add(&mut self, later: Self) {
        self.samples += later.samples;
        self.scored += later.scored;
        self.refused += later.refused;
        self.duplicates += later.duplicates;
        self.alarms.extend(later.alarms);
    }
}

/// What is stored of a tracker.
#[derive(Serialize, Deserialize)]
pub struct TrackerState<'a> {
    /// What was evaluated: of another expression nothing is taken up.
    expr: String,
    /// The time between samples, in milliseconds: of another one nothing is taken up either.
    interval_ms: u64,
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
        Self {
            name,
            model: Arc::from(query.model.name()),
            query,
            budget,
            series: Vec::new(),
            roll: Roll::default(),
            order: Vec::new(),
            answers: 0,
        }
    }

    /// The query that is tracked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Scores every sample of an answer. A new series without a place in the budget is refused. Nothing is
    /// scored if any label set cannot be read.
    pub fn observe(&mut self, answer: &Answer) -> Result<Observed, QueryError> {
        self.take(answer, true)
    }

    /// As [`Self::observe`], for an answer whose bands nobody looks at: the same scores at less cost.
    pub fn pass(&mut self, answer: &Answer) -> Result<Observed, QueryError> {
        self.take(answer, false)
    }

    fn take(&mut self, answer: &Answer, with_bands: bool) -> Result<Observed, QueryError> {
        self.answers += 1;
        let places: Result<Vec<_>, _> = answer.series().map(|found| self.place(found.text)).collect();
        let mut observed = Observed::default();
        for (found, place) in answer.series().zip(places?) {
            match place.map(|place| &mut self.series[place]) {
                None => observed.refused += 1,
                Some(tracked) if tracked.answer == self.answers => observed.duplicates += 1,
                Some(tracked) => {
                    tracked.answer = self.answers;
                    // Nobody looks at the bands of samples that are followed by others.
                    let newest = found.samples.len().saturating_sub(1);
                    let mut numbers = 0;
                    for (index, &sample) in found.samples.iter().enumerate() {
                        observed.samples += 1;
                        tracked.last_seen = tracked.last_seen.max(sample.at);
                        let detector = &mut tracked.detector;
                        let looked_at = with_bands && index == newest;
                        let score = if looked_at { detector.observe(sample) } else { detector.pass(sample) };
                        if let Some(score) = score {
                            tracked.last = Some(score);
                            numbers += u64::from(score.value.is_finite());
                            if score.alarm {
                                observed.alarms.push(tracked.labels.clone());
                            }
                        }
                    }
                    observed.scored += if tracked.detector.is_warm() { numbers } else { 0 };
                }
            }
        }
        Ok(observed)
    }

    /// Where a series stands in the list, at its end if it is new; `None` where there is no room for it.
    fn place(&mut self, text: LabelText<'_>) -> Result<Option<usize>, QueryError> {
        if let Some(place) = self.roll.place_of_text(text) {
            return Ok(Some(place));
        }
        let labels = identity(text)?;
        let place = match self.roll.place_of(&labels) {
            Some(place) => place,
            None if self.budget.take() => self.add(labels, self.query.model.build(&self.query.detect)),
            None => return Ok(None),
        };
        self.roll.keep_text(text, place);
        Ok(Some(place))
    }

    /// Adds a series whose place in the budget is taken.
    fn add(&mut self, labels: Labels, detector: Box<dyn Detector>) -> usize {
        let place = self.series.len();
        self.roll.add(labels.clone(), place);
        let last_seen = Timestamp::from_millis(i64::MIN);
        self.series.push(Tracked { labels, detector, last: None, last_seen, answer: 0 });
        place
    }

    /// Takes the latest score of the one series that is meant apart.
    pub fn why(&self, means: impl Fn(&Labels) -> bool) -> Result<Why, WhyError> {
        let query = || self.query.name.clone();
        let labels = |series: &[&Tracked]| {
            Candidates::new(
                series.iter().map(|tracked| tracked.labels.to_string()).collect::<Vec<_>>().iter(),
            )
        };
        let all: Vec<&Tracked> = self.series.iter().collect();
        let meant: Vec<&Tracked> = all.iter().copied().filter(|tracked| means(&tracked.labels)).collect();
        match meant.as_slice() {
            [] => Err(WhyError::UnknownSeries { query: query(), known: labels(&all) }),
            [one] => {
                let identity = (self.name.clone(), self.model.clone(), one.labels.clone());
                Ok(Why::new(identity, one.last, one.detector.explain(), one.detector.occurrences()))
            }
            several => Err(WhyError::Ambiguous { query: query(), found: labels(several) }),
        }
    }

    /// Drops the detectors of series that have been gone for a day.
    pub fn forget(&mut self, now: Timestamp) {
        let stays = |tracked: &Tracked| tracked.last_seen + FORGET_AFTER >= now;
        if self.series.iter().all(stays) {
            return;
        }
        let before = self.series.len();
        let mut next = 0..;
        let places: Vec<Option<usize>> =
            self.series.iter().map(|tracked| stays(tracked).then(|| next.next()).flatten()).collect();
        self.series.retain(stays);
        self.roll.move_all(|place| places[place]);
        self.order.clear();
        self.budget.give_back(before - self.series.len());
    }

    /// The latest scores, in the order of the labels, without the series gone for longer than `gone`.
    pub fn published(&mut self, gone: Duration, now: Timestamp) -> Arc<[ScoredSeries]> {
        self.put_in_order();
        let ordered = self.order.iter().map(|&place| &self.series[place]);
        ordered
            .filter(|tracked| tracked.last_seen + gone >= now)
            .filter_map(|tracked| Some(self.scored(&tracked.labels, tracked.last?)))
            .collect()
    }

    fn put_in_order(&mut self) {
        if self.order.len() != self.series.len() {
            self.order = (0..self.series.len()).collect();
            self.order.sort_unstable_by(|&a, &b| self.series[a].labels.cmp(&self.series[b].labels));
        }
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

    /// How many series are known.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// The time between samples, in milliseconds.
    pub fn interval_ms(&self) -> u64 {
        u64::try_from(self.query.detect.interval.as_millis()).unwrap_or(u64::MAX)
    }

    /// What is to be stored; the order is that of the labels, so equal states are equal bytes.
    pub fn state(&self, done: Option<Timestamp>) -> TrackerState<'_> {
        let mut series: Vec<StoredSeries<'_>> = self.series.iter().map(stored).collect();
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        let (expr, interval_ms) = (self.query.expr.clone(), self.interval_ms());
        TrackerState { expr, interval_ms, done: done.map(Timestamp::as_millis), series }
    }

    /// Takes up a stored state, as far as the budget allows. Returns the last tick that was scored; `None`
    /// where the history is to be read: what another expression, interval or model learnt does not hold for this one.
    pub fn restore(&mut self, state: TrackerState<'_>) -> Option<Timestamp> {
        let other_model = |stored: &StoredSeries<'_>| stored.detector.model() != self.query.model;
        let changed = if state.expr != self.query.expr {
            Some("expression")
        } else if state.interval_ms != self.interval_ms() {
            Some("interval")
        } else {
            state.series.iter().any(other_model).then_some("model")
        };
        if let Some(what) = changed {
            tracing::info!(query = %self.query.name, what, "the query has changed, learning anew");
            return None;
        }
        for stored in state.series {
            if !self.budget.take() {
                break;
            }
            let detector = detect::restore(&self.query.detect, stored.detector);
            let place = self.add(stored.labels.into_iter().collect(), detector);
            self.series[place].last = stored.last;
            self.series[place].last_seen = Timestamp::from_millis(stored.last_seen);
        }
        state.done.map(Timestamp::from_millis)
    }
}

fn stored(tracked: &Tracked) -> StoredSeries<'_> {
    StoredSeries {
        labels: tracked.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
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
mod tests;
