//! A series with what is known to be wrong in it.
//!
//! The first rows are probation: nothing before [`Labelled::probation`] is ever looked at, no label, no
//! score. Windows that overlap or hold no row are refused: their figures would mean nothing.

/// Share of a series that is probation.
const PROBATION_SHARE: f64 = 0.15;
/// The longest probation, in rows: the share of a series of 5,000.
const LONGEST_PROBATION: f64 = PROBATION_SHARE * 5000.0;
/// The interval that a series of a single row is given, in seconds.
const DEFAULT_INTERVAL: f64 = 60.0;

/// Rows that belong to one anomaly, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Index of the first row.
    pub first: usize,
    /// Index of the last row; never before the first.
    pub last: usize,
}

impl Event {
    /// Rows in it, at least 1.
    pub(super) fn rows(self) -> usize {
        self.last - self.first + 1
    }
}

/// Where the anomalies of a series are.
#[derive(Clone, Debug, PartialEq)]
pub enum Labels {
    /// One a row; each unbroken run is an event.
    Rows(Vec<bool>),
    /// First and last second of each event, both included, in any order.
    Windows(Vec<(i64, i64)>),
}

/// Why labels and rows do not fit together. Windows are counted from 1, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Something that has one entry a row does not.
    #[error("{found} {what} for {rows} rows")]
    Count {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// A window ends before it begins, or lies between the rows or outside of them.
    #[error("window {0} holds no row")]
    Empty(usize),
    /// A window begins before the one before it has ended.
    #[error("window {0} overlaps the one before it")]
    Overlap(usize),
}

/// A series with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    name: String,
    times: Vec<i64>,
    values: Vec<f64>,
    labels: Vec<bool>,
    events: Vec<Event>,
    interval: f64,
    /// Rows at the beginning that do not count.
    probation: usize,
}

impl Labelled {
    /// Puts labels to rows of seconds and values (NaN: missing).
    pub fn new(name: String, rows: Vec<(i64, f64)>, labels: Labels) -> Result<Self, LabelError> {
        let (times, values): (Vec<i64>, Vec<f64>) = rows.into_iter().unzip();
        let (labels, events) = match labels {
            Labels::Rows(labels) => {
                expect_count("labels", labels.len(), times.len())?;
                let events = runs(&labels);
                (labels, events)
            }
            Labels::Windows(windows) => from_windows(windows, &times)?,
        };
        let interval = median_interval(&times);
        let probation = (PROBATION_SHARE * times.len() as f64).floor().min(LONGEST_PROBATION) as usize;
        Ok(Self { name, times, values, labels, events, interval, probation })
    }

    /// The same, of which only these rows count. What comes after them is left out.
    pub(super) fn counting(mut self, rows: std::ops::Range<usize>) -> Self {
        self.times.truncate(rows.end);
        self.values.truncate(rows.end);
        self.labels.truncate(rows.end);
        self.events = runs(&self.labels);
        self.probation = rows.start.min(self.times.len());
        self
    }

    /// The longest stretch of rows without a label; seconds and values.
    pub fn longest_healthy_part(&self) -> Vec<(i64, f64)> {
        let healthy: Vec<bool> = self.labels.iter().map(|label| !label).collect();
        let longest = runs(&healthy).into_iter().max_by_key(|part| part.rows());
        let rows = longest.map_or(0..0, |part| part.first..part.last + 1);
        self.times[rows.clone()].iter().copied().zip(self.values[rows].iter().copied()).collect()
    }

    /// Its name within the set: the path of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The time of each row in seconds since 1970.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// The value of each row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The median distance between rows in seconds; 60 for a single row.
    pub fn interval(&self) -> f64 {
        self.interval
    }

    /// Rows at the beginning that do not count: 15 %, at most 750, as in NAB.
    pub fn probation(&self) -> usize {
        self.probation
    }

    /// Days of the rows that count, taking the median interval for each.
    pub(super) fn days(&self) -> f64 {
        (self.times.len() - self.probation()) as f64 * self.interval / 86_400.0
    }

    /// Rows that `seconds` are worth, at least `least`.
    pub(super) fn rows_of(&self, seconds: f64, least: usize) -> usize {
        ((seconds / self.interval).round_ties_even() as usize).max(least)
    }

    /// Every event, those within the probation too.
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The events that count; one that begins within the probation is cut at its end.
    pub(super) fn scored_events(&self) -> impl Iterator<Item = Event> + '_ {
        let probation = self.probation();
        let counted = self.events.iter().filter(move |event| event.last >= probation);
        counted.map(move |event| Event { first: event.first.max(probation), last: event.last })
    }

    /// The labels that count.
    pub(super) fn scored_labels(&self) -> &[bool] {
        &self.labels[self.probation()..]
    }
}

/// The unbroken runs of labelled rows.
pub(super) fn runs(labels: &[bool]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for row in labels.iter().enumerate().filter(|(_, label)| **label).map(|(row, _)| row) {
        match events.last_mut() {
            Some(event) if event.last + 1 == row => event.last = row,
            _ => events.push(Event { first: row, last: row }),
        }
    }
    events
}

