//! `smartcloudops evaluate --inject`: the default model, as shipped, on faults of stated kind and size in
//! recorded healthy series.
//!
//! Each fault is alone in its series, and pays for the false notifications of the whole series: a precision
//! holds for one fault in as many days as a series is long. The column `alarm` decides: one notification an episode.

use std::fmt::{self, Display, Formatter};
use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use serde::Serialize;

use super::folder::csv_files;
use super::rows;
use crate::csv;
use crate::detect;
use crate::detect::evaluation::injection::{Fault, Healthy, Kind};
use crate::detect::evaluation::{AtThreshold, Count, Labelled, Scored};
use crate::model::{Rate, Sample, Timestamp};

/// How often each fault is put into each series, each time elsewhere.
const TIMES: u64 = 3;

/// Figures by kind and size.
#[derive(Debug, Serialize)]
pub struct Table {
    /// Healthy series that were long enough.
    series: usize,
    /// Days of all series together.
    series_days: f64,
    /// Files that were not.
    too_short: usize,
    /// The series as recorded: every alarm is false.
    healthy: AtThreshold,
    /// By kind, then by size.
    faults: Vec<Line>,
    /// All faults together.
    all: AtThreshold,
}

#[derive(Debug, Serialize)]
struct Line {
    kind: Kind,
    /// Robust standard deviations, or a factor for a change of period; `None` for kinds without a size.
    size: Option<f64>,
    /// How many were put in; fewer where it would be no fault.
    injected: usize,
    figures: AtThreshold,
}

/// Puts every fault into every series of the folder and judges the default model.
pub fn table(folder: &Path, budget: Rate, seed: u64) -> anyhow::Result<Table> {
    let mut healthy = Vec::new();
    let files = csv_files(folder)?;
    let count = files.len();
    for (name, file) in files {
        healthy.extend(Healthy::new(name, rows(&csv::read(&file)?)));
    }
    ensure!(!healthy.is_empty(), "{}: holds no series long enough for a fault", folder.display());
    let (recorded, faults) = counted(&healthy, budget, seed);
    let mut all = Count::default();
    faults.iter().for_each(|(_, count)| all += *count);
    Ok(Table {
        series: healthy.len(),
        series_days: recorded.days(),
        too_short: count - healthy.len(),
        healthy: recorded.figures(),
        faults: faults.into_iter().map(line).collect(),
        all: all.figures(),
    })
}

fn line((fault, count): (Fault, Count)) -> Line {
    let size = Some(fault.size).filter(|size| !size.is_nan());
    Line { kind: fault.kind, size, injected: count.events(), figures: count.figures() }
}

/// The counts of the series as recorded, and those of each fault; one share of the series for each core.
fn counted(healthy: &[Healthy], budget: Rate, seed: u64) -> (Count, Vec<(Fault, Count)>) {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = healthy.len().div_ceil(cores);
    let parts: Vec<(Count, Vec<(Fault, Count)>)> = std::thread::scope(|scope| {
        let work = |(index, some)| scope.spawn(move || part(some, budget, seed, (index * share) as u64));
        let threads: Vec<_> = healthy.chunks(share).enumerate().map(work).collect();
        threads.into_iter().map(|thread| thread.join().expect("counting does not panic")).collect()
    });
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_default();
    for (recorded, faults) in parts {
        total.0 += recorded;
        for ((_, count), (_, more)) in total.1.iter_mut().zip(faults) {
            *count += more;
        }
    }
    total
}

/// The counts of some series, of which the first has this number in the set.
fn part(healthy: &[Healthy], budget: Rate, seed: u64, first: u64) -> (Count, Vec<(Fault, Count)>) {
    let mut recorded = Count::default();
    let mut faults: Vec<(Fault, Count)> = faults().map(|fault| (fault, Count::default())).collect();
    for (healthy, number) in healthy.iter().zip(first..) {
        recorded += Count::of(&scored(healthy.series().clone(), budget));
        for (kind, (fault, count)) in faults.iter_mut().enumerate() {
            for time in 0..TIMES {
                // Each fault of each series has a seed of its own, whatever is added to the folder after it.
                let seed = seed ^ (number << 32 | (kind as u64) << 16 | time);
                if let Some(faulty) = healthy.with(*fault, seed) {
                    *count += Count::of(&scored(faulty, budget));
                }
            }
        }
    }
    (recorded, faults)
}

fn faults() -> impl Iterator<Item = Fault> {
    Kind::ALL.into_iter().flat_map(|kind| kind.sizes().iter().map(move |size| Fault { kind, size: *size }))
}

/// Scores a series as the daemon does, row by row.
fn scored(series: Labelled, budget: Rate) -> Scored {
    let mut detector = detect::build(&detect::Config {
        interval: Duration::try_from_secs_f64(series.interval()).unwrap_or(Duration::from_secs(60)),
        false_alarms: budget,
        narrowing: detect::Narrowing::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        holidays: Default::default(),
    });
    let samples = series.times().iter().zip(series.values());
    let (scores, alarms): (Vec<f64>, Vec<bool>) = samples
        .map(|(time, value)| Sample { at: Timestamp::from_millis(time * 1000), value: *value })
        .map(|sample| detector.pass(sample).map_or((0.0, false), |score| (score.score, score.alarm)))
        .unzip();
    Scored::with_alarms(series, scores, &alarms).expect("there is a score for each row")
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let healthy = &self.healthy;
        writeln!(
            f,
            "{} healthy series of {:.0} days ({} too short), {TIMES} faults of each kind and size in each, alarm line 1",
            self.series, self.series_days, self.too_short
        )?;
        writeln!(
            f,
            "without a fault: {} false notifications, {:.3} per series-day\n",
            healthy.false_notifications, healthy.false_notifications_per_series_day
        )?;
        writeln!(f, "fault            size  injected  detected  recall  false  precision  hard event F1")?;
        for line in &self.faults {
            let size = line.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
            row(f, &format!("{:<14} {size:>6}  {:>8}", line.kind.name(), line.injected), &line.figures)?;
        }
        let injected: usize = self.faults.iter().map(|line| line.injected).sum();
        row(f, &format!("{:<21}  {injected:>8}", "all"), &self.all)?;
        writeln!(
            f,
            "\nsizes: robust standard deviations of the series; of a period change, how many times as fast"
        )
    }
}

fn row(f: &mut Formatter<'_>, begin: &str, at: &AtThreshold) -> fmt::Result {
    writeln!(
        f,
        "{begin}  {:>8}  {:>6.3}  {:>5}  {:>9.3}  {:>13.3}",
        at.detected, at.event_recall, at.false_notifications, at.hard_precision, at.hard_event_f1
    )
}
