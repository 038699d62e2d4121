//! Asks Prometheus about the alerts to be explained: the values of their expressions around their beginnings, and what
//! changed just before. Nobody waits for it longer than two seconds: what has not been answered by then is left out,
//! and the explanation says so.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, timeout_at};

use super::answers::Answers;
use super::changes::{self, Change, ChangeQuestion};
use super::evidence::Surroundings;
use super::measured::{Measured, MeasuredQuestion};
use super::windows::windows;
use super::{Config, expression};
use crate::model::{Alert, Episode, EpisodeId, Series, Timestamp};
use crate::prometheus::Client;

/// How long all answers together are waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// Alerts whose expressions are evaluated: the first of each name, then the others.
const MAX_MEASURED: usize = 8;

/// Asks about these episodes.
pub async fn surroundings(
    asked: Asked<'_>,
    config: &Config,
    episodes: &[Episode],
    now: Timestamp,
) -> Surroundings {
    let mut seen = Surroundings::default();
    let (measured, changed) =
        futures::future::join(all_measured(asked, episodes, now), all_changes(asked, config, episodes, now))
            .await;
    for (id, answer) in measured {
        match answer {
            Ok(Some(one)) => {
                seen.measured.insert(id, one);
            }
            Ok(None) => {}
            Err(trouble) => seen.note(trouble),
        }
    }
    for answer in changed {
        match answer {
            Ok((changes, left_out)) => {
                seen.changes.extend(changes);
                seen.left_out += left_out;
            }
            Err(trouble) => seen.note(trouble),
        }
    }
    changes::date_versions(&mut seen.changes);
    seen
}

/// What was read, or why it was not, in one sentence.
pub(super) type Answer<T> = Result<T, String>;

async fn all_measured(
    asked: Asked<'_>,
    episodes: &[Episode],
    now: Timestamp,
) -> Vec<(EpisodeId, Answer<Option<Measured>>)> {
    let one = |episode: &Episode| {
        let (id, alert) = (episode.id, episode.alert.clone());
        async move { (id, measure(asked, &alert, now).await) }
    };
    join_all(first_of_each_name(episodes).into_iter().map(one)).await
}

/// Of many alerts of one name the first tells most of what all tell.
fn first_of_each_name(episodes: &[Episode]) -> Vec<&Episode> {
    let mut order: Vec<(usize, &Episode)> = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for episode in episodes {
        let count = counts.entry(episode.alert.name()).or_default();
        order.push((*count, episode));
        *count += 1;
    }
    order.sort_by_key(|(rank, _)| *rank);
    order.into_iter().map(|(_, episode)| episode).take(MAX_MEASURED).collect()
}

async fn measure(asked: Asked<'_>, alert: &Alert, now: Timestamp) -> Answer<Option<Measured>> {
    let Some(expr) = expression_of(asked, alert).await? else { return Ok(None) };
    let question = MeasuredQuestion::new(&expr, alert, now);
    let series = asked.range(&question.query, (question.start, question.end), question.step).await?;
    Ok(Some(question.read(&series)))
}

/// From the alert's link, or from the rule of its name where there is but one.
async fn expression_of(asked: Asked<'_>, alert: &Alert) -> Answer<Option<String>> {
    if let Some(expr) = expression::of_link(&alert.generator_url) {
        return Ok(Some(expr));
    }
    let Some(name) = alert.labels.get("alertname") else { return Ok(None) };
    let rules = answered(asked.client.alert_rules(name), asked.deadline).await?;
    let expr = match rules.as_slice() {
        [rule] => Some(rule.query.clone()),
        _ => None,
    };
    Ok(expr.filter(|expr| !expr.is_empty() && expr.len() <= expression::MAX_EXPR))
}

async fn all_changes(
    asked: Asked<'_>,
    config: &Config,
    episodes: &[Episode],
    now: Timestamp,
) -> Vec<Answer<(Vec<Change>, usize)>> {
    let questions = changes::questions(&config.changes);
    let windows = windows(episodes.iter().map(|episode| episode.alert.starts_at), now);
    let all = windows.iter().flat_map(|window| questions.iter().map(|question| (*window, question)));
    join_all(all.map(|(window, question)| changed(asked, question, window))).await
}

async fn changed(
    asked: Asked<'_>,
    ChangeQuestion { kind, expr, first }: &ChangeQuestion,
    window: (Timestamp, Timestamp),
) -> Answer<(Vec<Change>, usize)> {
    if let Some(first) = first
        && asked.instant(first, window.1).await?.is_empty()
    {
        return Ok((Vec::new(), 0));
    }
    let series = asked.instant(expr, window.1).await?;
    Ok(changes::read(*kind, &series, window))
}

/// Whom to ask, and until when.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub client: &'a Client,
    pub answers: &'a Answers,
    pub deadline: Instant,
}

impl Asked<'_> {
    /// The values of an expression at one time.
    pub async fn instant(&self, expr: &str, at: Timestamp) -> Answer<Arc<Vec<Series>>> {
        answered(self.answers.query(self.client, expr, at), self.deadline).await
    }

    /// The values of an expression over a range.
    pub async fn range(
        &self,
        expr: &str,
        range: (Timestamp, Timestamp),
        step: Duration,
    ) -> Answer<Arc<Vec<Series>>> {
        answered(self.answers.query_range(self.client, expr, range, step), self.deadline).await
    }
}

async fn answered<T, E: std::fmt::Display>(
    answer: impl Future<Output = Result<T, E>>,
    deadline: Instant,
) -> Answer<T> {
    match timeout_at(deadline, answer).await {
        Ok(answer) => answer.map_err(|error| format!("Prometheus could not be asked: {error}.")),
        Err(_) => Err(format!("Prometheus did not answer everything within {} seconds.", PATIENCE.as_secs())),
    }
}
