//! Which time is asked about: the hours before the alerts, and the minutes around their beginning.

use std::time::Duration;

use crate::model::{Sample, Timestamp};

/// The distance of two values, and the time that each is of: rows that share no sample vary independently.
pub(in super::super) const STEP: Duration = Duration::from_secs(120);
/// Usual time.
const HISTORY: Duration = Duration::from_secs(6 * 3600);
/// An alert begins so much later than what it tells of, at most: what lies before counts as usual.
const LEAD: Duration = Duration::from_secs(600);
/// Unusual time ends so long after the beginning.
const AFTER: Duration = Duration::from_secs(1200);

/// Rows of usual time, then those of unusual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first row's time.
    pub start: Timestamp,
    /// The last row's.
    pub end: Timestamp,
    /// The first one's of unusual time.
    pub unusual: Timestamp,
}

impl Span {
    /// Around alerts that begin then. Times are whole multiples of the step, so that whoever asks again within it asks
    /// the same.
    pub fn around(begins: Timestamp, now: Timestamp) -> Self {
        let unusual = whole(begins.min(now) - LEAD);
        Self { start: unusual - HISTORY, end: whole((begins + AFTER).min(now)), unusual }
    }

    /// The times of the rows of unusual time.
    pub fn times(&self) -> Vec<Timestamp> {
        (self.usual_rows()..self.rows())
            .map(|row| self.start + STEP * u32::try_from(row).unwrap_or(u32::MAX))
            .collect()
    }

    /// The values by row, NaN where there is none: of usual time, then of unusual time.
    pub fn split(&self, samples: &[Sample]) -> (Vec<f64>, Vec<f64>) {
        let mut values = vec![f64::NAN; self.rows()];
        for sample in samples.iter().filter(|sample| sample.at >= self.start) {
            if let Some(value) = values.get_mut(rows(self.start, sample.at)) {
                *value = sample.value;
            }
        }
        let unusual = values.split_off(self.usual_rows());
        (values, unusual)
    }

    fn usual_rows(&self) -> usize {
        rows(self.start, self.unusual)
    }

    fn rows(&self) -> usize {
        rows(self.start, self.end) + 1
    }
}

fn rows(from: Timestamp, to: Timestamp) -> usize {
    usize::try_from(to.since(from).as_millis() / STEP.as_millis()).unwrap_or(usize::MAX)
}

fn whole(at: Timestamp) -> Timestamp {
    let step = i64::try_from(STEP.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(at.as_millis().div_euclid(step) * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    #[test]
    fn usual_time_ends_before_the_alert_and_nothing_lies_ahead() {
        for (begins, now, unusual, end, sentence) in [
            (1001, 1100, 990, 1020, "long ago"),
            (1001, 1004, 990, 1004, "just now"),
            (1001, 1000, 990, 1000, "a clock that is wrong"),
        ] {
            let span = Span::around(at(begins), at(now));
            assert_eq!((span.unusual, span.end), (at(unusual), at(end)), "{sentence}");
            assert_eq!(span.start, at(unusual - 360), "{sentence}");
            let times = span.times();
            assert_eq!((times[0], times[times.len() - 1]), (span.unusual, span.end), "{sentence}");
        }
    }

    #[test]
    fn values_stand_in_the_rows_of_their_times_and_gaps_stay() {
        let span = Span::around(at(1000), at(1004));
        let sample = |minute, value| Sample { at: at(minute), value };
        let samples =
            [sample(1, 9.0), sample(630, 1.0), sample(988, 2.0), sample(990, 3.0), sample(1004, 4.0)];
        let (usual, unusual) = span.split(&samples);
        assert_eq!((usual.len(), unusual.len()), (180, 8));
        assert_eq!((usual[0], usual[179], unusual[0], unusual[7]), (1.0, 2.0, 3.0, 4.0));
        assert_eq!(usual.iter().chain(&unusual).filter(|value| value.is_nan()).count(), 184);
    }
}
