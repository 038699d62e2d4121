//! Series that are missing from an answer: outages, and what only looks like one.
//!
//! A series that ends with its target, or in whose place another has come, has left: no event. All others are
//! judged by their presence so far. A series that stays away for good counts for its peers: where
//! series vanish all the time, one more is no event.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::detect::{Absence, DURATIONS_MEMORY, Gap};
use crate::model::{AnomalyState, Labels, Score, Timestamp};
use crate::scoring::holds::hold;
use crate::scoring::targets::{Target, Targets};

use super::Tracker;
use super::series::Tracked;

/// The labels in which a series and its successor may differ.
const PLACE_LABELS: [&str; 2] = ["instance", "pod"];
/// A successor may have come so long before its predecessor went.
const OVERLAP: Duration = Duration::from_secs(3600);
/// What a surprising departure counts, as a share of an expected one.
const SURPRISE_SHARE: f64 = 0.25;

/// Where a series stands after the last answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Standing {
    /// It is there, or nothing is said of its absence yet.
    #[default]
    Present,
    /// It is missing, and so judged.
    Missing(Absence),
    /// It has been missing for longer than it is published, and counts with this weight as vanished for good.
    Departed(f64),
    /// It has ended with its target, or has a successor.
    Left,
}

impl Standing {
    /// What it counts as vanished for good.
    pub fn weight(self) -> f64 {
        if let Self::Departed(weight) = self { weight } else { 0.0 }
    }

    /// Whether it is missing where that is an outage.
    pub fn is_outage(self) -> bool {
        matches!(self, Self::Missing(absence) if absence.state != AnomalyState::Normal)
    }

    /// Whether its absence is still to be judged.
    fn is_open(self) -> bool {
        matches!(self, Self::Present | Self::Missing(_))
    }

    /// The score as it stands, given the last one.
    pub fn score(self, last: Score) -> Score {
        let Self::Missing(absence) = self else { return last };
        let state = match (absence.state, last.state) {
            (AnomalyState::Normal, AnomalyState::NewLevel) => AnomalyState::Normal,
            (AnomalyState::Normal, before) => before,
            (outage, _) => outage,
        };
        Score { score: absence.score.max(last.score), state, alarm: absence.alarm, ..last }
    }
}

/// How many series vanished for good, fading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Departures {
    weight: f64,
    /// In milliseconds.
    updated: i64,
}

impl Departures {
    fn at(&self, at: Timestamp) -> f64 {
        let elapsed = at.since(Timestamp::from_millis(self.updated));
        self.weight * (-elapsed.as_secs_f64() / DURATIONS_MEMORY.as_secs_f64()).exp()
    }

    fn add(&mut self, at: Timestamp, weight: f64) {
        *self = Self { weight: self.at(at) + weight, updated: self.updated.max(at.as_millis()) };
    }

    /// So much of it had come back.
    pub fn take_back(&mut self, weight: f64) {
        self.weight = (self.weight - weight).max(0.0);
    }
}

/// What the last answer says about all series.
struct Scene {
    /// Of the newcomers, without their place: since when they have been there.
    newcomers: HashMap<Labels, Timestamp>,
    /// Most series have other labels than before.
    relabelled: bool,
    /// Departures per second and series.
    departures: f64,
}

impl Tracker {
    /// Whether a series is missing from the last answer and nothing final is said of it.
    pub fn misses_any(&self) -> bool {
        self.series.iter().any(|tracked| self.is_missing(tracked))
    }

    fn is_missing(&self, tracked: &Tracked) -> bool {
        tracked.answer != self.answers && tracked.standing.is_open() && tracked.presence.is_some()
    }

    /// Notes a tick at which Prometheus had no data.
    pub fn note_dark(&mut self, tick: Timestamp) {
        self.dark.note(tick, self.query.detect.interval);
    }

