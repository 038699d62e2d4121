//! The samples a fit is made of: finite, in order of time, scaled to Prophet's units.

use jiff::tz::TimeZone;

use super::FitError;
use super::calendar;
use super::config::Config;
use crate::model::Timestamp;

/// A history of at least two times.
pub(super) struct History {
    /// Time of the first sample, in milliseconds.
    pub start: i64,
    /// From the first to the last sample, in milliseconds; at least 1.
    pub span: i64,
    /// The largest absolute value; 1 if all are 0.
    pub scale: f64,
    /// Mean of the scaled values.
    pub centre: f64,
    /// Whether all values are the same.
    pub is_constant: bool,
    /// Milliseconds and scaled value, in order of time.
    pub samples: Vec<(i64, f64)>,
}

impl History {
    /// Keeps the finite values. Times need not be in order, and may repeat.
    pub fn new(times: &[Timestamp], values: &[f64]) -> Result<Self, FitError> {
        if times.len() != values.len() {
            return Err(FitError::Lengths { times: times.len(), values: values.len() });
        }
        let finite = times.iter().zip(values).filter(|(_, value)| value.is_finite());
        let mut samples: Vec<(i64, f64)> =
            finite.map(|(at, value)| (calendar::millis(*at), *value)).collect();
        if !samples.is_sorted_by_key(|sample| sample.0) {
            samples.sort_by_key(|sample| sample.0);
        }
        let (Some(first), Some(last)) = (samples.first().copied(), samples.last().copied()) else {
            return Err(FitError::TooFew);
        };
        if first.0 == last.0 {
            return Err(FitError::TooFew);
        }
        let largest = samples.iter().fold(0.0_f64, |most, sample| most.max(sample.1.abs()));
        let scale = if largest > 0.0 { largest } else { 1.0 };
        let is_constant = samples.iter().all(|sample| sample.1 == first.1);
        samples.iter_mut().for_each(|sample| sample.1 /= scale);
        let centre = samples.iter().map(|sample| sample.1).sum::<f64>() / samples.len() as f64;
        Ok(Self { start: first.0, span: last.0 - first.0, scale, centre, is_constant, samples })
    }

    /// A time in units of the history: 0 at its first sample, 1 at its last.
    pub fn share(&self, at: i64) -> f64 {
        (at - self.start) as f64 / self.span as f64
    }

    /// Fourier orders of year, week and day: as configured, or by Prophet's rules on the length of the
    /// history and the least distance of samples.
    pub fn orders(&self, config: &Config) -> [usize; 3] {
        const DAY: i64 = calendar::PERIODS[2];
        const WEEK: i64 = calendar::PERIODS[1];
        let pairs = self.samples.windows(2).map(|pair| pair[1].0 - pair[0].0);
        let spacing = pairs.filter(|gap| *gap > 0).min().unwrap_or(self.span);
        let automatic = |wanted: bool, order| if wanted { order } else { 0 };
        [
            config.yearly.unwrap_or(automatic(self.span >= 730 * DAY, 10)),
            config.weekly.unwrap_or(automatic(self.span >= 2 * WEEK && spacing < WEEK, 3)),
            config.daily.unwrap_or(automatic(self.span >= 2 * DAY && spacing < DAY, 4)),
        ]
    }

    /// Candidate changes of slope in units of the history, in order: evenly over the samples, not over
    /// time, and never at the first.
    pub fn changepoints(&self, config: &Config) -> Vec<f64> {
        let samples = (self.samples.len() as f64 * config.changepoint_range).floor() as usize;
        let last = samples.saturating_sub(1);
        let count = config.changepoints.min(last);
        let position = |number: usize| {
            let exact = number as f64 * (last as f64 / count as f64);
            if number == count { last } else { exact.round_ties_even() as usize }
        };
        (1..=count).map(|number| self.share(self.samples[position(number)].0)).collect()
    }

    /// The samples with their local time: share of the history, local milliseconds, scaled value less the
    /// centre.
    pub fn rows<'a>(&'a self, zone: &'a TimeZone) -> impl Iterator<Item = (f64, i64, f64)> + 'a {
        self.samples
            .iter()
            .map(move |(at, value)| (self.share(*at), calendar::local(zone, *at), value - self.centre))
    }
}
