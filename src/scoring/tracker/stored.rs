//! What is stored of a query's series, and taken up again.

use serde::{Deserialize, Serialize};

use crate::detect::{self, Presence, State};
use crate::model::{Score, Timestamp};
use crate::scoring::dark::Dark;

use super::Tracker;
use super::absence::{Departures, Standing};
use super::series::Tracked;

/// What is stored of a tracker.
#[derive(Serialize, Deserialize)]
pub struct TrackerState<'a> {
    /// What was evaluated: of another expression nothing is taken up.
    expr: String,
    /// The time between samples, in milliseconds: of another one nothing is taken up either.
    interval_ms: u64,
    /// The last tick that was scored.
    pub done: Option<i64>,
    dark: Dark,
    departures: Departures,
    series: Vec<StoredSeries<'a>>,
}

#[derive(Serialize, Deserialize)]
struct StoredSeries<'a> {
    labels: Vec<(String, String)>,
    last_seen: i64,
    last: Option<Score>,
    presence: Option<Presence>,
    standing: Standing,
    detector: State<'a>,
}

impl Tracker {
    fn interval_ms(&self) -> u64 {
        u64::try_from(self.query.detect.interval.as_millis()).unwrap_or(u64::MAX)
    }

    /// What is to be stored; the order is that of the labels, so equal states are equal bytes.
    pub fn state(&self, done: Option<Timestamp>) -> TrackerState<'_> {
        let mut series: Vec<StoredSeries<'_>> = self.series.iter().map(stored).collect();
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        let (expr, interval_ms) = (self.query.expr.clone(), self.interval_ms());
        let (dark, departures) = (self.dark.clone(), self.departures);
        TrackerState { expr, interval_ms, done: done.map(Timestamp::as_millis), dark, departures, series }
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
            let tracked = &mut self.series[place];
            tracked.last = stored.last;
            tracked.last_seen = Timestamp::from_millis(stored.last_seen);
            (tracked.presence, tracked.standing) = (stored.presence, stored.standing);
        }
        (self.dark, self.departures) = (state.dark, state.departures);
        state.done.map(Timestamp::from_millis)
    }
}

fn stored(tracked: &Tracked) -> StoredSeries<'_> {
    StoredSeries {
        labels: tracked.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        last_seen: tracked.last_seen.as_millis(),
        last: tracked.last,
        presence: tracked.presence.clone(),
        standing: tracked.standing,
        detector: tracked.detector.state(),
    }
}
