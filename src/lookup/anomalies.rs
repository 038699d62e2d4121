//! Series outside of their band.

use super::arguments::Anomalies;
use super::{Finding, Lookups};
use crate::model::{ScoredSeries, Timestamp, format_number as number, matches_all};

impl Lookups {
    pub(super) fn anomalies(&self, asked: &Anomalies, now: Timestamp) -> Finding {
        let snapshot = self.sources.exporter.snapshot();
        let all: Vec<&ScoredSeries> = snapshot.series().collect();
        found(&all, asked, now)
    }
}

fn found(all: &[&ScoredSeries], asked: &Anomalies, now: Timestamp) -> Finding {
    let least = asked.min_score.unwrap_or(1.0);
    let about = |scored: &&&ScoredSeries| {
        asked.query.as_deref().is_none_or(|name| name == &*scored.query)
            && matches_all(&asked.matchers.0, &scored.labels)
    };
    let asked_for: Vec<&ScoredSeries> = all.iter().filter(about).copied().collect();
    let mut found: Vec<&ScoredSeries> =
        asked_for.iter().filter(|scored| scored.score.score >= least).copied().collect();
    found.sort_by(|a, b| {
        let order = b.score.score.total_cmp(&a.score.score);
        order.then_with(|| (&a.query, a.labels.to_string()).cmp(&(&b.query, b.labels.to_string())))
    });
    let title = format!(
        "{} of {} watched series have a score of {} or more at {now}.",
        found.len(),
        asked_for.len(),
        number(least)
    );
    let more = found.len().saturating_sub(asked.limit.0);
    Finding::new(&title, found.iter().take(asked.limit.0).map(|scored| line(scored))).and_more(more)
}

fn line(scored: &ScoredSeries) -> String {
    let score = &scored.score;
    let since = scored.since.map(|since| format!(", anomalous since {since}")).unwrap_or_default();
    let what = match scored.absent_since {
        Some(absent) => format!("missing since {absent}"),
        None => format!(
            "value {} at {}, expected {}, band {} to {}",
            number(score.value),
            score.at,
            number(score.expected),
            number(score.lower),
            number(score.upper)
        ),
    };
    format!("{}{} has score {}: {what}{since}", scored.query, scored.labels, number(score.score))
}

#[cfg(test)]
mod tests {
    use super::super::tests::scored;
    use super::*;

    #[test]
    fn anomalies_are_those_asked_for_the_highest_first() {
        let now = Timestamp::from_millis(60_000);
        let all = [scored("cpu", "a", 2.0), scored("cpu", "b", 3.0), scored("disk", "a", 0.4)];
        let all: Vec<&ScoredSeries> = all.iter().collect();
        for (asked, title, first) in [
            (
                Anomalies::default(),
                "2 of 3 watched series have a score of 1 or more at ",
                "cpu{instance=\"b\"} has score 3",
            ),
            (
                Anomalies { query: Some("disk".to_owned()), min_score: Some(0.0), ..Anomalies::default() },
                "1 of 1 watched series have a score of 0 or more",
                "disk{instance=\"a\"} has score 0.4: value 7 at 1970-01-01T00:00:00Z, expected 5, band 4 to 6",
            ),
        ] {
            let found = found(&all, &asked, now);
            assert!(found.title.starts_with(title) && found.lines[0].starts_with(first), "{found:?}");
        }
        let limited = Anomalies { limit: 1.try_into().unwrap(), ..Anomalies::default() };
        assert_eq!(found(&all, &limited, now).left_out, 1);
    }
}
