//! The accounts of one query's series, or one model's groups, and what they come to. Pure.
//!
//! What is kept of a series does not grow with the range, and of episodes there is a bound.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::account::{Account, Whose};
use super::envelope::{Envelope, Grid};
use super::report::{Episode, QueryReport, SeriesReport};
use super::watched::Watched;
use crate::model::{Labels, ScoredSeries, Timestamp};

/// Most episodes of one report.
pub(super) const MOST_EPISODES: usize = 10_000;

/// One query or model under way.
pub(super) struct Ledger {
    watched: Watched,
    interval: f64,
    grid: Grid,
    places: HashMap<Labels, usize>,
    series: Vec<Kept>,
    /// Places of the series that are missing.
    missing: BTreeSet<usize>,
    episodes: Vec<Episode>,
    left_out: u64,
}

struct Kept {
    labels: Labels,
    account: Account,
    envelope: Option<Envelope>,
}

/// One query, done.
pub(super) struct Finished {
    /// Its figures.
    pub figures: QueryReport,
    /// Its episodes, in no order.
    pub episodes: Vec<Episode>,
    /// How many more there were.
    pub left_out: u64,
    /// Its most anomalous series, the most first.
    pub top: Vec<Ranked>,
}

/// A series with its plot.
pub(super) struct Ranked {
    /// Its figures.
    pub series: SeriesReport,
    /// What is plotted.
    pub envelope: Envelope,
    /// The time it is plotted over.
    pub grid: Grid,
}

impl Ledger {
    /// A query or model between two ticks, both included.
    pub fn new(watched: Watched, span: (Timestamp, Timestamp), interval: Duration) -> Self {
        Self {
            watched,
            interval: interval.as_secs_f64(),
            grid: Grid::new(span, interval),
            places: HashMap::new(),
            series: Vec::new(),
            missing: BTreeSet::new(),
            episodes: Vec::new(),
            left_out: 0,
        }
    }

    /// Whether the plots show the bands of this tick.
    pub fn shows_bands(&self, tick: Timestamp) -> bool {
        self.grid.opens(tick)
    }

    /// Where the series stand before the range begins.
    pub fn begin(&mut self, scores: &[ScoredSeries]) {
        for scored in scores {
            self.add(&scored.labels, Account::carried(scored.score.state));
        }
    }

    /// Enters the scores of one tick: of the series that are there and of those that are missing.
    pub fn enter(&mut self, tick: Timestamp, scores: &[ScoredSeries]) {
        let mut missing = BTreeSet::new();
        for scored in scores {
            let known = self.places.get(&scored.labels).copied();
            let place = known.unwrap_or_else(|| self.add(&scored.labels, Account::default()));
            if scored.absent_since.is_some() {
                missing.insert(place);
            }
            let Kept { labels, account, envelope } = &mut self.series[place];
            let whose = Whose { query: &self.watched.name, labels, interval: self.interval };
            let (entered, ended) = account.enter(tick, scored, whose);
            envelope.get_or_insert_with(|| Envelope::new(&self.grid)).enter(&self.grid, &entered);
            self.episodes.extend(ended);
        }
        self.end_absences(tick, missing);
        if self.episodes.len() > 2 * MOST_EPISODES {
            self.left_out += cut(&mut self.episodes);
        }
    }

    /// Those that are no longer missing are back, or not told of any more.
    fn end_absences(&mut self, tick: Timestamp, missing: BTreeSet<usize>) {
        for place in std::mem::replace(&mut self.missing, missing) {
            if !self.missing.contains(&place) {
                let Kept { labels, account, .. } = &mut self.series[place];
                let whose = Whose { query: &self.watched.name, labels, interval: self.interval };
                self.episodes.extend(account.end_absence(Some(tick), whose));
            }
        }
    }

    fn add(&mut self, labels: &Labels, account: Account) -> usize {
        let place = self.series.len();
        self.places.insert(labels.clone(), place);
        self.series.push(Kept { labels: labels.clone(), account, envelope: None });
        place
    }

