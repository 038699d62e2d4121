//! How good a detector is: its scores against labels.
//!
//! The definitions are those of the papers and benchmarks named in each file; `tools/quality` holds the same
//! in Python, and a test compares the two. [`evaluate`] takes series with their labels and scores and
//! returns a [`Report`]. It reads no files, trains nothing and tunes nothing: the alarm line is 1.

mod alarms;
mod bars;
mod counts;
pub mod injection;
mod labelled;
mod nab;
mod period;
mod points;
mod pooled;
mod report;
mod scored;
mod sweep;
mod threshold;
mod vus;

#[cfg(test)]
mod tests;

pub use bars::Bar;
pub use counts::{Count, hard_event_f1_bar};
pub use labelled::{Event, LabelError, Labelled, Labels};
pub use points::Best;
pub use report::{Bars, Budget, Delay, Nab, PointF1, RecallWithin, Report, SeriesReport, Vus};
pub use scored::Scored;
pub use sweep::Oracle;
pub use threshold::AtThreshold;

use crate::model::Rate;

use alarms::{Counter, Tally};
use bars::{Resample, bar, resamples};
use labelled::median;
use nab::Curve;
use pooled::{Row, pooled};
use sweep::Sweep;
use threshold::{Extent, hard_event_f1};

/// False notifications per series-day for which the recall is reported; the middle one has a bar.
const WITHIN: [f64; 3] = [0.02, 0.1, 0.5];
const SECONDS_A_DAY: f64 = 86_400.0;

/// Judges the scores of a set against its labels. `budget` is the number of false alarms promised for each
/// series.
pub fn evaluate(set: &[Scored], budget: Rate) -> Report {
    let study = Study::new(set);
    let (whole, draws) = (Resample::whole(set.len()), resamples(set.len()));
    let at_1 = AtThreshold::new(1.0, &study.total(), &study.extent);
    let sweep = Sweep::new(set, &study.counters, &study.rows, study.extent);
    let standard = Curve::new(set, &study.rows, nab::STANDARD);
    let recall = |within| RecallWithin {
        false_notifications_per_series_day: within,
        event_recall: sweep.recall_within(within, &whole),
    };
    Report {
        series: set.len(),
        scored_events: study.extent.events,
        scored_rows: study.extent.rows,
        series_days: study.extent.days,
        nab: study.nab(&standard, &whole),
        vus: Vus { pr: whole.mean(&study.vus_pr), roc: whole.mean(&study.vus_roc) },
        best_point_f1: study.point_f1(&whole),
        median_delay: study.median_delay(),
        oracle: sweep.oracle(),
        recall_within: WITHIN.map(recall).to_vec(),
        bars_90: study.bars(&draws, &standard, &sweep),
        budget: study.budget(budget, at_1.false_notifications),
        per_series: study.per_series(&standard),
        at_1,
    }
}

/// A set, and what several figures need of it.
struct Study<'a> {
    set: &'a [Scored],
    rows: Vec<Row>,
    counters: Vec<Counter<'a>>,
    /// Each series at the alarm line.
    tallies: Vec<Tally>,
    extent: Extent,
    /// By series; NaN without anomalies.
    vus_pr: Vec<f64>,
    vus_roc: Vec<f64>,
}

impl<'a> Study<'a> {
    fn new(set: &'a [Scored]) -> Self {
        let rows = pooled(set);
        let counters: Vec<Counter<'_>> = set.iter().map(Counter::new).collect();
        let tallies = counters.iter().map(|counter| counter.tally(1.0)).collect();
        let mut extent = Extent::default();
        set.iter().for_each(|scored| extent += Extent::of(scored.series()));
        let volumes = set.iter().map(volumes).map(|volumes| (volumes.precision_recall, volumes.roc));
        let (vus_pr, vus_roc) = volumes.unzip();
        Self { set, rows, counters, tallies, extent, vus_pr, vus_roc }
    }

    fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.tallies.iter().for_each(|tally| total += *tally);
        total
    }

    fn nab(&self, standard: &Curve, whole: &Resample) -> Nab {
        let best = |profile| Curve::new(self.set, &self.rows, profile).optimum(whole).score;
        let optimum = standard.optimum(whole);
        Nab {
            standard: optimum.score,
            standard_threshold: optimum.threshold,
            standard_at_1: standard.at_one(whole),
            low_fp: best(nab::LOW_FALSE_POSITIVES),
            low_fn: best(nab::LOW_FALSE_NEGATIVES),
        }
    }

    fn point_f1(&self, whole: &Resample) -> PointF1 {
        let alone = |scored: &Scored| points::best_f1(&pooled(std::slice::from_ref(scored))).value;
        let each: Vec<f64> = self.set.iter().map(alone).collect();
        PointF1 { pooled: points::best_f1(&self.rows), mean_of_series: whole.mean(&each) }
    }

    fn median_delay(&self) -> Delay {
        let delays = self.counters.iter().flat_map(|counter| counter.delays(1.0));
        let (mut rows, mut shares): (Vec<f64>, Vec<f64>) = delays.unzip();
        Delay { rows: median(&mut rows), share: median(&mut shares) }
    }

    fn bars(&self, draws: &[Resample], standard: &Curve, sweep: &Sweep) -> Bars {
        let each = |figure: fn(&Tally) -> usize| -> Vec<f64> {
            self.tallies.iter().map(|tally| figure(tally) as f64).collect()
        };
        let (detected, notified) = (each(|tally| tally.detected), each(|tally| tally.false_notifications));
        let events: Vec<f64> = self.counters.iter().map(|counter| counter.events() as f64).collect();
        let days: Vec<f64> = self.set.iter().map(|scored| scored.series().days()).collect();
        let hard_f1 =
            |draw: &Resample| hard_event_f1(draw.sum(&detected), draw.sum(&notified), draw.sum(&events));
        Bars {
            nab_standard: bar(draws, |draw| standard.optimum(draw).score),
            nab_standard_at_1: bar(draws, |draw| standard.at_one(draw)),
            hard_event_f1_at_1: bar(draws, hard_f1),
            vus_pr: bar(draws, |draw| draw.mean(&self.vus_pr)),
            recall_within_0_1: bar(draws, |draw| sweep.recall_within(WITHIN[1], draw)),
            false_notifications_per_series_day: bar(draws, |draw| draw.sum(&notified) / draw.sum(&days)),
        }
    }

    fn budget(&self, budget: Rate, seen: usize) -> Budget {
        let expected = budget.per_second() * SECONDS_A_DAY * self.extent.days;
        Budget { promised: budget.to_string(), expected, seen, ratio: seen as f64 / expected }
    }

    fn per_series(&self, standard: &Curve) -> Vec<SeriesReport> {
        let report = |(index, scored): (usize, &Scored)| SeriesReport {
            name: scored.series().name().to_owned(),
            scored_events: self.counters[index].events(),
            detected: self.tallies[index].detected,
            alarms_outside: self.tallies[index].alarms - self.tallies[index].alarms_in_events,
            false_notifications: self.tallies[index].false_notifications,
            nab_gain: standard.gains_at_one()[index],
            vus_pr: self.vus_pr[index],
        };
        self.set.iter().enumerate().map(report).collect()
    }
}

/// The buffer is as wide as the series' own rhythm.
fn volumes(scored: &Scored) -> vus::Volumes {
    let labels = scored.series().scored_labels();
    let widest = if labels.contains(&true) { period::period(scored.series().values()) } else { 0 };
    vus::volumes(scored.counted_scores(), labels, widest)
}
