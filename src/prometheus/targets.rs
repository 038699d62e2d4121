//! The targets that a Prometheus scrapes.

use serde::Deserialize;

use crate::model::{Labels, Timestamp};

/// One target. Its address may hold a secret in its query, so it is known by its labels alone.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrapeTarget {
    /// After relabelling: `instance`, `job` and what else its series get.
    pub labels: Labels,
    /// `up`, `down` or `unknown`.
    pub health: String,
    /// Why the last scrape failed, as the server says; empty: it did not.
    pub error: String,
    /// When it was scraped last; `None`: never.
    pub scraped: Option<Timestamp>,
}

impl ScrapeTarget {
    /// Whether its last scrape succeeded.
    pub fn is_up(&self) -> bool {
        self.health == "up"
    }
}

/// The answer's `data`; a server that scrapes nothing may leave them out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    #[serde(default)]
    active_targets: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    health: String,
    #[serde(default)]
    last_error: String,
    #[serde(default)]
    last_scrape: String,
}

impl Found {
    pub(super) fn checked(self) -> Vec<ScrapeTarget> {
        self.active_targets.into_iter().map(Raw::checked).collect()
    }
}

impl Raw {
    fn checked(self) -> ScrapeTarget {
        // A target that was never scraped has the year 1.
        let scraped = self.last_scrape.parse().ok().filter(|at: &Timestamp| at.as_millis() > 0);
        let address = |text: &str| without_addresses(text);
        ScrapeTarget { labels: self.labels, health: self.health, error: address(&self.last_error), scraped }
    }
}

/// An error of a scrape quotes the address that was asked, query and all: what comes after its path is left out.
fn without_addresses(error: &str) -> String {
    let word = |word: &str| match word.split_once('?') {
        Some((before, query)) if before.contains("://") => {
            let end = if query.ends_with("\":") { "\":" } else { "" };
            format!("{before}?…{end}")
        }
        _ => word.to_owned(),
    };
    error.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_of_targets_is_read() {
        let body = r#"{"activeTargets":[
            {"labels":{"job":"node","instance":"a:9100"},"scrapeUrl":"http://a:9100/metrics?token=x","health":"up","lastError":"","lastScrape":"2026-01-01T00:00:10Z"},
            {"labels":{"job":"node","instance":"b:9100"},"health":"down","lastError":"Get \"http://b:9100/m?token=x\": connection refused","lastScrape":"0001-01-01T00:00:00Z"}],
            "droppedTargets":[]}"#;
        let found = serde_json::from_str::<Found>(body).unwrap().checked();
        assert!(found[0].is_up() && found[0].scraped.is_some());
        assert_eq!(found[1].error, "Get \"http://b:9100/m?…\": connection refused");
        assert_eq!((found[1].is_up(), found[1].scraped), (false, None));
        assert!(serde_json::from_str::<Found>("{}").unwrap().checked().is_empty());
    }
}
