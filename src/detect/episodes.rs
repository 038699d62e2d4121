//! The life of an anomaly: which sample raises the one notification of an incident, and when it is over.
//!
//! All times are wall-clock times, so that a series scraped every 15 s and one scraped every hour are
//! treated alike; where samples are rare, a least number of samples holds instead.
//!
//! - **Onset.** A score of 1 or more opens an episode, at once or, where the query asks for a least duration, when
//!   it has lasted so long without a lower one between. It raises an alarm unless the last alarm is
//!   less than 8 h (and 4 samples) old. An episode that opened in this silence and still lasts when the
//!   silence ends raises its alarm then: a second incident is late, not lost. One that is twice as
//!   anomalous as all since the last alarm breaks the silence, so that a small alarm hides no large incident.
//! - **One episode, one alarm.** However long it lasts, an episode that has raised its alarm raises no other.
//! - **Sustained** after 1 h.
//! - **Recovery** once the score stayed below 1 for 30 min and 3 samples; shorter dips belong to the episode.
//! - **New level.** If the series was accepted at a new level, the episode ends at once, and that sample
//!   alone has the state [`AnomalyState::NewLevel`].
//!
//! Samples without a score (NaN, infinite) change nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::explanation::Gate;
use crate::model::{AnomalyState, Timestamp};

/// After an alarm, no other for this long.
pub(super) const SILENCE: Duration = Duration::from_secs(8 * 3600);
/// The silence lasts at least so many samples.
const SILENCE_SAMPLES: u32 = 4;
/// How many times the highest score since the last alarm breaks the silence.
const BREAKS_SILENCE: f64 = 2.0;
/// An episode older than this is sustained.
pub(super) const SUSTAINED_AFTER: Duration = Duration::from_secs(3600);
/// The score must stay below 1 for this long before an episode is over.
const RECOVERY: Duration = Duration::from_secs(1800);
/// And for so many samples.
const RECOVERY_SAMPLES: u32 = 3;

/// Where one series stands; a few bytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Episodes {
    /// Since when the score has been 1 or more without having lasted long enough for an episode, in milliseconds.
    waiting: Option<i64>,
    /// The episode under way.
    open: Option<Open>,
    /// What followed the last alarm, until the silence is over.
    silence: Option<Silence>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Silence {
    /// When the alarm was raised, in milliseconds.
    since: i64,
    /// Samples since.
    samples: u32,
    /// The highest score of the episodes that are over since, and of the alarm.
    peak: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Open {
    /// When it began, in milliseconds.
    since: i64,
    /// Whether it has raised its alarm.
    alarmed: bool,
    /// Its highest score.
    peak: f64,
    /// The first sample below the line since the last one above, and their number.
    calm: Option<(i64, u32)>,
}

/// What a scored sample did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The state after the sample.
    pub state: AnomalyState,
    /// Whether it raises the alarm of its episode.
    pub alarm: bool,
    /// Why it raises none.
    pub gate: Option<Gate>,
}

impl Episodes {
    /// The state between samples.
    pub fn state(&self, at: Timestamp) -> AnomalyState {
        match &self.open {
            None => AnomalyState::Normal,
            Some(open) if at.since(Timestamp::from_millis(open.since)) >= SUSTAINED_AFTER => {
                AnomalyState::Sustained
            }
            Some(_) => AnomalyState::Anomalous,
        }
    }

    /// Since when the score has been 1 or more, short dips of an episode included; in milliseconds.
    pub fn open_since(&self) -> Option<i64> {
        self.open.as_ref().map(|open| open.since).or(self.waiting)
    }

    /// Takes one sample with its score, 0 while nothing is said; `at` never falls. `accepted` says that its level is now
    /// the normal one. No episode begins before the score has been 1 or more for `min_duration`.
    pub fn step(&mut self, at: Timestamp, score: f64, accepted: bool, min_duration: Duration) -> Step {
        self.count_down(at);
        if accepted && self.close() {
            return Step { state: AnomalyState::NewLevel, alarm: false, gate: Some(Gate::NewLevel) };
        }
        let gate = if score >= 1.0 && !accepted {
            self.rise(at, score, min_duration)
        } else {
            self.calm(at);
            Some(if accepted { Gate::NewLevel } else { Gate::AlarmLine })
        };
        Step { state: self.state(at), alarm: gate.is_none(), gate }
    }

    fn count_down(&mut self, at: Timestamp) {
        if let Some(silence) = &mut self.silence {
            silence.samples += 1;
            let elapsed = at.since(Timestamp::from_millis(silence.since));
            if elapsed > SILENCE && silence.samples > SILENCE_SAMPLES {
                self.silence = None;
            }
        }
    }

    /// Ends the episode under way; whether there was one.
    fn close(&mut self) -> bool {
        let Some(open) = self.open.take() else { return false };
        if let Some(silence) = &mut self.silence {
            silence.peak = silence.peak.max(open.peak);
        }
        true
    }

    /// What keeps the sample from raising an alarm.
    fn rise(&mut self, at: Timestamp, score: f64, min_duration: Duration) -> Option<Gate> {
        let since = self.open_since().unwrap_or(at.as_millis());
        if self.open.is_none() && at.since(Timestamp::from_millis(since)) < min_duration {
            self.waiting = Some(since);
            return Some(Gate::MinDuration);
        }
        self.waiting = None;
        let open = self.open.get_or_insert(Open { since, alarmed: false, peak: score, calm: None });
        open.calm = None;
        open.peak = open.peak.max(score);
        if open.alarmed {
            return Some(Gate::Repeat);
        }
        if self.silence.as_ref().is_some_and(|silence| score < BREAKS_SILENCE * silence.peak) {
            return Some(Gate::Silence);
        }
        open.alarmed = true;
        self.silence = Some(Silence { since: at.as_millis(), samples: 0, peak: score });
        None
    }

    fn calm(&mut self, at: Timestamp) {
        self.waiting = None;
        if let Some(open) = &mut self.open {
            let (since, samples) = open.calm.get_or_insert((at.as_millis(), 0));
            *samples += 1;
            if *samples >= RECOVERY_SAMPLES && at.since(Timestamp::from_millis(*since)) >= RECOVERY {
                self.close();
            }
        }
    }
}

#[cfg(test)]
mod tests;
