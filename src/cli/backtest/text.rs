//! The report for people at a terminal. Pure.

use std::fmt::{self, Display, Formatter};

use super::report::{Episode, QueryReport, Report, SeriesReport};
use super::words::{UNKNOWN, alarm, lasted, lasting, members, percent, series, value};

/// Episodes in the text; JSON has all of them.
const MOST_EPISODES: usize = 200;

/// A report as text; each line ends with a newline.
pub(super) struct Text<'a>(pub &'a Report);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        let [interval, warm_up] = [report.interval_seconds, report.warm_up_seconds].map(lasting);
        writeln!(
            f,
            "{} to {}, a sample every {interval}, after {warm_up} of history\n",
            report.start, report.end
        )?;
        queries(f, &report.queries)?;
        episodes(f, report)?;
        top_series(f, &report.top_series)
    }
}

fn queries(f: &mut Formatter<'_>, queries: &[QueryReport]) -> fmt::Result {
    let mut rows = vec![row([
        "QUERY",
        "MODEL",
        "SERIES",
        "SAMPLES",
        "EPISODES",
        "ABSENCES",
        "ALARMS",
        "ALLOWED",
        "ALARMS/SERIES-DAY",
        "ABOVE THE LINE",
    ])];
    for query in queries.iter().filter(|query| query.missing_metrics.is_empty()) {
        rows.push(row([
            &query.name,
            &query.model,
            &query.series.to_string(),
            &query.samples.to_string(),
            &query.episodes.to_string(),
            &query.absences.to_string(),
            &query.alarms.to_string(),
            &format!("{:.1}", query.expected_false_alarms),
            &format!("{:.3}", query.alarms_per_series_day),
            &percent(query.share_above),
        ]));
    }
    table(f, &rows, 2)?;
    writeln!(f, "\nALLOWED: the false alarms that the budget allows for so many series-days.")?;
    writeln!(f, "{UNKNOWN}")?;
    if queries.iter().any(|query| query.of_groups) {
        writeln!(
            f,
            "The series of a model are groups; the members that a score is made of stand behind it."
        )?;
    }
    let absent: Vec<&QueryReport> =
        queries.iter().filter(|query| !query.missing_metrics.is_empty()).collect();
    if !absent.is_empty() {
        let names: Vec<&str> = absent.iter().map(|query| query.name.as_str()).collect();
        let names = names.join(", ");
        writeln!(f, "Not evaluated, as metrics they need have no sample in the range: {names}.")?;
    }
    for query in queries.iter().filter(|query| query.series_refused > 0) {
        let (name, refused) = (&query.name, query.series_refused);
        writeln!(f, "{name}: {refused} series were not scored; limits.max_series is reached.")?;
    }
    Ok(())
}

fn episodes(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let all = report.episodes.len() as u64 + report.episodes_left_out;
    writeln!(f, "\n{all} episodes, {} alarms", report.alarms)?;
    if report.episodes.is_empty() {
        return Ok(());
    }
    let mut rows = vec![row(["PEAK", "VALUE", "EXPECTED", "ONSET", "ALARM", "LASTED", "SERIES"])];
    let shown = report.episodes.iter().take(MOST_EPISODES);
    rows.extend(shown.map(|episode: &Episode| {
        let peak = episode.peak;
        row([
            &format!("{:.2}", peak.score),
            &value(peak.value),
            &value(peak.expected),
            &episode.onset.to_string(),
            &alarm(episode),
            &lasted(episode),
            &who(episode),
        ])
    }));
    writeln!(f)?;
    let more = all - (rows.len() as u64 - 1);
    table(f, &rows, 0)?;
    if more > 0 {
        writeln!(f, "{more} more; --output json has up to 10000")?;
    }
    if report.episodes.iter().any(|episode| episode.alarm.is_none() && !episode.began_before) {
        writeln!(f, "\nALARM no: within the silence of the series' last alarm, 8 h.")?;
    }
    Ok(())
}

fn who(episode: &Episode) -> String {
    let (series, members) = (series(&episode.query, &episode.labels), members(episode));
    if members.is_empty() { series } else { format!("{series}: {members}") }
}

fn top_series(f: &mut Formatter<'_>, top: &[SeriesReport]) -> fmt::Result {
    if top.is_empty() {
        return Ok(());
    }
    let mut rows = vec![row(["PEAK", "EPISODES", "ALARMS", "ABOVE THE LINE", "AT", "MOST ANOMALOUS SERIES"])];
    rows.extend(top.iter().map(|it| {
        row([
            &format!("{:.2}", it.peak.score),
            &it.episodes.to_string(),
            &it.alarms.to_string(),
            &percent(it.share_above),
            &it.peak.at.to_string(),
            &series(&it.query, &it.labels),
        ])
    }));
    writeln!(f)?;
    table(f, &rows, 0)
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

/// Writes cells in columns: the first `left` to the left, then numbers to the right; what begins with a column of
/// times is to the left again.
fn table(f: &mut Formatter<'_>, rows: &[Vec<String>], left: usize) -> fmt::Result {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let times = rows[0].iter().position(|cell| ["ONSET", "AT"].contains(&cell.as_str()));
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let to_the_left = column < left || times.is_some_and(|times| column >= times);
            line += &if to_the_left { format!("{cell:<width$}  ") } else { format!("{cell:>width$}  ") };
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::backtest::sample;

    #[test]
    fn the_report_is_a_page_of_tables() {
        assert_eq!(Text(&sample::report()).to_string(), include_str!("testdata/report.txt"));
    }

    #[test]
    fn a_quiet_range_says_so() {
        let quiet = Report { episodes: Vec::new(), alarms: 0, top_series: Vec::new(), ..sample::report() };
        assert!(Text(&quiet).to_string().ends_with("\n0 episodes, 0 alarms\n"));
    }

    #[test]
    fn more_episodes_than_anybody_reads_are_counted() {
        let mut report = sample::report();
        report.episodes = vec![report.episodes[0].clone(); MOST_EPISODES + 5];
        report.episodes_left_out = 3;
        let text = Text(&report).to_string();
        assert!(
            text.contains("\n208 episodes, 4 alarms\n") && text.contains("\n8 more; --output json"),
            "{text}"
        );
    }
}
