//! The targets of past ticks, asked for where a series is missing.

use crate::model::{Labels, Timestamp};
use crate::prometheus::{Client, Plan, QueryError};
use crate::scoring::targets::{Targets, UP};
use crate::scoring::ticks::{Span, Ticks};

/// The targets of one stretch of ticks: what one request answers.
#[derive(Debug, Default)]
pub(super) struct PastTargets {
    known: Option<Span>,
    /// Each target, and the ticks at which it was discovered, ascending.
    up: Vec<(Labels, Vec<Timestamp>)>,
}

impl PastTargets {
    /// Whether the targets of this tick are known.
    pub fn covers(&self, tick: Timestamp) -> bool {
        self.known.is_some_and(|known| known.first <= tick && tick <= known.last)
    }

    /// Asks for those of the first of these ticks and of as many after it as one request answers.
    pub async fn ask(&mut self, client: &Client, span: Span, ticks: &Ticks) -> Result<(), QueryError> {
        let mut plan = Plan::new((span.first, span.last), ticks.interval())?;
        while let Some((first, last)) = plan.head() {
            match client.query_range(UP, first, last, ticks.interval()).await {
                Ok(series) => {
                    let times = series.into_iter();
                    let times = times.map(|it| (it.labels, it.samples.iter().map(|one| one.at).collect()));
                    *self = Self { known: Some(Span { first, last }), up: times.collect() };
                    return Ok(());
                }
                Err(error) if plan.adapt(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Those of one tick.
    pub fn at(&self, tick: Timestamp) -> Targets {
        let there = self.up.iter().filter(|(_, ticks)| ticks.binary_search(&tick).is_ok());
        Targets::new(&there.map(|(labels, _)| labels.clone()).collect::<Vec<_>>())
    }

    /// Known without asking.
    #[cfg(test)]
    pub fn told(span: Span, up: Vec<(Labels, Vec<Timestamp>)>) -> Self {
        Self { known: Some(span), up }
    }
}
