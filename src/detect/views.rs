//! The eight views on a sample, made ready before the sample is known.
//!
//! Four compare the last 40 min, 2 h, 3 h and 8 h with everything before, two compare the last 1 h and 3 h with the
//! same time on the days before, one with the extent of all that is remembered, one asks how far the sample is from what
//! the past let expect. All lengths are wall-clock times: what an incident lasts does not depend on how often it is sampled.

use super::bins::LONGEST;
use super::extent::Extent;
use super::memory::{Head, Memory};
use super::time_of_day::SameTime;
use super::windows::{Length, Windows};

/// How many views there are.
pub const VIEWS: usize = 8;
/// Their names, in order.
pub(super) const NAMES: [&str; VIEWS] =
    ["window_40m", "window_2h", "window_3h", "window_8h", "day_1h", "day_3h", "extent", "forecast"];
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
    windows: Windows<3>,
    long_window: Windows<1>,
    days: SameTime<2>,
    extent: Option<Extent>,
    forecast: Option<f32>,
    heads: (Head, Head),
}

impl Views {
    /// Nothing known yet of a series with such a memory.
    pub fn new(memory: &Memory) -> Self {
        let (fine, coarse) = (memory.fine().width(), memory.coarse().width());
        let length = |width, minutes, rank| Length { bins: bins(width, minutes), rank };
        Self {
            windows: Windows::new(
                [(40, 3), (120, 3), (180, 1)].map(|(minutes, rank)| length(fine, minutes, rank)),
            ),
            long_window: Windows::new([length(coarse, 480, 1)]),
            days: SameTime::new([60, 180].map(|minutes| bins(coarse, minutes))),
            extent: None,
            forecast: None,
            heads: memory.heads(),
        }
    }

    /// Gathers what the memory lets expect of the next sample, once; in place, as there is much of it.
    pub fn gather(&mut self, memory: &Memory, horizon: Horizon) {
        let (fine, coarse) = memory.phases();
        self.windows.gather(memory.fine(), fine, horizon);
        self.long_window.gather(memory.coarse(), coarse, horizon);
        self.days.gather(memory.coarse(), coarse, horizon);
        self.extent = Extent::of(memory.coarse(), horizon);
        self.forecast = memory.recent().forecast();
    }

    /// What the past lets expect, in the memory's unit.
    pub fn forecast(&self) -> Option<f32> {
        self.forecast
    }

    /// How far a value is off in each view: a distance, or for the forecast a signed residual.
    pub fn deviations(&self, value: f32) -> [Option<f64>; VIEWS] {
        let (fine, coarse) = (self.heads.0.with(value), self.heads.1.with(value));
        let [first, second, third] = std::array::from_fn(|index| self.windows.distance(index, fine));
        let [day, days] = std::array::from_fn(|index| self.days.distance(index, coarse));
        let residual = self.forecast.map(|forecast| f64::from(value) - f64::from(forecast));
        let extent = self.extent.map(|extent| extent.distance(coarse));
        [first, second, third, self.long_window.distance(0, coarse), day, days, extent, residual]
    }
}

/// How many bins of `width` milliseconds a time has.
fn bins(width: i64, minutes: i64) -> usize {
    ((minutes * MINUTE) as f64 / width as f64).round().clamp(1.0, LONGEST as f64) as usize
}
