//! A range too long to hold in memory, asked piece by piece: as many steps at once as the number of
//! series allows, fewer where the server cannot answer that many.

use std::time::Duration;

use super::range::split;
use super::{Client, QueryError};
use crate::model::{Series, Timestamp};

/// Samples asked for at once, over all series.
const SAMPLES: usize = 1_000_000;
/// Steps asked for first, before the number of series is known.
const FIRST_STEPS: usize = 240;
/// Most steps asked for at once; Prometheus answers 11,000.
const MOST_STEPS: usize = 10_000;

/// The answers to one range query, in the order of time.
pub struct Pieces<'a> {
    client: &'a Client,
    expr: &'a str,
    plan: Plan,
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The series that have samples in it.
    pub series: Vec<Series>,
    /// How many steps it covers.
    pub steps: u64,
}

impl<'a> Pieces<'a> {
    /// Nothing is asked yet. Refuses what [`Client::query_range`] refuses.
    pub fn new(
        client: &'a Client,
        expr: &'a str,
        range: (Timestamp, Timestamp),
        step: Duration,
    ) -> Result<Self, QueryError> {
        Ok(Self { client, expr, plan: Plan::new(range, step)? })
    }

    /// How many steps are left.
    pub fn steps_left(&self) -> u64 {
        self.plan.steps_left()
    }

    /// The next piece; `None` at the end of the range.
    pub async fn next(&mut self) -> Result<Option<Piece>, QueryError> {
        while let Some((first, last)) = self.plan.head() {
            let step = Duration::from_millis(self.plan.step as u64);
            match self.client.query_range(self.expr, first, last, step).await {
                Ok(series) => return Ok(Some(Piece { steps: self.plan.take(series.len()), series })),
                Err(error) if self.plan.adapt(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// Whether fewer steps may be answered where these were not.
fn is_too_much(error: &QueryError) -> bool {
    match error {
        QueryError::TooLarge { .. } => true,
        // Prometheus's own limit, `--query.max-samples`.
        QueryError::Rejected { kind, message } => kind == "execution" && message.contains("too many samples"),
        _ => false,
    }
}

/// What is left of a range, in milliseconds, and how much of it to ask for next.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    next: i64,
    end: i64,
    step: i64,
    steps: usize,
}

impl Plan {
    /// A whole range, both ends included. Refuses what [`Client::query_range`] refuses.
    pub fn new(range: (Timestamp, Timestamp), step: Duration) -> Result<Self, QueryError> {
        split(range.0, range.1, step)?;
        let millis = [range.0, range.1].map(Timestamp::as_millis);
        Ok(Self { next: millis[0], end: millis[1], step: step.as_millis() as i64, steps: FIRST_STEPS })
    }

    fn steps_left(&self) -> u64 {
        if self.next > self.end { 0 } else { ((self.end - self.next) / self.step) as u64 + 1 }
    }

    /// How many steps to ask for next.
    fn count(&self) -> u64 {
        self.steps_left().min(self.steps as u64)
    }

    /// The first and the last step to ask for next; `None` at the end of the range.
    pub fn head(&self) -> Option<(Timestamp, Timestamp)> {
        let count = self.count() as i64;
        let last = self.next + (count - 1) * self.step;
        (count > 0).then(|| (Timestamp::from_millis(self.next), Timestamp::from_millis(last)))
    }

    /// The head was answered with so many series. How many steps it had.
    pub fn take(&mut self, series: usize) -> u64 {
        let count = self.count();
        self.next = self.next.saturating_add(count as i64 * self.step);
        self.steps = (SAMPLES / series.max(1)).clamp(1, MOST_STEPS);
        count
    }

    /// After an error: whether fewer steps, those of the next head, may be answered where these were not.
    pub fn adapt(&mut self, error: &QueryError) -> bool {
        is_too_much(error) && self.shrink()
    }

    /// Asks for a quarter; `false` if one step was too much.
    fn shrink(&mut self) -> bool {
        let count = self.count();
        self.steps = (count / 4).max(1) as usize;
        count > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(steps_left: i64) -> Plan {
        Plan { next: 7, end: 7 + (steps_left - 1) * 10 + 9, step: 10, steps: FIRST_STEPS }
    }

    #[test]
    fn every_step_is_asked_for_once_whatever_the_answers() {
        let mut plan = plan(50_000);
        let (mut next, mut sizes) = (7, Vec::new());
        for series in [1, 50, 2_000_000, 0, 1, 1, 1, 1, 1, 1].into_iter().cycle() {
            let Some((first, last)) = plan.head() else { break };
            assert_eq!(first.as_millis(), next);
            next = last.as_millis() + 10;
            sizes.push(plan.take(series));
        }
        assert_eq!((next, sizes.iter().sum::<u64>()), (7 + 50_000 * 10, 50_000));
        assert_eq!(sizes[..4], [240, 10_000, 10_000, 1], "by the number of series in the answer before");
    }

    #[test]
    fn an_answer_that_is_too_large_is_asked_for_in_quarters_down_to_one_step() {
        let mut plan = plan(1000);
        let mut sizes = vec![plan.count()];
        while plan.shrink() {
            sizes.push(plan.count());
        }
        assert_eq!(sizes, [240, 60, 15, 3, 1]);
        assert_eq!(plan.steps_left(), 1000, "nothing was skipped");
    }

    #[test]
    fn an_empty_range_has_no_piece() {
        let empty = Plan { next: 1, end: 0, step: 10, steps: 5 };
        assert_eq!((empty.head(), empty.steps_left()), (None, 0));
    }

    #[test]
    fn only_what_is_too_much_is_asked_for_again() {
        let rejected = |message: &str| QueryError::Rejected {
            kind: "execution".to_owned(),
            message: message.to_owned(),
        };
        for (error, expected) in [
            (QueryError::TooLarge { limit: 1 }, true),
            (rejected("query processing would load too many samples into memory in query execution"), true),
            (rejected("found duplicate series"), false),
            (QueryError::TimedOut(String::new()), false),
        ] {
            assert_eq!(is_too_much(&error), expected, "{error}");
        }
    }
}
