//! What an engineer on call would have got: events detected, false runs, false notifications.
//!
//! A false run is a run of alarms that touches no event; an endless alarm touches one and is never false, so
//! the hard count looks at the alarms outside of events alone, and makes every started 4 h of such a run
//! another notification (Alertmanager's `repeat_interval`).

use super::labelled::{Event, Labelled};
use super::scored::Scored;

/// Alarms no farther apart are one run, in seconds.
const GAP_SECONDS: f64 = 3600.0;
/// The same on coarse series, in rows.
const GAP_ROWS: usize = 3;
/// A run that goes on notifies again after so many seconds.
const REPEAT_SECONDS: f64 = 4.0 * 3600.0;
/// The same on coarse series, in rows.
const REPEAT_ROWS: usize = 4;
/// Rows whose highest score is kept, so that rows below a threshold are passed over together.
const BLOCK: usize = 64;

/// The alarms of one series at one threshold, counted. Sums over several series are meaningful.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Events with an alarm in them.
    pub detected: usize,
    /// Runs that touch no event.
    pub false_runs: usize,
    /// Notifications of runs outside of events, repeats included.
    pub false_notifications: usize,
    /// Rows with an alarm.
    pub alarms: usize,
    /// Those of them that lie in an event.
    pub alarms_in_events: usize,
    /// Rows of the events with an alarm in them.
    pub rows_of_detected: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.detected += other.detected;
        self.false_runs += other.false_runs;
        self.false_notifications += other.false_notifications;
        self.alarms += other.alarms;
        self.alarms_in_events += other.alarms_in_events;
        self.rows_of_detected += other.rows_of_detected;
    }
}

/// One series, ready to be counted at many thresholds.
pub(super) struct Counter<'a> {
    scored: &'a Scored,
    events: Vec<Event>,
    gap: usize,
    repeat: usize,
    /// The highest score of each block of rows that count.
    peaks: Vec<f64>,
}

impl<'a> Counter<'a> {
    pub fn new(scored: &'a Scored) -> Self {
        let series: &Labelled = scored.series();
        let highest = |block: &[f64]| block.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self {
            scored,
            events: series.scored_events().collect(),
            gap: series.rows_of(GAP_SECONDS, GAP_ROWS),
            repeat: series.rows_of(REPEAT_SECONDS, REPEAT_ROWS),
            peaks: scored.counted_scores().chunks(BLOCK).map(highest).collect(),
        }
    }

    /// How many events count.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// Counts the alarms at a threshold.
    pub fn tally(&self, threshold: f64) -> Tally {
        let mut tally = Tally::default();
        let (mut any, mut outside) = (Runs::new(self.gap), Runs::new(self.gap));
        let (mut next, mut hit) = (0, false);
        for row in self.alarms(threshold) {
            while self.events.get(next).is_some_and(|event| event.last < row) {
                next += 1;
                hit = false;
            }
            let event = self.events.get(next).filter(|event| event.first <= row);
            tally.alarms += 1;
            if let Some(run) = any.add(row, event.is_some()) {
                tally.false_runs += usize::from(!run.hit);
            }
            match event {
                Some(event) => {
                    tally.alarms_in_events += 1;
                    if !hit {
                        tally.detected += 1;
                        tally.rows_of_detected += event.rows();
                        hit = true;
                    }
                }
                None => {
                    if let Some(run) = outside.add(row, false) {
                        tally.false_notifications += run.notifications(self.repeat);
                    }
                }
            }
        }
        tally.false_runs += any.open.map_or(0, |run| usize::from(!run.hit));
        tally.false_notifications += outside.open.map_or(0, |run| run.notifications(self.repeat));
        tally
    }

    /// How late the first alarm of each detected event comes: rows after its start, and their share of it.
    pub fn delays(&self, threshold: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.events.iter().filter_map(move |event| {
            let scores = &self.scored.scores()[event.first..=event.last];
            let late = scores.iter().position(|score| *score >= threshold)?;
            Some((late as f64, late as f64 / event.rows() as f64))
        })
    }

