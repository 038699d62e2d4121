//! Questions about one series, answered by the loop that owns its detector, between two evaluations.
//!
//! Nothing is kept ready for them and nothing is locked: a loop that is asked nothing does no more for it. While it
//! waits for Prometheus it does not answer, and whoever asks gives up after a while.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::detect::{Explanation, Gate, Occurrence};
use crate::model::{Contribution, Labels, Matcher, Score, matches_all};

/// Questions that wait for one loop.
const QUEUE: usize = 8;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Names that an error offers, and the longest of them, in characters.
const CANDIDATES: usize = 4;
const LONGEST: usize = 90;

/// The latest score of one series or group, taken apart.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    /// The name of the configured query or model.
    pub query: Arc<str>,
    /// The model's name.
    pub model: Arc<str>,
    /// The input labels, without `__name__`; of a group those that its members share.
    pub labels: Labels,
    /// The latest score; `None` before the first sample, or while the members of a group are counted.
    pub score: Option<Score>,
    /// What it is made of; `None` until the first sample after a start.
    pub explanation: Option<Explanation>,
    /// The gates that the sample passed on its way to a notification.
    pub gates_passed: Vec<Gate>,
    /// When the series was like this before, the most alike first; a group remembers none.
    pub occurrences: Vec<Occurrence>,
    /// Of a group: the members with the largest shares of the score, largest first. `None` of a single series.
    #[serde(skip)]
    pub contributions: Option<Arc<[Contribution]>>,
    /// What is missing, and when it will be there.
    pub note: Option<&'static str>,
}

impl Why {
    /// Completes what a detector says of its last score.
    pub(super) fn new(
        (query, model, labels): (Arc<str>, Arc<str>, Labels),
        score: Option<Score>,
        explanation: Option<Explanation>,
        occurrences: Vec<Occurrence>,
    ) -> Self {
        let stopped = |found: &Explanation, gate: &Gate| found.gate.is_none_or(|stop| *gate < stop);
        let gates = |found| Gate::ALL.into_iter().filter(|gate| stopped(found, gate)).collect();
        let gates_passed = explanation.as_ref().map(gates).unwrap_or_default();
        let note = explanation.is_none().then_some(
            "the score was taken before the daemon's last start or reload; the next sample will be explained",
        );
        let contributions = None;
        Self { query, model, labels, score, explanation, gates_passed, occurrences, contributions, note }
    }

    /// Completes what a model says of the last score of a group.
    pub(super) fn of_group(
        identity: (Arc<str>, Arc<str>, Labels),
        score: Option<Score>,
        explanation: Option<Explanation>,
        contributions: Arc<[Contribution]>,
    ) -> Self {
        let note = match (&score, &explanation) {
            (_, Some(_)) => None,
            (None, None) => Some("the group's members are being counted; its rows will be scored then"),
            (Some(_), None) => Some(
                "the score was taken before the daemon's last start or reload, or by the members that the group had \
                 before; the next row will be explained",
            ),
        };
        let contributions = Some(contributions);
        Self { contributions, note, ..Self::new(identity, score, explanation, Vec::new()) }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyError {
    /// No such query is scored.
    #[error("no query '{asked}' is scored; {known}")]
    UnknownQuery {
        /// What was asked for.
        asked: String,
        /// Some that are.
        known: Candidates,
    },
    /// No series of the query matches.
    #[error("no series of '{query}' matches; {known}")]
    UnknownSeries {
        /// The query.
        query: String,
        /// Some of its series.
        known: Candidates,
    },
    /// More than one series matches.
    #[error("more than one series of '{query}' matches; name one by match[]: {found}")]
    Ambiguous {
        /// The query.
        query: String,
        /// Some of them.
        found: Candidates,
    },
    /// The loop waits for Prometheus, is being replaced, or has too many questions already.
    #[error("the query '{0}' is being evaluated or reloaded; ask again")]
    Busy(String),
}

/// The one of a query's series, or of a model's groups, that is meant.
pub(super) fn the_one<'a, T>(
    query: &str,
    all: &'a [T],
    labels: impl Fn(&T) -> &Labels,
    means: impl Fn(&Labels) -> bool,
) -> Result<&'a T, WhyError> {
    let names = |some: &[&T]| {
        Candidates::new(some.iter().map(|one| labels(one).to_string()).collect::<Vec<_>>().iter())
    };
    let meant: Vec<&T> = all.iter().filter(|one| means(labels(one))).collect();
    let query = query.to_owned();
    match meant.as_slice() {
        [] => Err(WhyError::UnknownSeries { query, known: names(&all.iter().collect::<Vec<_>>()) }),
        [one] => Ok(one),
        several => Err(WhyError::Ambiguous { query, found: names(several) }),
    }
}

/// A few names, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    some: Vec<String>,
    all: usize,
}