/// A window's rows go from the first at its start to the first at its end: a clock that was set back
/// gives several rows the same second, and NAB takes the first. Every row between the two times is labelled.
fn from_windows(mut windows: Vec<(i64, i64)>, times: &[i64]) -> Result<(Vec<bool>, Vec<Event>), LabelError> {
    windows.sort_unstable();
    let (mut labels, mut events) = (vec![false; times.len()], Vec::<Event>::new());
    for (number, (start, end)) in windows.into_iter().enumerate().map(|(index, window)| (index + 1, window)) {
        let first = row_at(times, start).or_else(|| times.iter().position(|time| *time >= start));
        let last = row_at(times, end).or_else(|| times.iter().rposition(|time| *time <= end));
        let event = match (first, last) {
            (Some(first), Some(last)) if first <= last => Event { first, last },
            _ => return Err(LabelError::Empty(number)),
        };
        if events.last().is_some_and(|before| before.last >= event.first) {
            return Err(LabelError::Overlap(number));
        }
        events.push(event);
        for (label, time) in labels.iter_mut().zip(times) {
            *label |= (start..=end).contains(time);
        }
    }
    Ok((labels, events))
}

fn row_at(times: &[i64], time: i64) -> Option<usize> {
    times.iter().position(|candidate| *candidate == time)
}

fn median_interval(times: &[i64]) -> f64 {
    let mut gaps: Vec<f64> = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64).collect();
    let median = median(&mut gaps);
    if median.is_nan() { DEFAULT_INTERVAL } else { median }
}

/// The middle value, or the mean of the two middle ones; NaN if there is none.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

/// Refuses a column that is longer or shorter than the series.
pub(super) fn expect_count(what: &'static str, found: usize, rows: usize) -> Result<(), LabelError> {
    if found == rows { Ok(()) } else { Err(LabelError::Count { what, found, rows }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(times: &[i64], labels: Labels) -> Result<Labelled, LabelError> {
        Labelled::new("a.csv".to_owned(), times.iter().map(|time| (*time, 0.0)).collect(), labels)
    }

    fn events(times: &[i64], windows: &[(i64, i64)]) -> Result<Vec<(usize, usize)>, LabelError> {
        let labelled = series(times, Labels::Windows(windows.to_vec()))?;
        Ok(labelled.events.iter().map(|event| (event.first, event.last)).collect())
    }

    #[test]
    fn windows_become_rows_or_are_refused() {
        let times = [0, 60, 120, 180, 240];
        assert_eq!(events(&times, &[(60, 120)]), Ok(vec![(1, 2)]));
        assert_eq!(events(&times, &[(180, 240), (0, 60)]), Ok(vec![(0, 1), (3, 4)]), "any order");
        assert_eq!(events(&times, &[(30, 130)]), Ok(vec![(1, 2)]), "ends between the rows");
        assert_eq!(events(&times, &[(61, 119)]), Err(LabelError::Empty(1)), "between two rows");
        assert_eq!(events(&times, &[(120, 60)]), Err(LabelError::Empty(1)), "ends before it begins");
        assert_eq!(events(&times, &[(0, 120), (120, 180)]), Err(LabelError::Overlap(2)));
        assert_eq!(events(&[], &[(0, 1)]), Err(LabelError::Empty(1)), "no rows");
    }

    #[test]
    fn a_clock_set_back_labels_every_row_between_the_times() {
        let labelled = series(&[0, 60, 0, 60, 120], Labels::Windows(vec![(60, 120)])).unwrap();
        assert_eq!(labelled.labels, [false, true, false, true, true]);
        assert_eq!(labelled.events, [Event { first: 1, last: 4 }]);
    }

    #[test]
    fn runs_of_labels_are_events() {
        let labels = [true, true, false, true, false].to_vec();
        assert_eq!(runs(&labels), [Event { first: 0, last: 1 }, Event { first: 3, last: 3 }]);
        let refused = series(&[0, 60], Labels::Rows(labels)).unwrap_err();
        assert_eq!(refused.to_string(), "5 labels for 2 rows");
    }

    #[test]
    fn probation_is_a_share_with_a_limit_and_cuts_events() {
        for (rows, expected) in [(0, 0), (6, 0), (7, 1), (100, 15), (5000, 750), (22_695, 750)] {
            let labelled = series(&vec![0; rows], Labels::Rows(vec![true; rows])).unwrap();
            assert_eq!(labelled.probation(), expected, "{rows} rows");
            let scored: Vec<Event> = labelled.scored_events().collect();
            let whole = (rows > 0).then(|| Event { first: expected, last: rows - 1 });
            assert_eq!(scored, Vec::from_iter(whole), "{rows} rows");
        }
    }

    #[test]
    fn only_the_rows_asked_for_count_and_the_longest_part_without_a_label_is_healthy() {
        let labels = [false, true, false, false, true, false].to_vec();
        let labelled = series(&[0, 60, 120, 180, 240, 300], Labels::Rows(labels)).unwrap();
        assert_eq!(labelled.longest_healthy_part(), [(120, 0.0), (180, 0.0)]);
        let counting = labelled.counting(2..5);
        assert_eq!((counting.probation(), counting.times().len()), (2, 5));
        assert_eq!(counting.scored_events().collect::<Vec<_>>(), [Event { first: 4, last: 4 }]);
        assert_eq!(series(&[0], Labels::Rows(vec![true])).unwrap().longest_healthy_part(), []);
    }

    #[test]
    fn durations_are_counted_in_rows_of_the_median_interval() {
        let labelled = series(&[0, 480, 960, 5000], Labels::Windows(vec![])).unwrap();
        assert_eq!(labelled.rows_of(3600.0, 3), 8, "7.5 rows are rounded to even");
        assert_eq!(labelled.rows_of(60.0, 3), 3);
        let still = series(&[0, 0, 0], Labels::Windows(vec![])).unwrap();
        assert_eq!(still.rows_of(3600.0, 3), usize::MAX, "an interval of 0 never ends");
        assert_eq!(series(&[7], Labels::Windows(vec![])).unwrap().interval, 60.0);
    }
}