    /// How many series are missing where that is an outage.
    pub fn absent(&self) -> usize {
        self.series.iter().filter(|tracked| tracked.standing.is_outage()).count()
    }

    /// Judges the series that are missing from the answer of the tick `at`. They are published for `gone`; who has been
    /// missing for longer is not judged any more. Returns those whose outage begins.
    pub fn judge_missing(&mut self, at: Timestamp, targets: &Targets, gone: Duration) -> Vec<Labels> {
        let missing: Vec<usize> =
            (0..self.series.len()).filter(|&place| self.is_missing(&self.series[place])).collect();
        let scene = self.scene(at, &missing);
        let mut alarms = Vec::new();
        for place in missing {
            let left = self.has_left(&self.series[place], targets, &scene);
            if left || at.since(self.series[place].last_seen) > gone {
                self.part_with(place, at, left);
            } else if self.judge(place, at, scene.departures) {
                alarms.push(self.series[place].labels.clone());
            }
        }
        alarms
    }

    fn scene(&self, at: Timestamp, missing: &[usize]) -> Scene {
        let seen = missing.iter().map(|&place| self.series[place].last_seen).min().unwrap_or(at);
        let (mut newcomers, mut others, mut fresh) = (HashMap::new(), 0, 0);
        for tracked in self.series.iter().filter(|tracked| tracked.answer == self.answers) {
            let since = tracked.presence.as_ref().map_or(at, |presence| presence.since());
            others += 1;
            fresh += usize::from(since > seen);
            if since + OVERLAP >= seen {
                newcomers.insert(tracked.labels.without(&PLACE_LABELS), since);
            }
        }
        Scene {
            newcomers,
            relabelled: fresh >= missing.len() && 2 * missing.len() >= others,
            departures: self.departures.at(at) / self.seconds_watched(at),
        }
    }

    fn seconds_watched(&self, at: Timestamp) -> f64 {
        let watched = self.series.iter().filter_map(|tracked| tracked.presence.as_ref());
        watched.map(|one| at.since(one.since()).min(DURATIONS_MEMORY).as_secs_f64()).sum::<f64>().max(1.0)
    }

    /// Whether a series has ended in order: with its target, or replaced by another.
    fn has_left(&self, tracked: &Tracked, targets: &Targets, scene: &Scene) -> bool {
        match targets.of(&tracked.labels) {
            Target::Gone => true,
            _ if scene.relabelled => true,
            Target::There => false,
            Target::Unknown => {
                let since = tracked.presence.as_ref().map(|presence| presence.since());
                let successor = scene.newcomers.get(&tracked.labels.without(&PLACE_LABELS));
                successor.is_some_and(|came| Some(*came) > since)
            }
        }
    }

    fn part_with(&mut self, place: usize, at: Timestamp, left: bool) {
        let tracked = &mut self.series[place];
        let Some(presence) = &mut tracked.presence else { return };
        if left {
            presence.left();
            tracked.standing = Standing::Left;
        } else {
            let weight = if presence.is_outage() { SURPRISE_SHARE } else { 1.0 };
            tracked.standing = Standing::Departed(weight);
            self.departures.add(at, weight);
        }
    }

    /// Whether an outage begins.
    fn judge(&mut self, place: usize, at: Timestamp, departures: f64) -> bool {
        let tracked = &mut self.series[place];
        let config = &self.query.detect;
        let dark = self.dark.between(tracked.last_seen, at, config.interval);
        tracked.hold(if self.holds.is_idle() { None } else { self.holds.of(&tracked.labels).cause(at) });
        let gap = Gap {
            last_seen: tracked.last_seen,
            lasted: at.since(tracked.last_seen).saturating_sub(dark),
            departures,
            hold: hold(tracked.held),
        };
        let Some(presence) = &mut tracked.presence else { return false };
        let absence = presence.missing(at, &gap, config);
        tracked.standing = Standing::Missing(absence);
        absence.alarm
    }
}

#[cfg(test)]
mod tests;