    /// The range is over. `refused` series were not scored; `top` are ranked.
    pub fn finish(mut self, refused: u64, top: usize) -> Finished {
        for Kept { labels, account, .. } in &mut self.series {
            let whose = Whose { query: &self.watched.name, labels, interval: self.interval };
            self.episodes.extend(account.close(whose));
        }
        let left_out = self.left_out + cut(&mut self.episodes);
        let figures = self.figures(refused);
        let mut ranked: Vec<Ranked> = Vec::new();
        for kept in self.series.drain(..) {
            ranked.extend(kept.ranked(&self.watched.name, self.grid));
        }
        rank(&mut ranked, top);
        Finished { figures, episodes: self.episodes, left_out, top: ranked }
    }

    fn figures(&self, refused: u64) -> QueryReport {
        let sum = |of: fn(&Account) -> u64| self.series.iter().map(|kept| of(&kept.account)).sum::<u64>();
        let (samples, alarms) = (sum(|it| it.samples), sum(|it| it.alarms));
        let series_days = samples as f64 * self.interval / 86_400.0;
        let budget = self.watched.budget;
        QueryReport {
            name: self.watched.name.clone(),
            expr: self.watched.expr.clone(),
            model: self.watched.model.clone(),
            of_groups: self.watched.of_groups,
            missing_metrics: Vec::new(),
            series: sum(|it| u64::from(it.peak.is_some())),
            samples,
            series_days,
            alarms,
            episodes: sum(|it| it.episodes),
            absences: sum(|it| it.absences),
            alarms_per_series_day: share(alarms as f64, series_days),
            budget: budget.to_string(),
            expected_false_alarms: budget.per_second() * 86_400.0 * series_days,
            share_above: share(sum(|it| it.above) as f64, samples as f64),
            series_refused: refused,
        }
    }
}

impl Finished {
    /// A query that is not evaluated because it needs metrics that do not exist.
    pub fn without(watched: &Watched, missing: Vec<String>) -> Self {
        let nothing = (Timestamp::default(), Timestamp::default());
        let mut finished = Ledger::new(watched.clone(), nothing, Duration::from_secs(1)).finish(0, 0);
        finished.figures.missing_metrics = missing;
        finished
    }
}

impl Kept {
    /// `None` for a series without a sample in the range.
    fn ranked(self, query: &str, grid: Grid) -> Option<Ranked> {
        let Account { samples, above, alarms, episodes, .. } = self.account;
        let series = SeriesReport {
            query: query.to_owned(),
            labels: self.labels,
            samples,
            alarms,
            episodes,
            share_above: share(above as f64, samples as f64),
            peak: self.account.peak?,
        };
        Some(Ranked { series, envelope: self.envelope?, grid })
    }
}

/// Leaves the `most` most anomalous series, the most first. Equal ones keep the order of their queries.
pub(super) fn rank(ranked: &mut Vec<Ranked>, most: usize) {
    ranked.sort_by(|Ranked { series: a, .. }, Ranked { series: b, .. }| {
        let alarmed = (b.alarms > 0).cmp(&(a.alarms > 0));
        alarmed.then(b.peak.score.total_cmp(&a.peak.score)).then_with(|| match a.query == b.query {
            true => a.labels.cmp(&b.labels),
            false => Ordering::Equal,
        })
    });
    ranked.truncate(most);
}

/// Leaves as many episodes as a report has, those with the highest peaks. How many were cut.
pub(super) fn cut(episodes: &mut Vec<Episode>) -> u64 {
    let over = episodes.len().saturating_sub(MOST_EPISODES);
    if over > 0 {
        episodes.sort_by(|a, b| {
            let alarmed = b.alarm.is_some().cmp(&a.alarm.is_some());
            alarmed.then(b.peak.score.total_cmp(&a.peak.score)).then(a.onset.cmp(&b.onset))
        });
        episodes.truncate(MOST_EPISODES);
    }
    over as u64
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests;
