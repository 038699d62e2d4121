//! What Prometheus scrapes.

use super::arguments::Targets;
use super::{Finding, LookupError, Lookups};
use crate::prometheus::ScrapeTarget;

impl Lookups {
    pub(super) async fn targets(&self, asked: &Targets) -> Result<Finding, LookupError> {
        let targets = self.ask(|client| async move { client.targets().await }).await?;
        Ok(found(targets, asked))
    }
}

fn found(mut targets: Vec<ScrapeTarget>, asked: &Targets) -> Finding {
    targets.retain(|target| asked.job.is_none() || target.labels.get("job") == asked.job.as_deref());
    let down = targets.iter().filter(|target| !target.is_up()).count();
    let title = format!("Prometheus scrapes {} targets, {down} of them without success.", targets.len());
    targets.retain(|target| !asked.down_only || !target.is_up());
    targets.sort_by_cached_key(|target| (target.is_up(), target.labels.to_string()));
    let more = targets.len().saturating_sub(asked.limit.0);
    Finding::new(&title, targets.iter().take(asked.limit.0).map(line)).and_more(more)
}

fn line(target: &ScrapeTarget) -> String {
    let scraped = target.scraped.map(|at| format!(", last scraped at {at}")).unwrap_or_default();
    let error = if target.error.is_empty() { String::new() } else { format!(": {}", target.error) };
    format!("{} is {}{scraped}{error}", target.labels, target.health)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(job: &str, instance: &str, health: &str) -> ScrapeTarget {
        let labels = [("job", job), ("instance", instance)].into_iter().collect();
        let error = if health == "up" { "" } else { "connection refused" };
        ScrapeTarget { labels, health: health.to_owned(), error: error.to_owned(), scraped: None }
    }

    #[test]
    fn targets_that_are_down_come_first() {
        let all = || vec![target("node", "a", "up"), target("node", "b", "down"), target("app", "c", "up")];
        for (asked, lines) in [
            (Targets::default(), &["{instance=\"b\"", "{instance=\"a\"", "{instance=\"c\""][..]),
            (
                Targets { down_only: true, ..Targets::default() },
                &["{instance=\"b\",job=\"node\"} is down: connection refused"],
            ),
            (
                Targets { job: Some("app".to_owned()), ..Targets::default() },
                &["{instance=\"c\",job=\"app\"} is up"],
            ),
        ] {
            let found = found(all(), &asked);
            let mut told = found.lines.clone();
            told.sort();
            let mut expected = lines.to_vec();
            expected.sort_unstable();
            assert_eq!(told.len(), expected.len(), "{asked:?}");
            for (line, start) in told.iter().zip(expected) {
                assert!(line.starts_with(start), "{line}, not {start}");
            }
        }
        assert_eq!(
            found(all(), &Targets::default()).title,
            "Prometheus scrapes 3 targets, 1 of them without success."
        );
        assert!(found(all(), &Targets::default()).lines[0].contains("\"b\""));
    }
}
