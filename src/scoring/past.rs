//! A past range scored as the loop would have scored it live: the history before the range as a daemon reads
//! it that starts there, then one tick after the other. Nothing is published, stored or counted.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{Sample, ScoredSeries, Timestamp};
use crate::prometheus::{Answer, Client, LabelText, Plan, QueryError};

use super::Config;
use super::budget::SeriesBudget;
use super::holds::{Firing, Holds, Window};
use super::subject::Observed;
use super::ticks::{Span, Ticks};
use super::tracker::Tracker;

/// What of the past is scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastRange {
    /// The first time that is reported.
    pub start: Timestamp,
    /// The last time, included.
    pub end: Timestamp,
    /// How much history before `start` is learnt first.
    pub warm_up: Duration,
}

/// Who looks on while the past is scored.
pub trait Onlooker: Send {
    /// So many more ticks have been read.
    fn read(&mut self, ticks: u64);

    /// The history has been learnt: where its series stand.
    fn begin(&mut self, scores: &[ScoredSeries]);

    /// Whether the bands of this tick are wanted. Without, its scores are the same, with bands that have no edges.
    fn wants_bands(&mut self, tick: Timestamp) -> bool;

    /// The scores of one tick: of every series that has a sample at it.
    fn see(&mut self, tick: Timestamp, scores: &[ScoredSeries]);
}

/// One query over a past range.
pub struct Past {
    tracker: Tracker,
    windows: Arc<[Window]>,
    ticks: Ticks,
    history: Option<Span>,
    span: Span,
    /// Most series refused at one tick.
    refused: u64,
    /// Samples left out because another series of their answer had the same labels.
    duplicates: u64,
}

impl Past {
    /// Query number `index` of the configuration, at the ticks the daemon has for it. `None` if none of them is in
    /// the range. The cap on series holds for each query by itself.
    pub fn new(config: &Config, index: usize, range: PastRange) -> Option<Self> {
        let ticks = Ticks::new(config.interval, index, config.queries.len());
        let span = ticks.within(range.start, range.end)?;
        let moment = Duration::from_millis(1);
        let history = ticks.within(range.start - range.warm_up + moment, span.first - moment);
        let tracker = Tracker::new(config.queries[index].clone(), SeriesBudget::new(config.max_series));
        let windows = config.maintenance.clone();
        Some(Self { tracker, windows, ticks, history, span, refused: 0, duplicates: 0 })
    }

    /// The first and the last tick that are reported.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.span.first, self.span.last)
    }

    /// How many ticks are read, those of the history included.
    pub fn tick_count(&self) -> u64 {
        self.history.map_or(0, |history| self.ticks.count(history)) + self.ticks.count(self.span)
    }

    /// Most series that found no place under the cap.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Reads and scores everything. To be called within a runtime of several threads, as scoring blocks one.
    pub async fn run(&mut self, client: &Client, onlooker: &mut dyn Onlooker) -> Result<(), QueryError> {
        if let Some(history) = self.history {
            self.read(client, history, onlooker, &mut |past, answers, _, _| past.learn(answers)).await?;
        }
        self.begin(onlooker);
        let mut score = |past: &mut Self, answers: &[Answer], span, onlooker: &mut dyn Onlooker| {
            past.score(answers, span, onlooker)
        };
        self.read(client, self.span, onlooker, &mut score).await?;
        client.report_duplicates(&self.tracker.query().expr, self.duplicates);
        Ok(())
    }

    /// Asks for a span piece by piece and hands on what comes.
    async fn read(
        &mut self,
        client: &Client,
        span: Span,
        onlooker: &mut dyn Onlooker,
        take: &mut Take<'_>,
    ) -> Result<(), QueryError> {
        let step = self.ticks.after(span.first).since(span.first);
        let mut plan = Plan::new((span.first, span.last), step)?;
        while let Some((first, last)) = plan.head() {
            self.hold(client, Span { first, last }).await?;
            match client.ask_range(&self.tracker.query().expr, first, last, step).await {
                Ok(answers) => {
                    let span = Span { first, last };
                    tokio::task::block_in_place(|| take(self, &answers, span, &mut *onlooker))?;
                    onlooker.read(plan.take(answers.iter().map(Answer::len).max().unwrap_or_default()));
                }
                Err(error) if plan.adapt(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Holds learning back as it was: by maintenance and by the alerts that fired. What was held on request is not known.
    async fn hold(&mut self, client: &Client, span: Span) -> Result<(), QueryError> {
        let step = self.ticks.after(span.first).since(span.first);
        let firing = match &self.tracker.query().while_firing {
            None => Firing::default(),
            Some(alerts) => {
                let answer = client.query_range(&alerts.expr(), span.first, span.last, step).await?;
                Firing::new(&alerts.on, &answer)
            }
        };
        let (windows, requests) = (self.windows.clone(), Vec::new());
        self.tracker.set_holds(Holds { windows, requests, firing });
        Ok(())
    }

    /// Takes history.
    fn learn(&mut self, answers: &[Answer]) -> Result<(), QueryError> {
        for answer in answers {
            let observed = self.tracker.pass(answer)?;
            self.count(&observed);
        }
        Ok(())
    }

    /// The history is complete.
    fn begin(&mut self, onlooker: &mut dyn Onlooker) {
        let Some(history) = self.history else { return };
        self.tracker.forget(history.last);
        onlooker.begin(&self.tracker.published(Duration::MAX, history.last));
    }

    /// Takes a part of the range, as the daemon would have taken it live.
    fn score(
        &mut self,
        answers: &[Answer],
        span: Span,
        onlooker: &mut dyn Onlooker,
    ) -> Result<(), QueryError> {
        let mut unread = Unread::new(answers);
        let mut tick = span.first;
        while tick <= span.last {
            let answer = unread.at(tick);
            let wanted = onlooker.wants_bands(tick);
            let observed =
                if wanted { self.tracker.observe(&answer)? } else { self.tracker.pass(&answer)? };
            self.count(&observed);
            self.tracker.forget(tick);
            onlooker.see(tick, &self.tracker.published(Duration::ZERO, tick));
            tick = self.ticks.after(tick);
        }
        Ok(())
    }

    fn count(&mut self, observed: &Observed) {
        self.refused = self.refused.max(observed.refused);
        self.duplicates += observed.duplicates;
    }
}

/// What is done with a piece.
type Take<'a> =
    dyn FnMut(&mut Past, &[Answer], Span, &mut dyn Onlooker) -> Result<(), QueryError> + Send + 'a;

/// What is left of range answers, which hold series by series what a server answers tick by tick.
struct Unread<'a> {
    series: Vec<(LabelText<'a>, &'a [Sample])>,
}

impl<'a> Unread<'a> {
    fn new(answers: &'a [Answer]) -> Self {
        let found = answers.iter().flat_map(Answer::series);
        Self { series: found.map(|found| (found.text, found.samples)).collect() }
    }

    /// The answer for one tick. Ticks are to be asked for in their order.
    fn at(&mut self, tick: Timestamp) -> Answer {
        let mut answer = Answer::default();
        for (text, samples) in &mut self.series {
            if let Some((sample, later)) = samples.split_first().filter(|(sample, _)| sample.at == tick) {
                answer.push(text.as_str(), [*sample]);
                *samples = later;
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests;
