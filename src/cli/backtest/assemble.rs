//! The queries' findings put together. Pure.

use std::collections::HashMap;

use super::envelope::{Envelope, Grid};
use super::ledger::{Finished, Ranked, cut, rank};
use super::report::Report;
use crate::scoring::PastRange;

/// A report, and what its page plots.
pub(super) struct Found {
    /// The report.
    pub report: Report,
    /// One for each of its top series, in their order.
    pub plots: Vec<Plot>,
}

/// One series as it is plotted.
pub(super) struct Plot {
    /// The time.
    pub grid: Grid,
    /// Values, bands and scores.
    pub envelope: Envelope,
}

/// Puts together what was found in a range; `finished` in the order of the configuration.
pub(super) fn assemble(
    range: PastRange,
    interval_seconds: f64,
    finished: Vec<Finished>,
    top: usize,
) -> Found {
    let mut report = Report {
        start: range.start,
        end: range.end,
        interval_seconds,
        warm_up_seconds: range.warm_up.as_secs_f64(),
        alarms: 0,
        queries: Vec::new(),
        episodes: Vec::new(),
        episodes_left_out: 0,
        top_series: Vec::new(),
    };
    let mut ranked = Vec::new();
    for query in finished {
        report.alarms += query.figures.alarms;
        report.queries.push(query.figures);
        report.episodes.extend(query.episodes);
        report.episodes_left_out += query.left_out;
        ranked.extend(query.top);
    }
    report.episodes_left_out += cut(&mut report.episodes);
    put_in_order(&mut report);
    rank(&mut ranked, top);
    let plot = |Ranked { series, envelope, grid }| (series, Plot { grid, envelope });
    let plots;
    (report.top_series, plots) = ranked.into_iter().map(plot).unzip();
    Found { report, plots }
}

fn put_in_order(report: &mut Report) {
    let names = report.queries.iter().map(|query| query.name.as_str());
    let places: HashMap<&str, usize> = names.zip(0..).collect();
    report.episodes.sort_by(|a, b| {
        let by_query = || places.get(a.query.as_str()).cmp(&places.get(b.query.as_str()));
        a.onset.cmp(&b.onset).then_with(by_query).then_with(|| a.labels.cmp(&b.labels))
    });
}
