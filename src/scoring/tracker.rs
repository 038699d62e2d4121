//! The series of one query and their detectors: answers in, scores out. Does no I/O.

mod absence;
mod series;
mod stored;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::detect::{self, Detector};
use crate::metrics::scoring::HoldCause;
use crate::model::{Labels, Score, ScoredSeries, Timestamp};
use crate::prometheus::{Answer, LabelText, QueryError};
use crate::snapshots::{self, SnapshotError};

use super::Query;
use super::budget::SeriesBudget;
use super::dark::Dark;
use super::holds::{HeldBy, Holds};
use super::inquiries::{Why, WhyError, the_one};
use super::roll::{Roll, identity};
use super::subject::{Observed, Stored, Subject};
use super::targets::Targets;

use absence::{Departures, Standing};
use series::{Circumstances, Tracked};

pub use stored::TrackerState;

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
    /// What holds learning back.
    holds: Holds,
    /// When Prometheus had no data.
    dark: Dark,
    departures: Departures,
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
            holds: Holds::default(),
            dark: Dark::default(),
            departures: Departures::default(),
        }
    }

    /// Sets what holds learning back in the answers to come.
    pub fn set_holds(&mut self, holds: Holds) {
        self.holds = holds;
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
                    let around = Circumstances {
                        holds: &self.holds,
                        dark: &self.dark,
                        config: &self.query.detect,
                        with_bands,
                    };
                    self.departures.take_back(tracked.take(found.samples, around, &mut observed));
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
        self.series.push(Tracked::new(labels, detector));
        place
    }

    /// Takes the latest score of the one series that is meant apart.
    pub fn why(&self, means: impl Fn(&Labels) -> bool) -> Result<Why, WhyError> {
        let one = the_one(&self.query.name, &self.series, |tracked| &tracked.labels, means)?;
        let identity = (self.name.clone(), self.model.clone(), one.labels.clone());
        Ok(Why::new(identity, one.last, one.detector.explain(), one.detector.occurrences()))
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
            .filter(|tracked| tracked.last_seen + gone >= now && tracked.standing != Standing::Left)
            .filter_map(|tracked| Some(self.scored(tracked, tracked.last?)))
            .collect()
    }

    fn put_in_order(&mut self) {
        if self.order.len() != self.series.len() {
            self.order = (0..self.series.len()).collect();
            self.order.sort_unstable_by(|&a, &b| self.series[a].labels.cmp(&self.series[b].labels));
        }
    }

    fn scored(&self, tracked: &Tracked, last: Score) -> ScoredSeries {
        let missing = matches!(tracked.standing, Standing::Missing(_));
        ScoredSeries {
            query: self.name.clone(),
            model: self.model.clone(),
            labels: tracked.labels.clone(),
            score: tracked.standing.score(last),
            absent_since: missing.then(|| tracked.last_seen + self.query.detect.interval),
            outage: tracked.standing.is_outage(),
            with_band: self.query.with_band,
            since: tracked.detector.since(),
            contributions: None,
        }
    }
}

impl Subject for Tracker {
    fn name(&self) -> &str {
        &self.query.name
    }

    fn exprs(&self) -> &[String] {
        std::slice::from_ref(&self.query.expr)
    }

    fn requires(&self) -> &[String] {
        &self.query.requires
    }

    fn detect(&self) -> &detect::Config {
        &self.query.detect
    }

    fn observe(&mut self, answers: &[Answer]) -> Result<Observed, QueryError> {
        let mut observed = Observed::default();
        for answer in answers {
            observed.add(self.observe(answer)?);
        }
        Ok(observed)
    }

    fn pass(&mut self, answers: &[Answer]) -> Result<Observed, QueryError> {
        let mut observed = Observed::default();
        for answer in answers {
            observed.add(self.pass(answer)?);
        }
        Ok(observed)
    }

    fn held_by(&self) -> Vec<HeldBy<'_>> {
        vec![HeldBy { name: &self.query.name, while_firing: self.query.while_firing.as_ref() }]
    }

    fn set_holds(&mut self, mut holds: Vec<Holds>) {
        self.set_holds(holds.pop().unwrap_or_default());
    }

    fn held(&self) -> Vec<HoldCause> {
        self.series.iter().filter_map(|tracked| tracked.held).collect()
    }

    fn absent(&self) -> usize {
        self.absent()
    }

    fn misses_any(&self) -> bool {
        self.misses_any()
    }

    fn note_dark(&mut self, tick: Timestamp) {
        self.note_dark(tick);
    }

    fn judge_missing(&mut self, at: Timestamp, targets: &Targets, gone: Duration) -> Vec<Labels> {
        self.judge_missing(at, targets, gone)
    }

    fn forget(&mut self, now: Timestamp) {
        self.forget(now);
    }

    fn published(&mut self, gone: Duration, now: Timestamp) -> Arc<[ScoredSeries]> {
        self.published(gone, now)
    }

    fn why(&self, means: impl Fn(&Labels) -> bool) -> Result<Why, WhyError> {
        self.why(means)
    }

    fn load(&mut self, path: &Path) -> Result<Stored, SnapshotError> {
        let state = snapshots::load::<TrackerState>(path)?;
        Ok(state.map_or(Stored::Absent, |state| Stored::Read { done: self.restore(state) }))
    }

    fn encode(&self, done: Option<Timestamp>) -> Result<Vec<u8>, postcard::Error> {
        snapshots::encode(&self.state(done))
    }

    fn len(&self) -> usize {
        self.series.len()
    }

    fn save(&self, path: &Path, done: Option<Timestamp>) -> Result<usize, SnapshotError> {
        snapshots::save(path, &self.state(done))
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        self.budget.give_back(self.series.len());
    }
}

#[cfg(test)]
mod tests;
