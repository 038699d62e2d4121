//! The account of one series: what its scores, one after the other, come to. Pure.
//!
//! An episode of the values and one of absence are told apart: a series that vanishes while it is anomalous has both.

use std::sync::Arc;

use super::report::{Contributor, Episode, Peak};
use crate::model::{AnomalyState, Contribution, Labels, Score, ScoredSeries, Timestamp};

/// What is known of one series so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// Samples scored.
    pub samples: u64,
    /// Samples with a score of at least 1.
    pub above: u64,
    /// Notifications raised.
    pub alarms: u64,
    /// Episodes that were seen.
    pub episodes: u64,
    /// Those of them in which the series was missing.
    pub absences: u64,
    /// The highest score, the first of equal ones.
    pub peak: Option<Peak>,
    open: Option<Open>,
    absence: Option<Open>,
    /// Whether an episode was under way before the first sample.
    carried: bool,
}

/// An episode that is under way.
#[derive(Clone, Debug)]
struct Open {
    onset: Timestamp,
    absent_since: Option<Timestamp>,
    began_before: bool,
    alarm: Option<Timestamp>,
    last_above: Timestamp,
    peak: Peak,
    contributions: Option<Arc<[Contribution]>>,
}

/// What an episode is told with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whose<'a> {
    /// The query's name.
    pub query: &'a str,
    /// The series' labels.
    pub labels: &'a Labels,
    /// Seconds from one sample to the next.
    pub interval: f64,
}

impl Account {
    /// A series with its state when the range begins.
    pub fn carried(state: AnomalyState) -> Self {
        Self { carried: is_open(state), ..Self::default() }
    }

    /// Enters what is said of the series at a tick. Gives back the score as it is plotted, and the episode that ends
    /// with it.
    pub fn enter(
        &mut self,
        tick: Timestamp,
        scored: &ScoredSeries,
        whose: Whose<'_>,
    ) -> (Score, Option<Episode>) {
        if scored.absent_since.is_some() {
            let nothing = f64::NAN;
            // What the score says of the last sample has been told with that.
            let score = Score {
                at: tick,
                value: nothing,
                expected: nothing,
                lower: nothing,
                upper: nothing,
                ..scored.score
            };
            if scored.outage {
                self.miss(&score, scored.absent_since);
            }
            return (score, None);
        }
        (scored.score, self.take(&scored.score, scored.contributions.as_ref(), whose))
    }

    /// Enters the score of a sample; gives back the episode that ends with it.
    fn take(
        &mut self,
        score: &Score,
        contributions: Option<&Arc<[Contribution]>>,
        whose: Whose<'_>,
    ) -> Option<Episode> {
        self.samples += 1;
        self.above += u64::from(score.score >= 1.0);
        self.note(score);
        if is_open(score.state) {
            if self.open.is_none() {
                self.episodes += 1;
            }
            let began_before = std::mem::take(&mut self.carried);
            let new =
                || Open { began_before, contributions: contributions.cloned(), ..Open::new(score, None) };
            self.open.get_or_insert_with(new).go_on(score, contributions);
            return None;
        }
        self.carried = false;
        let new_level = score.state == AnomalyState::NewLevel;
        self.open.take().map(|open| open.told(whose, Some(score.at), new_level))
    }

    /// Enters that the series is missing, which is an event.
    fn miss(&mut self, score: &Score, since: Option<Timestamp>) {
        self.note(score);
        if self.absence.is_none() {
            self.episodes += 1;
            self.absences += 1;
        }
        self.absence.get_or_insert_with(|| Open::new(score, since)).go_on(score, None);
    }

    fn note(&mut self, score: &Score) {
        self.alarms += u64::from(score.alarm);
        let here = Peak::of(score);
        if self.peak.is_none_or(|peak| here.score > peak.score) {
            self.peak = Some(here);
        }
    }

    /// The series is missing no more, or not told of any more: the episode that ends with that.
    pub fn end_absence(&mut self, at: Option<Timestamp>, whose: Whose<'_>) -> Option<Episode> {
        self.absence.take().map(|open| open.told(whose, at, false))
    }

    /// The range is over: the episodes that last.
    pub fn close(&mut self, whose: Whose<'_>) -> impl Iterator<Item = Episode> {
        let last = self.open.take().map(|open| open.told(whose, None, false));
        last.into_iter().chain(self.end_absence(None, whose))
    }
}

impl Open {
    fn new(score: &Score, absent_since: Option<Timestamp>) -> Self {
        Self {
            onset: score.at,
            absent_since,
            began_before: false,
            alarm: None,
            last_above: score.at,
            peak: Peak::of(score),
            contributions: None,
        }
    }

    fn go_on(&mut self, score: &Score, contributions: Option<&Arc<[Contribution]>>) {
        if score.alarm {
            self.alarm.get_or_insert(score.at);
        }
        if score.score >= 1.0 {
            self.last_above = score.at;
        }
        if score.score > self.peak.score {
            self.peak = Peak::of(score);
            self.contributions = contributions.cloned();
        }
    }

    fn told(self, whose: Whose<'_>, resolved: Option<Timestamp>, new_level: bool) -> Episode {
        Episode {
            query: whose.query.to_owned(),
            labels: whose.labels.clone(),
            onset: self.onset,
            absent_since: self.absent_since,
            began_before: self.began_before,
            alarm: self.alarm,
            end: self.last_above,
            resolved,
            new_level,
            duration_seconds: self.last_above.since(self.onset).as_secs_f64() + whose.interval,
            peak: self.peak,
            contributors: self.contributions.iter().flat_map(|parts| parts.iter()).map(contributor).collect(),
        }
    }
}

impl Peak {
    fn of(score: &Score) -> Self {
        Self { at: score.at, score: score.score, value: score.value, expected: score.expected }
    }
}

fn contributor(part: &Contribution) -> Contributor {
    Contributor {
        feature: part.feature.to_string(),
        query: part.query.to_string(),
        labels: part.labels.clone(),
        share: part.share,
        since: None,
    }
}

fn is_open(state: AnomalyState) -> bool {
    matches!(state, AnomalyState::Anomalous | AnomalyState::Sustained)
}

#[cfg(test)]
mod tests;
