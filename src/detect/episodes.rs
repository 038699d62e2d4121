//! The life of an anomaly: which sample raises the one notification of an incident, and when it is over.
//!
//! All times are wall-clock times, so that a series scraped every 15 s and one scraped every hour are
//! treated alike; where samples are rare, a least number of samples holds instead.
//!
//! - **Onset.** A score of 1 or more opens an episode. It raises an alarm unless the last alarm is
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

    /// When the episode under way began, in milliseconds.
    pub fn open_since(&self) -> Option<i64> {
        self.open.as_ref().map(|open| open.since)
    }

    /// Takes one sample with its score, 0 while nothing is said; `at` never falls. `accepted` says that its level is now
    /// the normal one.
    pub fn step(&mut self, at: Timestamp, score: f64, accepted: bool) -> Step {
        self.count_down(at);
        if accepted && self.close() {
            return Step { state: AnomalyState::NewLevel, alarm: false };
        }
        let alarm = if score >= 1.0 && !accepted { self.rise(at, score) } else { self.calm(at) };
        Step { state: self.state(at), alarm }
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

    fn rise(&mut self, at: Timestamp, score: f64) -> bool {
        let open =
            self.open.get_or_insert(Open { since: at.as_millis(), alarmed: false, peak: score, calm: None });
        open.calm = None;
        open.peak = open.peak.max(score);
        let heard = self.silence.as_ref().is_none_or(|silence| score >= BREAKS_SILENCE * silence.peak);
        let alarm = !open.alarmed && heard;
        if alarm {
            open.alarmed = true;
            self.silence = Some(Silence { since: at.as_millis(), samples: 0, peak: score });
        }
        alarm
    }

    fn calm(&mut self, at: Timestamp) -> bool {
        if let Some(open) = &mut self.open {
            let (since, samples) = open.calm.get_or_insert((at.as_millis(), 0));
            *samples += 1;
            if *samples >= RECOVERY_SAMPLES && at.since(Timestamp::from_millis(*since)) >= RECOVERY {
                self.close();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AnomalyState::{Anomalous, NewLevel, Normal, Sustained};

    /// One row a sample: minute, score, accepted, expected state, expected alarm.
    fn check(rows: &[(i64, f64, bool, AnomalyState, bool)]) {
        let mut episodes = Episodes::default();
        for (minute, score, accepted, state, alarm) in rows {
            let step = episodes.step(Timestamp::from_millis(minute * 60_000), *score, *accepted);
            assert_eq!(step, Step { state: *state, alarm: *alarm }, "minute {minute}");
        }
    }

    const HIGH: f64 = 1.5;
    const LOW: f64 = 0.5;

    #[test]
    fn the_first_crossing_alarms_and_no_other_of_its_episode() {
        check(&[
            (0, LOW, false, Normal, false),
            (1, HIGH, false, Anomalous, true),
            (2, HIGH, false, Anomalous, false),
            (60, HIGH, false, Anomalous, false),
            (61, HIGH, false, Sustained, false),
            (600, HIGH, false, Sustained, false),
            (1200, HIGH, false, Sustained, false),
        ]);
    }

    #[test]
    fn a_short_dip_belongs_to_the_episode() {
        check(&[
            (0, HIGH, false, Anomalous, true),
            (1, LOW, false, Anomalous, false),
            (20, LOW, false, Anomalous, false),
            (29, LOW, false, Anomalous, false),
            (30, HIGH, false, Anomalous, false),
            (31, LOW, false, Anomalous, false),
            (60, LOW, false, Sustained, false),
            (61, LOW, false, Normal, false),
        ]);
    }

    #[test]
    fn recovery_needs_three_samples_where_samples_are_rare() {
        check(&[
            (0, HIGH, false, Anomalous, true),
            (60, LOW, false, Sustained, false),
            (120, LOW, false, Sustained, false),
            (180, LOW, false, Normal, false),
        ]);
    }

    #[test]
    fn a_crossing_within_the_silence_is_quiet_but_seen() {
        check(&[
            (0, HIGH, false, Anomalous, true),
            (1, LOW, false, Anomalous, false),
            (20, LOW, false, Anomalous, false),
            (31, LOW, false, Normal, false),
            (300, HIGH, false, Anomalous, false),
            (301, LOW, false, Anomalous, false),
            (320, LOW, false, Anomalous, false),
            (331, LOW, false, Normal, false),
            (480, HIGH, false, Anomalous, false),
        ]);
    }

    #[test]
    fn a_small_alarm_hides_no_large_incident() {
        check(&[
            (0, 1.1, false, Anomalous, true),
            (1, LOW, false, Anomalous, false),
            (20, LOW, false, Anomalous, false),
            (31, LOW, false, Normal, false),
            (60, 1.3, false, Anomalous, false),
            (61, LOW, false, Anomalous, false),
            (70, LOW, false, Anomalous, false),
            (91, LOW, false, Normal, false),
            (100, 2.5, false, Anomalous, false),
            (101, 2.6, false, Anomalous, true),
            (102, 9.0, false, Anomalous, false),
            (140, LOW, false, Anomalous, false),
            (150, LOW, false, Anomalous, false),
            (171, LOW, false, Normal, false),
            (200, 17.0, false, Anomalous, false),
            (201, 18.0, false, Anomalous, true),
        ]);
    }

    #[test]
    fn an_incident_that_outlasts_the_silence_is_late_not_lost() {
        check(&[
            (0, HIGH, false, Anomalous, true),
            (1, LOW, false, Anomalous, false),
            (20, LOW, false, Anomalous, false),
            (31, LOW, false, Normal, false),
            (470, HIGH, false, Anomalous, false),
            (480, HIGH, false, Anomalous, false),
            (481, HIGH, false, Anomalous, true),
            (482, HIGH, false, Anomalous, false),
        ]);
    }

    #[test]
    fn after_silence_and_recovery_the_next_incident_alarms() {
        check(&[
            (0, HIGH, false, Anomalous, true),
            (1, LOW, false, Anomalous, false),
            (20, LOW, false, Anomalous, false),
            (31, LOW, false, Normal, false),
            (100, LOW, false, Normal, false),
            (481, HIGH, false, Anomalous, true),
        ]);
    }

    #[test]
    fn the_silence_lasts_four_samples_where_samples_are_rare() {
        check(&[
            (0, HIGH, false, Anomalous, true),
            (300, LOW, false, Sustained, false),
            (600, LOW, false, Sustained, false),
            (900, LOW, false, Normal, false),
            (1200, HIGH, false, Anomalous, false),
            (1500, HIGH, false, Sustained, true),
        ]);
    }

    #[test]
    fn an_accepted_level_ends_the_episode_once() {
        check(&[
            (0, HIGH, false, Anomalous, true),
            (480, HIGH, false, Sustained, false),
            (481, HIGH, true, NewLevel, false),
            (482, LOW, false, Normal, false),
            (483, HIGH, true, Normal, false),
        ]);
    }

    #[test]
    fn a_gap_counts_as_time() {
        check(&[
            (0, HIGH, false, Anomalous, true),
            (1, LOW, false, Anomalous, false),
            (2, LOW, false, Anomalous, false),
            (600, LOW, false, Normal, false),
            (601, LOW, false, Normal, false),
            (602, HIGH, false, Anomalous, true),
        ]);
    }
}
