//! Loki's lines as records.

use std::time::Duration;

use super::page::{Newest, Page};
use super::{Filter, LogsError, Record, Source};
use crate::loki::{Client, Line, MAX_RANGE, Question};
use crate::model::Timestamp;

/// The range where no beginning is asked for.
const USUAL_RANGE: Duration = Duration::from_secs(3600);

/// The newest lines that Loki finds.
pub(super) async fn read(client: &Client, filter: &Filter, now: Timestamp) -> Result<Page, LogsError> {
    let (since, until) = range(filter, now)?;
    let question = Question {
        service: filter.service.as_deref(),
        contains: filter.contains.as_deref(),
        level: filter.level,
        since,
        until,
        // One more shows that there are more.
        limit: filter.limit + 1,
    };
    let lines = client.lines(&question).await?;
    let newest_first = lines.iter().rev().map(|line| record(client, line));
    Ok(Newest::of(newest_first, filter.limit).page(None))
}

fn range(filter: &Filter, now: Timestamp) -> Result<(Timestamp, Timestamp), LogsError> {
    let until = filter.until.unwrap_or(now);
    let since = filter.since.unwrap_or(until - USUAL_RANGE).min(until);
    if until.since(since) > MAX_RANGE { Err(LogsError::TooLong) } else { Ok((since, until)) }
}

fn record(client: &Client, line: &Line) -> Record {
    let fields = line.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let about = (line.at, Source::Loki, client.level(line));
    Record::new(about, (client.service(line), &line.text), fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_an_end_a_beginning_and_a_bound() {
        let now = Timestamp::from_millis(10_000_000_000);
        let ago = |seconds| Some(now - Duration::from_secs(seconds));
        for (claim, since, until, expected) in [
            ("the last hour", None, None, Some((3600, 0))),
            ("an hour before the end", None, ago(7200), Some((10_800, 7200))),
            ("until now", ago(60), None, Some((60, 0))),
            ("a whole day", ago(86_400), None, Some((86_400, 0))),
            ("more than a day", ago(86_401), None, None),
            ("a day long ago", ago(900_000), ago(890_000), Some((900_000, 890_000))),
        ] {
            let filter = Filter { since, until, ..Filter::default() };
            let seconds = range(&filter, now)
                .ok()
                .map(|(since, until)| (now.since(since).as_secs(), now.since(until).as_secs()));
            assert_eq!(seconds, expected, "{claim}");
        }
        let later = Filter { since: Some(now + Duration::from_secs(60)), ..Filter::default() };
        assert_eq!(range(&later, now).unwrap(), (now, now), "what is to come is empty");
    }
}
