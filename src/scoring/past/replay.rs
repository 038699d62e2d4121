//! One subject over a past range: what its loop does at each tick, with the answers of range queries.

use std::sync::Arc;
use std::time::Duration;

use super::targets::PastTargets;
use super::{Onlooker, PastRange};
use crate::model::{MaintenanceWindow, Sample, ScoredSeries, Timestamp};
use crate::prometheus::{Answer, Client, LabelText, Plan, QueryError};
use crate::scoring::holds::{Firing, Holds, alerts_of};
use crate::scoring::subject::{Observed, Subject};
use crate::scoring::ticks::{Span, Ticks};
use crate::scoring::{Config, ranges};

/// A query or a model, and how far it has come.
pub(super) struct Replay<S> {
    subject: S,
    windows: Arc<[MaintenanceWindow]>,
    ticks: Ticks,
    history: Option<Span>,
    span: Span,
    /// How long a series that is missing is judged and told.
    vanished_after: Duration,
    targets: PastTargets,
    /// Most series refused at one tick.
    refused: u64,
    /// Samples left out because another series of their answer had the same labels.
    duplicates: u64,
}

impl<S: Subject> Replay<S> {
    /// `None` if no tick is in the range.
    pub fn new(config: &Config, subject: S, ticks: Ticks, range: PastRange) -> Option<Self> {
        let span = ticks.within(range.start, range.end)?;
        let moment = Duration::from_millis(1);
        let history = ticks.within(range.start - range.warm_up + moment, span.first - moment);
        let (windows, vanished_after) = (config.maintenance.clone(), config.vanished_after);
        let targets = PastTargets::default();
        Some(Self {
            subject,
            windows,
            ticks,
            history,
            span,
            vanished_after,
            targets,
            refused: 0,
            duplicates: 0,
        })
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

    /// Reads and scores everything.
    pub async fn run(&mut self, client: &Client, onlooker: &mut dyn Onlooker) -> Result<(), QueryError> {
        if let Some(history) = self.history {
            let mut plan = Plan::new((history.first, history.last), self.ticks.interval())?;
            while let Some((span, rounds)) = self.ask(client, &mut plan).await? {
                self.learn(client, span, &rounds).await?;
                onlooker.read(plan.take(most_series(&rounds)));
            }
            self.begin(history, onlooker);
        }
        let mut plan = Plan::new((self.span.first, self.span.last), self.ticks.interval())?;
        while let Some((span, rounds)) = self.ask(client, &mut plan).await? {
            self.score(client, span, &rounds, onlooker).await?;
            onlooker.read(plan.take(most_series(&rounds)));
        }
        client.report_duplicates(&self.subject.exprs().join(", "), self.duplicates);
        Ok(())
    }

    /// The answers of the plan's next piece, under the holds it had; `None` at the end.
    async fn ask(
        &mut self,
        client: &Client,
        plan: &mut Plan,
    ) -> Result<Option<(Span, Vec<Vec<Answer>>)>, QueryError> {
        while let Some((first, last)) = plan.head() {
            let span = Span { first, last };
            match ranges::rounds(client, self.subject.exprs(), &self.ticks, span).await {
                Ok(rounds) => {
                    self.hold(client, span).await?;
                    return Ok(Some((span, rounds)));
                }
                Err(error) if plan.adapt(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Holds learning back as it was: by maintenance and by the alerts that fired. What was held on request is not known.
    async fn hold(&mut self, client: &Client, span: Span) -> Result<(), QueryError> {
        let held_by = self.subject.held_by();
        let mut firing = Vec::new();
        for alerts in alerts_of(&held_by) {
            let (expr, interval) = (alerts.expr(), self.ticks.interval());
            let answer = client.query_range(&expr, span.first, span.last, interval).await?;
            firing.push((alerts, Arc::new(Firing::new(&alerts.on, &answer))));
        }
        let holds = Holds::of_each(&held_by, &self.windows, &firing, |_| Vec::new());
        self.subject.set_holds(holds);
        Ok(())
    }

    /// Takes history.
    async fn learn(&mut self, client: &Client, span: Span, rounds: &[Vec<Answer>]) -> Result<(), QueryError> {
        let dark = ranges::dark_ticks(client, &self.ticks, span, rounds).await?;
        tokio::task::block_in_place(|| self.take_history(&dark, rounds))
    }

    /// Takes history, of which Prometheus had no data at the dark ticks.
    pub fn take_history(&mut self, dark: &[Timestamp], rounds: &[Vec<Answer>]) -> Result<(), QueryError> {
        dark.iter().for_each(|tick| self.subject.note_dark(*tick));
        for answers in rounds {
            let observed = self.subject.pass(answers)?;
            self.count(&observed);
        }
        Ok(())
    }

    /// The history is complete.
    pub fn begin(&mut self, history: Span, onlooker: &mut dyn Onlooker) {
        self.subject.forget(history.last);
        onlooker.begin(&self.subject.published(Duration::MAX, history.last));
    }

    /// Takes a part of the range, as the daemon would have taken it live.
    async fn score(
        &mut self,
        client: &Client,
        span: Span,
        rounds: &[Vec<Answer>],
        onlooker: &mut dyn Onlooker,
    ) -> Result<(), QueryError> {
        let mut unread = Unread::new(rounds);
        let mut next = Some(span.first);
        while let Some(tick) = next {
            next = tokio::task::block_in_place(|| self.go_on(&mut unread, tick, span.last, onlooker))?;
            if let Some(first) = next {
                self.targets.ask(client, Span { first, last: span.last }, &self.ticks).await?;
            }
        }
        Ok(())
    }

    /// Scores tick by tick up to `last`, as far as the targets are known; where they are needed first, gives that tick.
    pub fn go_on(
        &mut self,
        unread: &mut Unread<'_>,
        first: Timestamp,
        last: Timestamp,
        onlooker: &mut dyn Onlooker,
    ) -> Result<Option<Timestamp>, QueryError> {
        let mut tick = first;
        while tick <= last {
            if unread.taken != Some(tick) {
                let answers = unread.take(tick);
                let wanted = onlooker.wants_bands(tick);
                let observed =
                    if wanted { self.subject.observe(&answers)? } else { self.subject.pass(&answers)? };
                self.count(&observed);
            }
            if self.subject.misses_any() && !self.targets.covers(tick) {
                return Ok(Some(tick));
            }
            self.end_tick(tick, unread.is_empty, onlooker);
            tick = self.ticks.after(tick);
        }
        Ok(None)
    }

    /// Judges who is missing and tells the scores.
    fn end_tick(&mut self, tick: Timestamp, is_empty: bool, onlooker: &mut dyn Onlooker) {
        let misses_any = self.subject.misses_any();
        if misses_any {
            let targets = self.targets.at(tick);
            if is_empty && targets.is_empty() {
                self.subject.note_dark(tick);
                return self.subject.forget(tick);
            }
            self.subject.judge_missing(tick, &targets, self.vanished_after);
        }
        self.subject.forget(tick);
        let gone = if misses_any { self.vanished_after } else { Duration::ZERO };
        let published = self.subject.published(gone, tick);
        let is_told = |scored: &ScoredSeries| scored.score.at == tick || scored.absent_since.is_some();
        match published.iter().all(is_told) {
            true => onlooker.see(tick, &published),
            false => {
                let told: Vec<ScoredSeries> = published.iter().filter(|it| is_told(it)).cloned().collect();
                onlooker.see(tick, &told);
            }
        }
    }

    fn count(&mut self, observed: &Observed) {
        self.refused = self.refused.max(observed.refused);
        self.duplicates += observed.duplicates;
    }
}

fn most_series(rounds: &[Vec<Answer>]) -> usize {
    rounds.iter().map(|round| round.iter().map(Answer::len).sum()).max().unwrap_or_default()
}

/// What is left of range answers, which hold series by series what a server answers tick by tick.
pub(super) struct Unread<'a> {
    /// For each expression its series.
    series: Vec<Vec<(LabelText<'a>, &'a [Sample])>>,
    /// The tick that was taken last.
    taken: Option<Timestamp>,
    /// Whether there was no sample at it.
    is_empty: bool,
}

impl<'a> Unread<'a> {
    /// Nothing is read yet.
    pub fn new(rounds: &'a [Vec<Answer>]) -> Self {
        let exprs = rounds.iter().map(Vec::len).max().unwrap_or_default();
        let of = |expr: usize| {
            let answers = rounds.iter().filter_map(move |round| round.get(expr));
            answers.flat_map(Answer::series).map(|found| (found.text, found.samples)).collect()
        };
        Self { series: (0..exprs).map(of).collect(), taken: None, is_empty: true }
    }

    /// The answers for one tick, one for each expression. Ticks are to be asked for in their order.
    fn take(&mut self, tick: Timestamp) -> Vec<Answer> {
        let answers: Vec<Answer> = self.series.iter_mut().map(|series| take_at(series, tick)).collect();
        (self.taken, self.is_empty) = (Some(tick), answers.iter().all(Answer::is_empty));
        answers
    }
}

fn take_at(series: &mut [(LabelText<'_>, &[Sample])], tick: Timestamp) -> Answer {
    let mut answer = Answer::default();
    for (text, samples) in series {
        if let Some((sample, later)) = samples.split_first().filter(|(sample, _)| sample.at == tick) {
            answer.push(text.as_str(), [*sample]);
            *samples = later;
        }
    }
    answer
}

#[cfg(test)]
mod tests;
