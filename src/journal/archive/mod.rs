//! Closed months of the journal in a folder or in S3, for when retention has dropped them.
//!
//! A month is one object, `2026-10.jsonl.gz`: a line of JSON for each link of the chain whose fact happened in
//! it, with the fact's columns as they were linked; the first line tells their order, so that the hashes can be
//! computed again from the lines alone. An object that is there is never written again.

mod error;
mod line;
mod month;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use object_store::{ObjectStoreExt, WriteMultipart};

use super::sql::columns;
use super::{Journal, JournalError};
use crate::model::Timestamp;
use crate::object_storage::{Access, Location, Place};
use month::Month;

pub use error::ArchiveError;

/// Parts of an object that are on their way at once; each is of 8 MiB.
const PARTS: usize = 4;
const PART: usize = 8 << 20;

/// Where closed months go.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The folder or bucket.
    pub to: Location,
    /// How S3 is reached.
    pub access: Access,
}

/// An open archive.
pub struct Archive(Place);

impl Archive {
    /// Opens the place; nothing is asked of S3 yet.
    pub fn open(config: &Config) -> Result<Self, ArchiveError> {
        Ok(Self(Place::open(&config.to, &config.access)?))
    }

    /// Writes the closed months that are in the journal and not here, oldest first; gives back their objects'
    /// names. A month is closed a day after its end: what happened in it is written by then.
    pub async fn catch_up(&self, journal: &Journal, now: Timestamp) -> Result<Vec<String>, ArchiveError> {
        let mut written = Vec::new();
        let Some(first) = journal.first_fact().await? else {
            return Ok(written);
        };
        for month in Month::closed(first, now) {
            if !self.has(&month).await? {
                self.write(journal, &month).await?;
                written.push(self.0.name(&month.object()));
            }
        }
        Ok(written)
    }

    async fn has(&self, month: &Month) -> Result<bool, ArchiveError> {
        match self.0.store().head(&self.0.path(&month.object())).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(self.failed(month, "looked for", source)),
        }
    }

    /// The object appears once it is whole.
    async fn write(&self, journal: &Journal, month: &Month) -> Result<(), ArchiveError> {
        let failed = |source| self.failed(month, "written", source);
        let upload = self.0.store().put_multipart(&self.0.path(&month.object())).await.map_err(failed)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        match self.fill(journal, month, &mut upload).await {
            Ok(()) => upload.finish().await.map(drop).map_err(failed),
            Err(error) => {
                // The first error is the one to tell.
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    async fn fill(
        &self,
        journal: &Journal,
        month: &Month,
        upload: &mut WriteMultipart,
    ) -> Result<(), ArchiveError> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        // A vector takes everything.
        let _ = packed.write_all(line::header(&columns()).as_bytes());
        let mut last = 0;
        loop {
            let facts = journal.facts_between(last, month.begin(), month.end()).await?;
            let Some(newest) = facts.last() else { break };
            last = newest.link.seq;
            for fact in &facts {
                let _ = packed.write_all(line::of(fact).as_bytes());
            }
            upload.write(&std::mem::take(packed.get_mut()));
            upload.wait_for_capacity(PARTS).await.map_err(|source| self.failed(month, "written", source))?;
        }
        upload.write(&packed.finish().unwrap_or_default());
        Ok(())
    }

    fn failed(&self, month: &Month, doing: &'static str, source: object_store::Error) -> ArchiveError {
        ArchiveError::Access { object: self.0.name(&month.object()), doing, source }
    }
}

impl Journal {
    async fn first_fact(&self) -> Result<Option<Timestamp>, JournalError> {
        Ok(self.reads.first_fact().await?)
    }

    async fn facts_between(
        &self,
        after: i64,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<super::backend::LinkedFact>, JournalError> {
        Ok(self.reads.linked_facts(after, from, to).await?)
    }
}
