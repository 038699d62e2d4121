//! The findings of queries and models put together. Pure.

use std::collections::HashMap;

use super::envelope::{Envelope, Grid};
use super::ledger::{Finished, Ranked, cut, rank};
use super::report::{Contributor, Episode, Report};
use crate::model::{Labels, Timestamp};
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
    date_contributors(&mut report.episodes, range.end);
    report.episodes_left_out += cut(&mut report.episodes);
    put_in_order(&mut report);
    rank(&mut ranked, top);
    let plot = |Ranked { series, envelope, grid }| (series, Plot { grid, envelope });
    let plots;
    (report.top_series, plots) = ranked.into_iter().map(plot).unzip();
    Found { report, plots }
}

/// Says of the members of groups when their own episodes began, and puts the first to begin first.
fn date_contributors(episodes: &mut [Episode], end: Timestamp) {
    let mut own: HashMap<(String, Labels), Vec<(Timestamp, Timestamp)>> = HashMap::new();
    for part in episodes.iter().flat_map(|episode| &episode.contributors) {
        own.entry((part.query.clone(), part.labels.clone())).or_default();
    }
    for episode in episodes.iter() {
        if let Some(times) = own.get_mut(&(episode.query.clone(), episode.labels.clone())) {
            times.push((episode.onset, episode.resolved.unwrap_or(end)));
        }
    }
    for group in episodes.iter_mut() {
        let (from, to) = (group.onset, group.resolved.unwrap_or(end));
        for part in &mut group.contributors {
            let times = own.get(&(part.query.clone(), part.labels.clone())).into_iter().flatten();
            part.since = times.filter(|time| time.0 <= to && time.1 >= from).map(|time| time.0).min();
        }
        let onset = |one: &Contributor| (one.since.is_none(), one.since);
        group.contributors.sort_by(|a, b| onset(a).cmp(&onset(b)).then(b.share.total_cmp(&a.share)));
    }
}

fn put_in_order(report: &mut Report) {
    let names = report.queries.iter().map(|query| query.name.as_str());
    let places: HashMap<&str, usize> = names.zip(0..).collect();
    report.episodes.sort_by(|a, b| {
        let by_query = || places.get(a.query.as_str()).cmp(&places.get(b.query.as_str()));
        a.onset.cmp(&b.onset).then_with(by_query).then_with(|| a.labels.cmp(&b.labels))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::backtest::sample::{at, report};

    #[test]
    fn the_member_whose_own_episode_began_first_comes_first_and_what_was_over_before_does_not_count() {
        let plain = report().episodes.remove(0);
        let own = |query: &str, onset: i64, resolved: Option<i64>| Episode {
            query: query.to_owned(),
            onset: at(onset),
            resolved: resolved.map(at),
            ..plain.clone()
        };
        let part = |query: &str, share: f64| Contributor {
            feature: query.to_owned(),
            query: query.to_owned(),
            labels: plain.labels.clone(),
            share,
            since: None,
        };
        let contributors = vec![part("cpu", 0.4), part("disk", 0.3), part("net", 0.2), part("mem", 0.1)];
        let group = Episode { contributors, ..own("host", 5, None) };
        let mut episodes = [
            group,
            own("disk", 6, Some(7)),
            own("mem", 4, None),
            own("mem", 8, None),
            own("net", 1, Some(4)),
            Episode { labels: Labels::default(), ..own("cpu", 5, None) },
        ];
        date_contributors(&mut episodes, at(9));
        let told: Vec<_> =
            episodes[0].contributors.iter().map(|part| (part.feature.as_str(), part.since)).collect();
        assert_eq!(told, [("mem", Some(at(4))), ("disk", Some(at(6))), ("cpu", None), ("net", None)]);
    }
}
