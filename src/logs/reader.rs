//! Reads whichever source is asked for.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::page::{Newest, Page};
use super::{Filter, LogsError, Record, Source, own, remote, runs};
use crate::journal::{Journal, JournalError, RunFilter};
use crate::log::Recent;
use crate::model::{RunId, Timestamp};
use crate::upstreams::Upstreams;

/// Runs read at once: each may hold 64 KiB of output for each step.
const RUNS_AT_ONCE: u32 = 50;
/// How often that is done for one answer: a thousand runs.
const PAGES: usize = 20;
/// How long before `since` a run may have begun that still speaks after it.
const LONGEST_RUN: Duration = Duration::from_secs(24 * 3600);

/// Reads logs, whoever asks. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    recent: Recent,
    journal: Journal,
    upstreams: Arc<ArcSwap<Upstreams>>,
}

impl Reader {
    /// A reader of what the daemon logged last, of its journal, and of the Loki among its upstreams.
    pub fn new(recent: Recent, journal: Journal, upstreams: Arc<ArcSwap<Upstreams>>) -> Self {
        Self { recent, journal, upstreams }
    }

    /// The newest records that the filter admits, oldest first. At most 256 KiB; Loki is waited for as long as its
    /// time-out says.
    ///
    /// # Errors
    /// The source is not configured, gives no answer, or is asked for too long a range.
    pub async fn read(&self, filter: &Filter, now: Timestamp) -> Result<Page, LogsError> {
        match filter.source {
            Source::Daemon => Ok(own::read(&self.recent.recall(), filter)),
            Source::Remediation => Ok(self.remediation(filter).await?),
            Source::Loki => {
                let upstreams = self.upstreams.load_full();
                let client = upstreams.loki.as_ref().ok_or(LogsError::NoLoki)?;
                remote::read(client, filter, now).await
            }
        }
    }

    /// The journal is read from its end, a few runs at a time; of what they say only the newest is kept.
    async fn remediation(&self, filter: &Filter) -> Result<Page, JournalError> {
        let mut told = Told::new(filter);
        let mut before = None;
        for _ in 0..PAGES {
            let since = filter.since.map(|since| since - LONGEST_RUN);
            let page = RunFilter { since, until: filter.until, before, ..RunFilter::latest(RUNS_AT_ONCE) };
            let found = self.journal.runs(page).await?;
            before = found.last().map(|run| run.id);
            let is_last = found.len() < RUNS_AT_ONCE as usize;
            told.add(&found);
            if is_last {
                return Ok(told.page(true));
            }
        }
        Ok(told.page(false))
    }
}

/// The newest records of runs. Runs overlap, so that the newest run does not say the newest.
struct Told<'a> {
    filter: &'a Filter,
    /// With what orders them: the time, the run, the place within it.
    records: Vec<((Timestamp, RunId, usize), Record)>,
}

impl<'a> Told<'a> {
    fn new(filter: &'a Filter) -> Self {
        Self { filter, records: Vec::new() }
    }

    fn add(&mut self, found: &[crate::model::Run]) {
        let filter = self.filter;
        let wanted =
            |run: &&crate::model::Run| filter.service.as_ref().is_none_or(|asked| runs::is_of(run, asked));
        for run in found.iter().filter(wanted) {
            let records = runs::records(run).into_iter().enumerate();
            let admitted = records.filter(|(_, record)| filter.admits(record));
            self.records.extend(admitted.map(|(place, record)| ((record.time, run.id, place), record)));
        }
        self.records.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
        // One more shows that there are more.
        self.records.truncate(filter.limit + 1);
    }

    /// `is_complete`: every run was looked at.
    fn page(self, is_complete: bool) -> Page {
        let newest_first = self.records.into_iter().map(|(_, record)| record);
        let page = Newest::of(newest_first, self.filter.limit).page(None);
        Page { truncated: page.truncated || !is_complete, ..page }
    }
}
