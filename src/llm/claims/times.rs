//! The times that are known, and what lies between them.

use super::calendar;
use super::moment::{DAY, Moment};

/// A duration differs from the time that lies between two others by no more than this share of it.
const MAX_SHARE: f64 = 0.2;
/// Stamps whose differences are known.
const MAX_STAMPS: usize = 256;

/// What is known of time.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// Seconds since the epoch, in order.
    stamps: Vec<f64>,
    /// Seconds since midnight, in order.
    clocks: Vec<f64>,
    days: Vec<i64>,
    /// Days of which the year is not known.
    days_of_year: Vec<(i64, i64)>,
    /// Seconds between any two of the first stamps, in order.
    between: Vec<f64>,
}

impl Times {
    pub(super) fn new(moments: &[Moment]) -> Self {
        let mut times = Self::default();
        for moment in moments {
            times.add(moment);
        }
        times.settle();
        times
    }

    fn add(&mut self, moment: &Moment) {
        match *moment {
            Moment::At(at, _) => {
                self.stamps.push(at);
                self.clocks.push(at.rem_euclid(DAY));
                self.days.push((at / DAY).floor() as i64);
            }
            Moment::Clock(at, _) => self.clocks.push(at),
            Moment::Day(day) => self.days.push(day),
            Moment::DayOfYear(month, day) => self.days_of_year.push((month, day)),
            Moment::Strange => {}
        }
    }

    fn settle(&mut self) {
        let first: Vec<f64> = self.stamps.iter().copied().take(MAX_STAMPS).collect();
        self.between = first
            .iter()
            .enumerate()
            .flat_map(|(n, a)| first[..n].iter().map(move |b| (a - b).abs()))
            .collect();
        for list in [&mut self.stamps, &mut self.clocks, &mut self.between] {
            list.sort_by(f64::total_cmp);
            list.dedup();
        }
        self.days_of_year
            .extend(self.days.iter().map(|day| calendar::date(*day)).map(|(_, month, day)| (month, day)));
        self.days.sort_unstable();
        self.days.dedup();
        self.days_of_year.sort_unstable();
        self.days_of_year.dedup();
    }

    /// Whether a time of a claim is one of those that are known, cut or rounded to its last place.
    pub(super) fn has(&self, moment: &Moment) -> bool {
        match *moment {
            Moment::At(at, place) => contains(&self.stamps, at - place / 2.0, at + place),
            Moment::Clock(at, place) => contains(&self.clocks, at - place / 2.0, at + place),
            Moment::Day(day) => self.days.binary_search(&day).is_ok(),
            Moment::DayOfYear(month, day) => self.days_of_year.binary_search(&(month, day)).is_ok(),
            Moment::Strange => false,
        }
    }

    /// Whether a known day is this day of the week.
    pub(super) fn has_weekday(&self, weekday: i64) -> bool {
        self.days.iter().any(|day| calendar::weekday(*day) == weekday)
    }

    /// Whether a known day is of this year.
    pub(super) fn has_year(&self, year: f64) -> bool {
        self.days.iter().any(|day| calendar::date(*day).0 as f64 == year)
    }

    /// Whether so many seconds lie between two known times, cut or rounded to a place of so many seconds.
    pub(super) fn lie_between(&self, seconds: f64, place: f64) -> bool {
        let most = seconds * MAX_SHARE;
        let (less, more) = ((place / 2.0).min(most), place.min(most));
        contains(&self.between, seconds - less, seconds + more + 1e-6)
    }
}

/// Whether an ordered list has a value from `low`, up to but without `high`.
fn contains(ordered: &[f64], low: f64, high: f64) -> bool {
    let next = ordered.partition_point(|value| *value < low);
    ordered.get(next).is_some_and(|value| *value < high)
}
