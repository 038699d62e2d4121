//! Counts at the alarm line, to be added up where a set is too large to be held at once.

use std::iter::Sum;

use super::alarms::{Counter, Tally};
use super::bars::{Bar, bar, resamples};
use super::scored::Scored;
use super::threshold::{AtThreshold, Extent, hard_event_f1};

/// The counts of one series or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    tally: Tally,
    extent: Extent,
}

impl Count {
    /// Counts one series.
    pub fn of(scored: &Scored) -> Self {
        Self { tally: Counter::new(scored).tally(1.0), extent: Extent::of(scored.series()) }
    }

    /// Events that count.
    pub fn events(&self) -> usize {
        self.extent.events
    }

    /// Those of them with an alarm.
    pub fn detected(&self) -> usize {
        self.tally.detected
    }

    /// Notifications outside of events.
    pub fn false_notifications(&self) -> usize {
        self.tally.false_notifications
    }

    /// Days of the rows that count.
    pub fn days(&self) -> f64 {
        self.extent.days
    }

    /// The figures of everything that was added up.
    pub fn figures(&self) -> AtThreshold {
        AtThreshold::new(1.0, &self.tally, &self.extent)
    }
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.tally += other.tally;
        self.extent += other.extent;
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |mut sum, count| {
            sum += count;
            sum
        })
    }
}

/// The bar of the hard event F1 of several series, each with its own count.
pub fn hard_event_f1_bar(series: &[Count]) -> Bar {
    let each = |figure: fn(&Count) -> usize| -> Vec<f64> {
        series.iter().map(|count| figure(count) as f64).collect()
    };
    let (detected, sent) = (each(Count::detected), each(Count::false_notifications));
    let events = each(Count::events);
    bar(&resamples(series.len()), |draw| {
        hard_event_f1(draw.sum(&detected), draw.sum(&sent), draw.sum(&events))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(detected: usize, false_notifications: usize, events: usize) -> Count {
        let tally = Tally { detected, false_notifications, ..Tally::default() };
        Count { tally, extent: Extent { events, ..Extent::default() } }
    }

    #[test]
    fn counts_add_up_and_their_bar_spans_the_figure() {
        let series: Vec<Count> = (0..20).map(|index| count(index % 3 + 1, index % 2, 3)).collect();
        let sum: Count = series.iter().copied().sum();
        assert_eq!((sum.detected(), sum.false_notifications(), sum.events()), (39, 10, 60));
        let (bar, figure) = (hard_event_f1_bar(&series), sum.figures().hard_event_f1);
        assert!(bar.low < figure && figure < bar.high && bar.high - bar.low < 0.3, "{bar:?} {figure}");
        assert!(hard_event_f1_bar(&[]).low.is_nan());
    }
}
