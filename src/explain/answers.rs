//! What Prometheus answered a moment ago, so that who asks for an explanation again, or for another alert of the same
//! incident, does not have everything read again.
//!
//! Only answers are kept, no errors, each under the whole of its question: the expression and its times. Those are whole
//! multiples of [`PACE`], so that questions of one moment are the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::{Series, Timestamp};
use crate::prometheus::{Client, QueryError};

/// Questions about the present are asked as of a multiple of this.
pub(super) const PACE: Duration = Duration::from_secs(10);
/// How long an answer counts: samples may come late, also those of the past.
const FRESH: Duration = Duration::from_secs(30);
/// Answers kept, and samples of all of them.
const MAX_ANSWERS: usize = 256;
const MAX_SAMPLES: usize = 500_000;

/// Answers of one Prometheus. A reload that may name another begins with none.
#[derive(Debug, Default)]
pub struct Answers(Mutex<Kept>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    expr: String,
    start: Timestamp,
    end: Timestamp,
    /// `None`: the values at the end alone.
    step: Option<Duration>,
}

#[derive(Debug)]
struct Answer {
    since: Instant,
    series: Arc<Vec<Series>>,
    size: usize,
}

#[derive(Debug, Default)]
struct Kept {
    answers: HashMap<Question, Answer>,
    size: usize,
}

impl Answers {
    /// The values of an expression at one time, read now or a moment ago.
    pub(super) async fn query(
        &self,
        client: &Client,
        expr: &str,
        at: Timestamp,
    ) -> Result<Arc<Vec<Series>>, QueryError> {
        let question = Question { expr: expr.to_owned(), start: at, end: at, step: None };
        self.answer(question, client.query(expr, at)).await
    }

    /// The same over a range.
    pub(super) async fn query_range(
        &self,
        client: &Client,
        expr: &str,
        (start, end): (Timestamp, Timestamp),
        step: Duration,
    ) -> Result<Arc<Vec<Series>>, QueryError> {
        let question = Question { expr: expr.to_owned(), start, end, step: Some(step) };
        self.answer(question, client.query_range(expr, start, end, step)).await
    }

    async fn answer<E>(
        &self,
        question: Question,
        asked: impl Future<Output = Result<Vec<Series>, E>>,
    ) -> Result<Arc<Vec<Series>>, E> {
        if let Some(series) = self.kept(|kept| kept.find(&question, Instant::now())) {
            return Ok(series);
        }
        let series = Arc::new(asked.await?);
        self.kept(|kept| kept.keep(question, series.clone(), Instant::now()));
        Ok(series)
    }

    fn kept<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    fn find(&self, question: &Question, now: Instant) -> Option<Arc<Vec<Series>>> {
        let answer = self.answers.get(question)?;
        (now.duration_since(answer.since) < FRESH).then(|| answer.series.clone())
    }

    fn keep(&mut self, question: Question, series: Arc<Vec<Series>>, now: Instant) {
        // An answer without a series takes room as well.
        let size = 1 + series.iter().map(|series| 1 + series.samples.len()).sum::<usize>();
        self.answers.retain(|_, answer| now.duration_since(answer.since) < FRESH);
        self.size = self.answers.values().map(|answer| answer.size).sum();
        let fits = self.answers.len() < MAX_ANSWERS && self.size + size <= MAX_SAMPLES;
        if fits {
            let before = self.answers.insert(question, Answer { since: now, series, size });
            self.size += size - before.map_or(0, |before| before.size);
        }
    }
}

/// The last whole multiple of [`PACE`].
pub(super) fn paced(at: Timestamp) -> Timestamp {
    let pace = i64::try_from(PACE.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(at.as_millis().div_euclid(pace) * pace)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::model::{Labels, Sample};

    fn question(expr: &str) -> Question {
        let at = Timestamp::from_millis(1000);
        Question { expr: expr.to_owned(), start: at, end: at, step: None }
    }

    fn series(samples: usize) -> Vec<Series> {
        let sample = Sample { at: Timestamp::from_millis(0), value: 1.0 };
        vec![Series { labels: Labels::default(), samples: vec![sample; samples] }]
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_given_again_for_a_while_and_an_error_is_not() {
        let (answers, asked) = (Answers::default(), Cell::new(0));
        let ask = async |expr: &str, answer: Result<Vec<Series>, &'static str>| {
            let answer = async {
                asked.set(asked.get() + 1);
                answer
            };
            answers.answer(question(expr), answer).await.map(|series| series[0].samples.len())
        };
        assert_eq!(ask("a", Err("down")).await, Err("down"));
        assert_eq!((ask("a", Ok(series(1))).await, asked.get()), (Ok(1), 2));
        assert_eq!((ask("a", Ok(series(2))).await, asked.get()), (Ok(1), 2), "the same again");
        assert_eq!((ask("b", Ok(series(2))).await, asked.get()), (Ok(2), 3), "another question");
        tokio::time::advance(FRESH).await;
        assert_eq!((ask("a", Ok(series(3))).await, asked.get()), (Ok(3), 4), "read again after a while");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_has_a_bound_and_makes_room_in_time() {
        let mut kept = Kept::default();
        for number in 0..2 * MAX_ANSWERS {
            kept.keep(question(&number.to_string()), Arc::new(series(1)), Instant::now());
        }
        assert_eq!((kept.answers.len(), kept.size), (MAX_ANSWERS, 3 * MAX_ANSWERS));
        tokio::time::advance(FRESH).await;
        kept.keep(question("large"), Arc::new(series(MAX_SAMPLES)), Instant::now());
        assert_eq!((kept.answers.len(), kept.size), (0, 0), "too large, and the rest too old");
        kept.keep(question("small"), Arc::new(series(1)), Instant::now());
        assert!(kept.find(&question("small"), Instant::now()).is_some());
    }

    #[test]
    fn times_are_cut_to_the_pace() {
        for (at, expected) in [(0, 0), (9_999, 0), (10_000, 10_000), (-1, -10_000)] {
            assert_eq!(paced(Timestamp::from_millis(at)), Timestamp::from_millis(expected));
        }
    }
}
