//! What is kept: closed months go to the archive, then old history goes from the journal.

use std::time::{Duration, Instant};

use super::now;
use crate::journal::archive::{Archive, ArchiveError, Config};
use crate::journal::{Journal, JournalError};
use crate::metrics::journal::JournalMetrics;
use crate::model::Timestamp;

const INTERVAL: Duration = Duration::from_secs(3600);
/// After a failure, for example while the journal waits for its leader.
const RETRY: Duration = Duration::from_secs(60);

/// The time by what has passed since the beginning: a clock that is set forward makes no history old.
struct Passed {
    since: Timestamp,
    steady: Instant,
}

impl Passed {
    fn now(&self) -> Timestamp {
        self.since + self.steady.elapsed()
    }
}

/// Runs until it is aborted. A replica that stands by leaves it to the one that leads.
pub(super) async fn keep(journal: Journal, archive: Option<Config>, metrics: JournalMetrics) {
    let passed = Passed { since: now(), steady: Instant::now() };
    loop {
        let done = match journal.status().leads {
            true => turn(&journal, archive.as_ref(), &metrics, &passed).await,
            false => false,
        };
        tokio::time::sleep(if done { INTERVAL } else { RETRY }).await;
    }
}

/// Whether all of it was done. What cannot be archived now is dropped all the same once it is too old: the disk
/// of the journal must not fill up.
async fn turn(
    journal: &Journal,
    archive: Option<&Config>,
    metrics: &JournalMetrics,
    passed: &Passed,
) -> bool {
    let archived = match archive {
        Some(config) => report(bring_up_to_date(journal, config).await, metrics),
        None => true,
    };
    archived & dropped(journal.prune(passed.now()).await)
}

async fn bring_up_to_date(journal: &Journal, config: &Config) -> Result<Vec<String>, ArchiveError> {
    Archive::open(config)?.catch_up(journal, now()).await
}

fn report(result: Result<Vec<String>, ArchiveError>, metrics: &JournalMetrics) -> bool {
    match &result {
        Ok(written) => {
            metrics.archived(written.len());
            written.iter().for_each(|object| tracing::info!(object, "a month of the journal is archived"));
        }
        Err(error) => {
            metrics.archive_failed();
            tracing::error!(%error, "the journal's archive is not up to date, trying again");
        }
    }
    result.is_ok()
}

fn dropped(result: Result<u64, JournalError>) -> bool {
    if let Err(error) = &result {
        tracing::warn!(%error, "cannot drop old history from the journal");
    }
    result.is_ok()
}
