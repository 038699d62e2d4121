//! The report for people: each F1 by its name, 90 % bars behind the figures that decide.

use std::fmt::{self, Display, Formatter};

use crate::detect::evaluation::{AtThreshold, Bar, Best, Oracle, Report};

/// A report as text; each line ends with a newline.
pub struct Text<'a> {
    /// What is shown.
    pub report: &'a Report,
    /// Whether each series has a line.
    pub per_series: bool,
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let report = self.report;
        writeln!(
            f,
            "{} series, {} scored events, {} scored rows, {:.0} series-days; [ ]: 90 % bars over the series",
            report.series, report.scored_events, report.scored_rows, report.series_days
        )?;
        threshold_free(f, report)?;
        at_1(f, report)?;
        budget(f, report)?;
        if let Some(oracle) = &report.oracle {
            best(f, oracle)?;
        }
        if self.per_series { per_series(f, report) } else { Ok(()) }
    }
}

fn threshold_free(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let (nab, bars) = (&report.nab, &report.bars_90);
    writeln!(
        f,
        "\nNAB standard        {:6.2} {}  at its best threshold {}",
        nab.standard,
        wide(bars.nab_standard),
        short(nab.standard_threshold)
    )?;
    writeln!(f, "NAB standard at 1   {:6.2} {}", nab.standard_at_1, wide(bars.nab_standard_at_1))?;
    writeln!(f, "NAB low FP, low FN  {:6.2}, {:.2}  each at its best threshold", nab.low_fp, nab.low_fn)?;
    writeln!(
        f,
        "VUS-PR              {:6.3} {}  mean of the series with anomalies; VUS-ROC {:.3}",
        report.vus.pr,
        narrow(bars.vus_pr),
        report.vus.roc
    )?;
    let point = &report.best_point_f1;
    writeln!(
        f,
        "best point F1       {:6.3}  one threshold for all series, {}; each series at its own best {:.3}",
        point.pooled.value,
        short(point.pooled.threshold),
        point.mean_of_series
    )
}

fn at_1(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let (at, bars): (&AtThreshold, _) = (&report.at_1, &report.bars_90);
    writeln!(
        f,
        "\nat 1, {} of {} events detected, recall {:.3}; alarm in {:.2} % of the rows",
        at.detected,
        report.scored_events,
        at.event_recall,
        100.0 * at.alarm_share
    )?;
    writeln!(
        f,
        "  hard event F1     {:6.3} {}  precision {:.3}",
        at.hard_event_f1,
        narrow(bars.hard_event_f1_at_1),
        at.hard_precision
    )?;
    writeln!(f, "  event F1          {:6.3}  precision {:.3}", at.event_f1, at.event_precision)?;
    writeln!(
        f,
        "  composite Fc1     {:6.3}  point precision {:.3} and event recall",
        at.composite_fc1, at.point_precision
    )?;
    writeln!(
        f,
        "  point F1          {:6.3}  precision {:.3}, recall {:.3}",
        at.point_f1, at.point_precision, at.point_recall
    )?;
    writeln!(
        f,
        "  point-adjusted F1 {:6.3}  inflated: one alarm credits the whole event, and random scores do well",
        at.point_adjusted_f1_inflated
    )?;
    writeln!(
        f,
        "  false runs        {:6}  {:.3} per series-day",
        at.false_runs, at.false_runs_per_series_day
    )?;
    writeln!(
        f,
        "  median delay      {:6.0}  rows, {:.0} % of the event",
        report.median_delay.rows,
        100.0 * report.median_delay.share
    )
}

fn budget(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let (at, budget, bar) = (&report.at_1, &report.budget, report.bars_90.false_notifications_per_series_day);
    writeln!(
        f,
        "\nfalse notifications {:6}  {:.3} {} per series-day",
        at.false_notifications,
        at.false_notifications_per_series_day,
        narrow(bar)
    )?;
    writeln!(
        f,
        "  promised          {:6.1}  {} for each series; {:.2} times as many came",
        budget.expected, budget.promised, budget.ratio
    )?;
    for within in &report.recall_within {
        write!(f, "  event recall      {:6.3}", within.event_recall)?;
        if within.false_notifications_per_series_day == 0.1 {
            write!(f, " {}", narrow(report.bars_90.recall_within_0_1))?;
        }
        writeln!(
            f,
            "  within {} false notifications per series-day",
            within.false_notifications_per_series_day
        )?;
    }
    Ok(())
}

fn best(f: &mut Formatter<'_>, oracle: &Oracle) -> fmt::Result {
    writeln!(f, "\nat the one threshold that the labels would choose")?;
    let mut line = |name: &str, best: &Best| {
        writeln!(f, "  {name:<17} {:6.3}  at {}", best.value, short(best.threshold))
    };
    line("hard event F1", &oracle.hard_event_f1)?;
    line("event F1", &oracle.event_f1)?;
    line("composite Fc1", &oracle.composite_fc1)?;
    line("point-adjusted F1", &oracle.point_adjusted_f1_inflated)
}

fn per_series(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let width = report.per_series.iter().map(|series| series.name.len()).max().unwrap_or(0);
    writeln!(f, "\n{:width$}  detected  alarms outside  false notifications  NAB gain  VUS-PR", "at 1")?;
    for series in &report.per_series {
        let detected = format!("{}/{}", series.detected, series.scored_events);
        writeln!(
            f,
            "{:width$}  {detected:>8}  {:>14}  {:>19}  {:>8.2}  {:>6}",
            series.name,
            series.alarms_outside,
            series.false_notifications,
            series.nab_gain,
            if series.vus_pr.is_nan() { "-".to_owned() } else { format!("{:.3}", series.vus_pr) }
        )?;
    }
    Ok(())
}

fn wide(bar: Bar) -> String {
    format!("[{:.1}, {:.1}]", bar.low, bar.high)
}

fn narrow(bar: Bar) -> String {
    format!("[{:.3}, {:.3}]", bar.low, bar.high)
}

/// Five digits that count.
pub fn short(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    let digits = 4 - number.abs().log10().floor() as i32;
    let rounded = format!("{number:.*}", digits.clamp(0, 12) as usize);
    if rounded.contains('.') {
        rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        rounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_short() {
        for (number, expected) in [
            (1.0036785, "1.0037"),
            (1.0, "1"),
            (0.0, "0"),
            (0.00012345678, "0.00012346"),
            (123456.7, "123457"),
            (f64::INFINITY, "inf"),
            (-2.5, "-2.5"),
        ] {
            assert_eq!(short(number), expected);
        }
    }
}
