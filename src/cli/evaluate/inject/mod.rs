//! `smartcloudops evaluate --inject`: the default model, as shipped, on faults of stated kind and size in
//! recorded healthy series.
//!
//! Each fault is alone in its series and pays for the false notifications of the week around it, so that a precision
//! holds for one fault a week and series. The column `alarm` decides: one notification an episode.

mod live;
mod text;

use std::num::NonZero;
use std::path::Path;

use anyhow::ensure;
use serde::Serialize;

use super::folder::csv_files;
use super::{labels, rows};
use crate::csv;
use crate::detect::evaluation::injection::{Fault, Healthy, Kind};
use crate::detect::evaluation::{AtThreshold, Bar, Count, hard_event_f1_bar};
use crate::model::Rate;
use live::scored;

/// Seconds and values.
type Rows = Vec<(i64, f64)>;

/// How often each fault is put into each series, each time elsewhere.
const TIMES: u64 = 3;

/// Figures by kind and size.
#[derive(Debug, Serialize)]
pub struct Table {
    /// Healthy series that were long enough.
    series: usize,
    /// Days of all series together.
    series_days: f64,
    /// Series that were not.
    too_short: usize,
    /// The series as recorded: every alarm is false.
    healthy: AtThreshold,
    /// By kind, then by size.
    faults: Vec<Line>,
    /// All faults together.
    all: Figures,
}

/// The figures of one kind and size.
#[derive(Debug, Serialize)]
struct Line {
    kind: Kind,
    /// Spreads of the series, or a factor for a change of period; `None` for kinds without a size.
    size: Option<f64>,
    #[serde(flatten)]
    figures: Figures,
    per_series: Vec<SeriesLine>,
}

#[derive(Debug, Serialize)]
struct Figures {
    /// How many were put in; fewer where it would be no fault.
    injected: usize,
    /// Days that were looked at for them.
    days: f64,
    at_1: AtThreshold,
    /// Drawn again by series.
    hard_event_f1_bar_90: Bar,
}

/// What became of one kind and size in one series.
#[derive(Debug, Serialize)]
struct SeriesLine {
    name: String,
    injected: usize,
    detected: usize,
    false_notifications: usize,
}

/// The counts of one series.
struct Counts {
    name: String,
    recorded: Count,
    /// In the order of [`faults`].
    faults: Vec<Count>,
}

/// Puts every fault into every healthy series of the folder and judges the default model.
pub fn table(folder: &Path, budget: Rate, seed: u64) -> anyhow::Result<Table> {
    let recorded = recorded(folder)?;
    let count = recorded.len();
    let healthy: Vec<Healthy> =
        recorded.into_iter().filter_map(|(name, rows)| Healthy::new(name, rows)).collect();
    ensure!(!healthy.is_empty(), "{}: holds no series long enough for a fault", folder.display());
    let counts = counted(&healthy, budget, seed);
    let recorded: Count = counts.iter().map(|one| one.recorded).sum();
    let whole = |one: &Counts| one.faults.iter().copied().sum();
    Ok(Table {
        series: healthy.len(),
        series_days: recorded.days(),
        too_short: count - healthy.len(),
        healthy: recorded.figures(),
        faults: faults().enumerate().map(|(place, fault)| line(place, fault, &counts)).collect(),
        all: figures(&counts.iter().map(whole).collect::<Vec<_>>()),
    })
}

/// The series of a folder of CSV files, or the longest part without a label of those of the Numenta Anomaly Benchmark.
pub(super) fn recorded(folder: &Path) -> anyhow::Result<Vec<(String, Rows)>> {
    if labels::is_nab(folder) {
        let series = labels::read(folder, folder)?;
        return Ok(series.iter().map(|one| (one.name().to_owned(), one.longest_healthy_part())).collect());
    }
    csv_files(folder)?.into_iter().map(|(name, file)| Ok((name, rows(&csv::read(&file)?)))).collect()
}

fn line(place: usize, fault: Fault, counts: &[Counts]) -> Line {
    let each: Vec<Count> = counts.iter().map(|one| one.faults[place]).collect();
    let present = counts.iter().zip(&each).filter(|(_, count)| count.events() > 0);
    let per_series = present.map(|(one, count)| SeriesLine {
        name: one.name.clone(),
        injected: count.events(),
        detected: count.detected(),
        false_notifications: count.false_notifications(),
    });
    Line {
        kind: fault.kind,
        size: Some(fault.size).filter(|size| !size.is_nan()),
        figures: figures(&each),
        per_series: per_series.collect(),
    }
}

fn figures(series: &[Count]) -> Figures {
    let total: Count = series.iter().copied().sum();
    Figures {
        injected: total.events(),
        days: total.days(),
        at_1: total.figures(),
        hard_event_f1_bar_90: hard_event_f1_bar(series),
    }
}

/// The counts of each series; one share of the series for each core.
fn counted(healthy: &[Healthy], budget: Rate, seed: u64) -> Vec<Counts> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = healthy.len().div_ceil(cores);
    std::thread::scope(|scope| {
        let work = |(index, some)| scope.spawn(move || part(some, budget, seed, (index * share) as u64));
        let threads: Vec<_> = healthy.chunks(share).enumerate().map(work).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("counting does not panic")).collect()
    })
}

/// The counts of some series, of which the first has this number in the set.
fn part(healthy: &[Healthy], budget: Rate, seed: u64, first: u64) -> Vec<Counts> {
    healthy.iter().zip(first..).map(|(one, number)| counts(one, budget, seed ^ number << 32)).collect()
}

/// The counts of one series. Each fault has a seed of its own, whatever series come after.
fn counts(healthy: &Healthy, budget: Rate, seed: u64) -> Counts {
    let count = |(place, fault): (usize, Fault)| {
        let faulty = (0..TIMES).filter_map(|time| healthy.with(fault, seed ^ (place as u64) << 16 ^ time));
        faulty.map(|faulty| Count::of(&scored(faulty.series, faulty.aftermath, budget))).sum()
    };
    Counts {
        name: healthy.series().name().to_owned(),
        recorded: Count::of(&scored(healthy.series().clone(), 0..0, budget)),
        faults: faults().enumerate().map(count).collect(),
    }
}

fn faults() -> impl Iterator<Item = Fault> {
    Kind::ALL.into_iter().flat_map(|kind| kind.sizes().iter().map(move |size| Fault { kind, size: *size }))
}
