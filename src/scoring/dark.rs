//! The dark: ticks at which Prometheus had no data at all, so that nothing is known of any series.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;
use crate::prometheus::Answer;

use super::ticks::{Span, Ticks};

/// Stretches remembered; older ones count as absence.
const STRETCHES: usize = 64;

/// The latest dark stretches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dark {
    /// First and last tick, in milliseconds, and how many ticks; in the order of time.
    stretches: VecDeque<(i64, i64, u32)>,
}

impl Dark {
    /// Notes a dark tick, `interval` after the one before. Ticks come in the order of time.
    pub fn note(&mut self, tick: Timestamp, interval: Duration) {
        let tick = tick.as_millis();
        match self.stretches.back_mut() {
            Some((_, last, _)) if tick <= *last => {}
            Some((_, last, count)) if tick - *last <= interval.as_millis() as i64 => {
                *last = tick;
                *count = count.saturating_add(1);
            }
            _ => {
                if self.stretches.len() == STRETCHES {
                    self.stretches.pop_front();
                }
                self.stretches.push_back((tick, tick, 1));
            }
        }
    }

    /// How much of the time between two samples was dark. A stretch lies between them whole or not at all,
    /// for nobody has a sample in it.
    pub fn between(&self, earlier: Timestamp, later: Timestamp, interval: Duration) -> Duration {
        let (earlier, later) = (earlier.as_millis(), later.as_millis());
        let within = self.stretches.iter().rev().take_while(|(first, ..)| *first > earlier);
        let ticks: u32 = within.filter(|(first, ..)| *first < later).map(|(_, _, count)| count).sum();
        interval * ticks
    }
}

/// The ticks of a span at which no series of the answers has a sample.
pub fn holes<'a>(ticks: &Ticks, span: Span, answers: impl Iterator<Item = &'a Answer>) -> Vec<Timestamp> {
    let mut open: Vec<Timestamp> = std::iter::successors(Some(span.first), |tick| Some(ticks.after(*tick)))
        .take_while(|tick| *tick <= span.last)
        .collect();
    for found in answers.flat_map(Answer::series) {
        if open.is_empty() {
            break;
        }
        let samples = found.samples;
        open.retain(|tick| samples.binary_search_by_key(tick, |sample| sample.at).is_err());
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sample;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(minute * 60_000)
    }

    #[test]
    fn dark_time_is_counted_between_samples_only() {
        let mut dark = Dark::default();
        for minute in (10..20).chain([19, 30]) {
            dark.note(at(minute), MINUTE);
        }
        for (from, to, minutes) in [(9, 20, 10), (0, 40, 11), (20, 40, 1), (0, 9, 0), (31, 40, 0)] {
            assert_eq!(dark.between(at(from), at(to), MINUTE), MINUTE * minutes, "{from} to {to}");
        }
    }

    #[test]
    fn the_oldest_stretches_are_forgotten() {
        let mut dark = Dark::default();
        (0..1000).for_each(|turn| dark.note(at(turn * 10), MINUTE));
        assert_eq!(dark.stretches.len(), STRETCHES);
        assert_eq!(dark.between(at(0), at(10_000), MINUTE), MINUTE * STRETCHES as u32);
        assert_eq!(dark.between(at(9_985), at(10_000), MINUTE), MINUTE);
    }

    #[test]
    fn a_hole_is_a_tick_without_any_sample() {
        let ticks = Ticks::new(MINUTE, 0, 1);
        let mut answer = Answer::default();
        let samples = |minutes: &[i64]| -> Vec<Sample> {
            minutes.iter().map(|minute| Sample { at: at(*minute), value: 1.0 }).collect()
        };
        answer.push("{}", samples(&[1, 2, 6]));
        answer.push("{\"a\":\"1\"}", samples(&[2, 3]));
        let span = Span { first: at(1), last: at(7) };
        assert_eq!(holes(&ticks, span, [answer].iter()), [at(4), at(5), at(7)]);
        assert_eq!(holes(&ticks, Span { first: at(1), last: at(1) }, [].iter()), [at(1)]);
    }
}