impl Candidates {
    /// The first few of many.
    pub(super) fn new(names: impl ExactSizeIterator<Item = impl ToString>) -> Self {
        let all = names.len();
        let cut = |name: String| name.chars().take(LONGEST).collect();
        Self { some: names.take(CANDIDATES).map(|name| cut(name.to_string())).collect(), all }
    }
}

impl std::fmt::Display for Candidates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.all {
            0 => f.write_str("there is none yet"),
            all if all == self.some.len() => write!(f, "there are {}", self.some.join(", ")),
            all => write!(f, "there are {all}, for example {}", self.some.join(", ")),
        }
    }
}

/// One question. Any of the selectors may match; none at all matches every series.
pub(super) struct Inquiry {
    selectors: Vec<Vec<Matcher>>,
    answer: oneshot::Sender<Result<Why, WhyError>>,
}

impl Inquiry {
    /// Whether a series is meant.
    pub(super) fn means(&self, labels: &Labels) -> bool {
        self.selectors.is_empty() || self.selectors.iter().any(|selector| matches_all(selector, labels))
    }

    /// Hands the answer over.
    pub(super) fn answer(self, why: Result<Why, WhyError>) {
        // Whoever asked may have given up.
        let _ = self.answer.send(why);
    }
}

/// Asks the loops that run at present. Cheap to clone.
#[derive(Clone, Default)]
pub struct Inquiries {
    loops: Arc<ArcSwap<BTreeMap<String, mpsc::Sender<Inquiry>>>>,
}

impl Inquiries {
    /// The loops of these queries are asked from now on, no others; gives the end that each listens at.
    pub(super) fn begin<'a>(
        &self,
        queries: impl Iterator<Item = &'a str>,
    ) -> BTreeMap<String, mpsc::Receiver<Inquiry>> {
        let channels = queries.map(|name| (name.to_owned(), mpsc::channel(QUEUE)));
        let (senders, receivers) =
            channels.map(|(name, (sender, receiver))| ((name.clone(), sender), (name, receiver))).unzip();
        self.loops.store(Arc::new(senders));
        receivers
    }

    /// The names of the queries and models whose loops run at present, in their order.
    pub fn names(&self) -> Vec<String> {
        self.loops.load().keys().cloned().collect()
    }

    /// Questions that wait for an answer.
    pub fn waiting(&self) -> usize {
        self.loops.load().values().map(|sender| sender.max_capacity() - sender.capacity()).sum()
    }

    /// Takes the score of one series apart: the one that any of the selectors matches.
    ///
    /// # Errors
    /// None or several match, or the loop does not answer within 5 s.
    pub async fn why(&self, query: &str, selectors: Vec<Vec<Matcher>>) -> Result<Why, WhyError> {
        let loops = self.loops.load_full();
        let Some(sender) = loops.get(query) else {
            let asked = query.chars().take(LONGEST).collect();
            return Err(WhyError::UnknownQuery { asked, known: Candidates::new(loops.keys()) });
        };
        let busy = || WhyError::Busy(query.to_owned());
        let (answer, answered) = oneshot::channel();
        sender.try_send(Inquiry { selectors, answer }).map_err(|_| busy())?;
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(why)) => why,
            _ => Err(busy()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_is_not_answered_is_told_so() {
        let inquiries = Inquiries::default();
        let unknown = inquiries.why("a", Vec::new()).await.unwrap_err();
        assert_eq!(unknown.to_string(), "no query 'a' is scored; there is none yet");
        let mut receivers = inquiries.begin(["a", "b"].into_iter());
        let unknown = inquiries.why("c", Vec::new()).await.unwrap_err();
        assert_eq!(unknown.to_string(), "no query 'c' is scored; there are a, b");
        assert_eq!(inquiries.why("a", Vec::new()).await.unwrap_err(), WhyError::Busy("a".to_owned()));
        receivers.remove("a");
        let gone = inquiries.why("a", Vec::new()).await.unwrap_err();
        assert_eq!(gone, WhyError::Busy("a".to_owned()), "a loop that has ended");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_questions_wait_than_the_queue_holds() {
        let inquiries = Inquiries::default();
        let mut receivers = inquiries.begin(["a"].into_iter());
        let begun = tokio::time::Instant::now();
        let asked = (0..QUEUE + 1).map(|_| inquiries.why("a", Vec::new()));
        let answers = futures::future::join_all(asked).await;
        assert!(answers.iter().all(Result::is_err) && begun.elapsed() == PATIENCE);
        assert_eq!((inquiries.waiting(), inquiries.names()), (QUEUE, vec!["a".to_owned()]));
        let waiting = receivers.get_mut("a").unwrap();
        assert_eq!(std::iter::from_fn(|| waiting.try_recv().ok()).count(), QUEUE);
    }

    #[test]
    fn an_error_offers_a_few_names_and_none_without_end() {
        let names = (0..1000).map(|number| format!("{number}{}", "x".repeat(500)));
        let text = Candidates::new(names.collect::<Vec<_>>().iter()).to_string();
        assert!(text.starts_with("there are 1000, for example 0x") && text.len() < 420, "{text}");
    }
}
