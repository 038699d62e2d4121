//! The report as one HTML page: no script, nothing from elsewhere, plots as SVG within it. Every text is escaped
//! by the template engine. Pure.

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::assemble::{Found, Plot};
use super::plot::{Drawing, draw};
use super::report::{Episode, QueryReport, Report, SeriesReport};
use super::words;

/// The ending `.html` has every text escaped.
const NAME: &str = "report.html";
const TEMPLATE: &str = include_str!("report.html");
/// Episodes on the page; JSON has all of them.
const MOST_EPISODES: usize = 1_000;

/// The page.
pub(super) fn render(found: &Found) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template(NAME, TEMPLATE)?;
    environment.get_template(NAME)?.render(Serde(Page::of(found)))
}

#[derive(Serialize)]
struct Page {
    version: &'static str,
    start: String,
    end: String,
    interval: String,
    warm_up: String,
    unknown: &'static str,
    alarms: u64,
    episode_count: u64,
    series_count: u64,
    more_episodes: u64,
    queries: Vec<Query>,
    absent: Vec<Absent>,
    series: Vec<Series>,
    episodes: Vec<Row>,
}

#[derive(Serialize)]
struct Query {
    name: String,
    expr: String,
    model: String,
    series: u64,
    refused: u64,
    samples: u64,
    alarms: u64,
    episodes: u64,
    absences: u64,
    allowed: String,
    rate: String,
    above: String,
}

#[derive(Serialize)]
struct Absent {
    name: String,
    missing: String,
}

#[derive(Serialize)]
struct Series {
    name: String,
    alarms: u64,
    episodes: u64,
    above: String,
    peak: String,
    peak_at: String,
    drawing: Drawing,
}

#[derive(Serialize)]
struct Row {
    onset: String,
    alarmed: bool,
    alarm: String,
    lasted: String,
    peak: String,
    value: String,
    expected: String,
    series: String,
    members: String,
}

impl Page {
    fn of(Found { report, plots }: &Found) -> Self {
        let (queries, absent): (Vec<_>, Vec<_>) =
            report.queries.iter().partition(|query| query.missing_metrics.is_empty());
        let episode_count = report.episodes.len() as u64 + report.episodes_left_out;
        let rows: Vec<Row> = report.episodes.iter().take(MOST_EPISODES).map(row).collect();
        let series = report.top_series.iter().zip(plots).map(|(it, plot)| one_series(report, it, plot));
        Self {
            version: env!("CARGO_PKG_VERSION"),
            start: report.start.to_string(),
            end: report.end.to_string(),
            interval: words::lasting(report.interval_seconds),
            warm_up: words::lasting(report.warm_up_seconds),
            unknown: words::UNKNOWN,
            alarms: report.alarms,
            episode_count,
            series_count: report.queries.iter().map(|query| query.series).sum(),
            more_episodes: episode_count - rows.len() as u64,
            queries: queries.iter().map(|it| query(it)).collect(),
            absent: absent.iter().map(|it| Absent::of(it)).collect(),
            series: series.collect(),
            episodes: rows,
        }
    }
}

impl Absent {
    fn of(query: &QueryReport) -> Self {
        Self { name: query.name.clone(), missing: query.missing_metrics.join(", ") }
    }
}

fn query(query: &QueryReport) -> Query {
    Query {
        name: query.name.clone(),
        expr: query.expr.clone(),
        model: query.model.clone(),
        series: query.series,
        refused: query.series_refused,
        samples: query.samples,
        alarms: query.alarms,
        episodes: query.episodes,
        absences: query.absences,
        allowed: format!("{:.1}", query.expected_false_alarms),
        rate: format!("{:.3}", query.alarms_per_series_day),
        above: words::percent(query.share_above),
    }
}

fn one_series(report: &Report, series: &SeriesReport, plot: &Plot) -> Series {
    let own = report.episodes.iter().filter(|it| it.query == series.query && it.labels == series.labels);
    Series {
        name: words::series(&series.query, &series.labels),
        alarms: series.alarms,
        episodes: series.episodes,
        above: words::percent(series.share_above),
        peak: format!("{:.2}", series.peak.score),
        peak_at: series.peak.at.to_string(),
        drawing: draw(plot, &own.collect::<Vec<_>>()),
    }
}

fn row(episode: &Episode) -> Row {
    Row {
        onset: episode.onset.to_string(),
        alarmed: episode.alarm.is_some(),
        alarm: words::alarm(episode),
        lasted: words::lasted(episode),
        peak: format!("{:.2}", episode.peak.score),
        value: words::value(episode.peak.value),
        expected: words::value(episode.peak.expected),
        series: words::series(&episode.query, &episode.labels),
        members: words::members(episode),
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::cli::backtest::sample;

    fn page() -> String {
        render(&Found { report: sample::report(), plots: vec![sample::plot(), sample::plot()] }).unwrap()
    }

    #[test]
    fn the_page_says_what_was_found() {
        let page = page();
        for expected in [
            "2026-01-05T00:00:00Z",
            "after 14d of history",
            "cpu_busy{instance=&quot;a:9100&quot;}",
            "<td>at once</td>",
            "1 - rate(x[5m]) &lt; 2",
            "http_requests_total",
            "3 series were not scored",
            "cpu_busy{instance=&quot;a:9100&quot;} 62 %",
            "<td>2m, absent, not over</td>",
            "prefers-color-scheme: dark",
            "name=\"viewport\"",
        ] {
            assert!(page.contains(expected), "{expected}\n{page}");
        }
        assert_eq!(page.matches("role=\"img\"").count(), 4, "values and scores of two series");
    }

    #[test]
    fn what_labels_hold_is_text_and_the_page_needs_nothing_else() {
        let page = page();
        assert!(page.contains("&lt;script&gt;alert(&#x27;1&#x27;)&lt;&#x2f;script&gt;"), "{page}");
        for refused in
            ["<script", "http://", "https://", "src=", "href=", "url(", "@import", "<link", "\u{1b}"]
        {
            assert!(!page.contains(refused), "{refused}");
        }
    }

    #[test]
    fn the_page_is_well_formed() {
        let tag = Regex::new(r"<(/?)([a-z0-9!]+)[^<>]*?(/?)>").unwrap();
        let page = page();
        let mut open = Vec::new();
        for found in tag.captures_iter(&page) {
            match (&found[1], &found[2], &found[3]) {
                (_, "!doctype", _) | (_, _, "/") => {}
                ("/", name, _) => assert_eq!(open.pop().as_deref(), Some(name), "{}", &found[0]),
                (_, name, _) => open.push(name.to_owned()),
            }
        }
        assert_eq!(open, [] as [String; 0]);
        assert_eq!(
            tag.replace_all(&page, "").matches(['<', '>']).count(),
            0,
            "every sign of markup is a tag's"
        );
        let ids: Vec<&str> = Regex::new(" id=\"([^\"]+)\"")
            .unwrap()
            .captures_iter(&page)
            .map(|it| it.extract::<1>().1[0])
            .collect();
        let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert!(unique.len() == ids.len() && !ids.is_empty(), "{ids:?}");
    }
}