    /// Rows at or above a threshold.
    fn alarms(&self, threshold: f64) -> impl Iterator<Item = usize> + '_ {
        let probation = self.scored.series().probation();
        let blocks = self.scored.counted_scores().chunks(BLOCK).zip(&self.peaks).enumerate();
        blocks.filter(move |(_, (_, peak))| **peak >= threshold).flat_map(move |(block, (scores, _))| {
            let rows = scores.iter().enumerate().filter(move |(_, score)| **score >= threshold);
            rows.map(move |(row, _)| probation + block * BLOCK + row)
        })
    }
}

/// Alarms that are close together.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: usize,
    last: usize,
    /// Whether one of them lies in an event.
    hit: bool,
}

impl Run {
    fn notifications(self, repeat: usize) -> usize {
        (self.last - self.first) / repeat + 1
    }
}

/// Gathers alarms into runs.
struct Runs {
    gap: usize,
    open: Option<Run>,
}

impl Runs {
    fn new(gap: usize) -> Self {
        Self { gap, open: None }
    }

    /// Adds a row; the run before it, if this row begins another.
    fn add(&mut self, row: usize, hit: bool) -> Option<Run> {
        match &mut self.open {
            Some(run) if row - run.last <= self.gap => {
                run.last = row;
                run.hit |= hit;
                None
            }
            open => open.replace(Run { first: row, last: row, hit }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::labelled::Labels;
    use super::*;

    /// 400 rows of 5 minutes: an hour is 12 rows, four hours are 48; 60 rows are probation.
    /// Alarms begin with the first row and end before the second.
    fn tally(alarms: &[(usize, usize)], events: &[(usize, usize)]) -> Tally {
        let rows = (0..400).map(|row| (row * 300, 0.0)).collect();
        let windows = events.iter().map(|(first, last)| (*first as i64 * 300, *last as i64 * 300)).collect();
        let series = Labelled::new(String::new(), rows, Labels::Windows(windows)).unwrap();
        let score =
            |row| f64::from(u8::from(alarms.iter().any(|(first, end)| (*first..*end).contains(&row))));
        let scored = Scored::new(series, (0..400).map(score).collect(), 1.0).unwrap();
        Counter::new(&scored).tally(1.0)
    }

    fn check(name: &str, alarms: &[(usize, usize)], expected: (usize, usize, usize)) {
        let tally = tally(alarms, &[(40, 80), (200, 220)]);
        assert_eq!((tally.detected, tally.false_runs, tally.false_notifications), expected, "{name}");
    }

    #[test]
    fn detections_and_false_alarms_are_counted_as_they_would_be_paged() {
        check("silence", &[], (0, 0, 0));
        check("within the probation", &[(0, 50)], (0, 0, 0));
        check("an event that began in the probation", &[(70, 71)], (1, 0, 0));
        check("both events, twice each", &[(70, 71), (75, 76), (200, 201), (220, 221)], (2, 0, 0));
        check("one alarm outside", &[(120, 121)], (0, 1, 1));
        check("two within the hour", &[(120, 121), (132, 133)], (0, 1, 1));
        check("two farther apart", &[(120, 121), (133, 134)], (0, 2, 2));
        check("one that lasts four hours", &[(120, 168)], (0, 1, 1));
        check("one that lasts longer repeats", &[(120, 169)], (0, 1, 2));
        check("one that lingers after the event pays in the hard count", &[(210, 270)], (1, 0, 2));
        check("a constant alarm is never false but in the hard count", &[(0, 400)], (2, 0, 7));
    }

    #[test]
    fn rows_are_counted_for_point_figures() {
        let tally = tally(&[(70, 72), (120, 123)], &[(40, 80)]);
        assert_eq!((tally.alarms, tally.alarms_in_events, tally.rows_of_detected), (5, 2, 21));
    }

    #[test]
    fn delays_are_counted_from_the_first_row_that_counts() {
        let rows = (0..100).map(|row| (row * 300, 0.0)).collect();
        let series = Labelled::new(String::new(), rows, Labels::Windows(vec![(3000, 5700)])).unwrap();
        let scores = (0..100).map(|row| f64::from(row) / 18.0).collect();
        let scored = Scored::new(series, scores, 1.0).unwrap();
        assert_eq!(Counter::new(&scored).delays(1.0).collect::<Vec<_>>(), [(3.0, 0.6)]);
    }
}
