//! What is asked of a range of past ticks, by a loop that catches up and by a backtest alike.

use super::dark;
use super::targets::COUNT_UP;
use super::ticks::{Span, Ticks};
use crate::model::{Series, Timestamp};
use crate::prometheus::{Answer, Client, QueryError};

/// The answers of one request after the other, in each one for every expression.
pub async fn rounds(
    client: &Client,
    exprs: &[String],
    ticks: &Ticks,
    span: Span,
) -> Result<Vec<Vec<Answer>>, QueryError> {
    let mut rounds: Vec<Vec<Answer>> = Vec::new();
    for expr in exprs {
        let answers = client.ask_range(expr, span.first, span.last, ticks.interval()).await?;
        for (round, answer) in answers.into_iter().enumerate() {
            rounds.resize_with(rounds.len().max(round + 1), Vec::new);
            rounds[round].push(answer);
        }
    }
    Ok(rounds)
}

/// The ticks at which Prometheus had no data: no series of these answers, and no target either.
pub async fn dark_ticks(
    client: &Client,
    ticks: &Ticks,
    span: Span,
    rounds: &[Vec<Answer>],
) -> Result<Vec<Timestamp>, QueryError> {
    let mut holes = dark::holes(ticks, span, rounds.iter().flatten());
    let (Some(&first), Some(&last)) = (holes.first(), holes.last()) else { return Ok(holes) };
    let found = client.query_range(COUNT_UP, first, last, ticks.interval()).await?;
    let has =
        |series: &Series, tick: &Timestamp| series.samples.binary_search_by_key(tick, |one| one.at).is_ok();
    holes.retain(|tick| !found.iter().any(|series| has(series, tick)));
    Ok(holes)
}
