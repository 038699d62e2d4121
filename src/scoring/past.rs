//! A past range scored as the loop would have scored it live: the history before the range as a daemon reads
//! it that starts there, then one tick after the other. Nothing is published, stored or counted.
//!
//! A series that is missing is judged by the targets of its tick, as live. What cannot be had from the past: holds
//! on request, and that a live loop may share targets that were asked for up to half an interval before or after.

mod replay;
mod targets;

use std::time::Duration;

use crate::model::{ScoredSeries, Timestamp};
use crate::prometheus::{Client, QueryError};

use super::Config;
use super::budget::SeriesBudget;
use super::groups::Groups;
use super::ticks::Ticks;
use super::tracker::Tracker;

use replay::Replay;

/// What of the past is scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastRange {
    /// The first time that is reported.
    pub start: Timestamp,
    /// The last time, included.
    pub end: Timestamp,
    /// How much history before `start` is learnt first.
    pub warm_up: Duration,
}

/// Who looks on while the past is scored.
pub trait Onlooker: Send {
    /// So many more ticks have been read.
    fn read(&mut self, ticks: u64);

    /// The history has been learnt: where its series stand.
    fn begin(&mut self, scores: &[ScoredSeries]);

    /// Whether the bands of this tick are wanted. Without, its scores are the same, with bands that have no edges.
    fn wants_bands(&mut self, tick: Timestamp) -> bool;

    /// The scores of one tick: of every series that has a sample at it, and of every one that is missing from it
    /// and judged so. Not called for a tick at which Prometheus had no data.
    fn see(&mut self, tick: Timestamp, scores: &[ScoredSeries]);
}

/// One query or one model over a past range.
pub struct Past(Inner);

enum Inner {
    Query(Box<Replay<Tracker>>),
    Model(Box<Replay<Groups>>),
}

impl Past {
    /// Query number `index` of the configuration, or the models after the queries, at the ticks the daemon has for it.
    /// `None` if none of them is in the range. The cap on series holds for each query by itself.
    pub fn new(config: &Config, index: usize, range: PastRange) -> Option<Self> {
        let ticks = Ticks::new(config.interval, index, config.queries.len() + config.models.len());
        let budget = SeriesBudget::new(config.max_series);
        Some(Self(match index.checked_sub(config.queries.len()) {
            None => {
                let tracker = Tracker::new(config.queries[index].clone(), budget);
                Inner::Query(Box::new(Replay::new(config, tracker, ticks, range)?))
            }
            Some(model) => {
                let groups = Groups::new(config.models[model].clone(), budget);
                Inner::Model(Box::new(Replay::new(config, groups, ticks, range)?))
            }
        }))
    }

    /// The first and the last tick that are reported.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        match &self.0 {
            Inner::Query(replay) => replay.span(),
            Inner::Model(replay) => replay.span(),
        }
    }

    /// How many ticks are read, those of the history included.
    pub fn tick_count(&self) -> u64 {
        match &self.0 {
            Inner::Query(replay) => replay.tick_count(),
            Inner::Model(replay) => replay.tick_count(),
        }
    }

    /// Most series that found no place under the cap.
    pub fn refused(&self) -> u64 {
        match &self.0 {
            Inner::Query(replay) => replay.refused(),
            Inner::Model(replay) => replay.refused(),
        }
    }

    /// Reads and scores everything. To be called within a runtime of several threads, as scoring blocks one.
    pub async fn run(&mut self, client: &Client, onlooker: &mut dyn Onlooker) -> Result<(), QueryError> {
        match &mut self.0 {
            Inner::Query(replay) => replay.run(client, onlooker).await,
            Inner::Model(replay) => replay.run(client, onlooker).await,
        }
    }
}
