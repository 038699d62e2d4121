//! The seven views on a sample, made ready before the sample is known.
//!
//! Four compare the last 40 min, 2 h, 3 h and 8 h with everything before, two compare the last 1 h and 3 h with the
//! same time on the days before, one asks how far the sample is from what the past let expect. All lengths
//! are wall-clock times: what an incident lasts does not depend on how often it is sampled.

use super::bins::LONGEST;
use super::memory::{Head, Memory};
use super::time_of_day::SameTime;
use super::windows::{Gathered, Length};

/// How many views there are.
pub const VIEWS: usize = 7;
/// Their names, in order.
pub(super) const NAMES: [&str; VIEWS] =
    ["window_40m", "window_2h", "window_3h", "window_8h", "day_1h", "day_3h", "forecast"];
/// The view whose deviation has a sign.
pub(super) const FORECAST: usize = VIEWS - 1;

const MINUTE: i64 = 60_000;

/// What of the past counts, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Horizon {
    /// When the present level began: enough must be known of it.
    pub since: i64,
    /// When the episode under way began: it is not compared with itself.
    pub until: i64,
}

/// The views of one moment.
pub(super) struct Views {
    windows: [Option<Box<Gathered>>; 4],
    days: [Option<SameTime>; 2],
    forecast: Option<f32>,
    heads: (Head, Head),
}

impl Views {
    /// What the memory lets expect of the next sample.
    pub fn new(memory: &Memory, horizon: Horizon) -> Self {
        let (fine, coarse) = (memory.fine(), memory.coarse());
        let phases = memory.phases();
        let bins = |width: i64, minutes: i64| {
            ((minutes * MINUTE) as f64 / width as f64).round().clamp(1.0, LONGEST as f64) as usize
        };
        let window = |minutes, stride, rank| {
            let bins = bins(fine.width(), minutes);
            Gathered::new(
                fine,
                Length { bins, stride: if bins > 3 { stride } else { 1 }, rank },
                phases.0,
                horizon,
            )
        };
        let longest = Length { bins: bins(coarse.width(), 480), stride: 2, rank: 1 };
        Self {
            windows: [
                window(40, 2, 3),
                window(120, 2, 3),
                window(180, 4, 1),
                Gathered::new(coarse, longest, phases.1, horizon),
            ],
            days: [60, 180]
                .map(|minutes| SameTime::new(coarse, bins(coarse.width(), minutes), phases.1, horizon)),
            forecast: memory.recent().forecast(),
            heads: memory.heads(),
        }
    }

    /// What the past lets expect, in the memory's unit.
    pub fn forecast(&self) -> Option<f32> {
        self.forecast
    }

    /// How far a value is off in each view: a distance, or for the forecast a signed residual.
    pub fn deviations(&self, value: f32) -> [Option<f64>; VIEWS] {
        let (fine, coarse) = (self.heads.0.with(value), self.heads.1.with(value));
        let window = |index: usize, newest| self.windows[index].as_ref().map(|view| view.distance(newest));
        let day = |index: usize| self.days[index].as_ref().map(|view: &SameTime| view.distance(coarse));
        let residual = self.forecast.map(|forecast| f64::from(value) - f64::from(forecast));
        [window(0, fine), window(1, fine), window(2, fine), window(3, coarse), day(0), day(1), residual]
    }
}
