//! Holds that somebody asked for: bounded in number and time, durable before they are confirmed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use crate::model::{Labels, Matcher, Timestamp, matches_all};
use crate::snapshots::{self, SnapshotError};

/// Holds kept at once, those that are over included.
const MOST: usize = 200;
/// The longest hold.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);
/// The longest reason, in bytes.
const LONGEST_REASON: usize = 500;
/// A hold that is over is kept for so long, so that ticks caught up late are held as they should have been.
const KEPT: Duration = Duration::from_secs(86_400);
/// No query's state has this name: a query's name holds no hyphen.
const FILE: &str = "requested-holds.state";

/// One hold that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// Its number; never given twice.
    pub id: u64,
    /// The query it is for; `None`: all.
    pub query: Option<String>,
    /// Which series; none: all.
    #[serde(rename = "match", serialize_with = "as_texts")]
    pub matchers: Vec<Matcher>,
    /// Since when.
    pub from: Timestamp,
    /// Until when; the end of the last of its samples.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub by: String,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// As in [`Request`].
    pub query: Option<String>,
    /// As in [`Request`].
    pub matchers: Vec<Matcher>,
    /// Until when.
    pub until: Timestamp,
    /// As in [`Request`].
    pub reason: String,
    /// As in [`Request`].
    pub by: String,
}

/// Why a hold is not begun or released.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// Ask for something else.
    #[error("{0}")]
    Refused(String),
    /// There is no such hold, or it is over.
    #[error("there is no hold {0} under way; GET /status lists them")]
    Unknown(u64),
    /// Release one first.
    #[error("{MOST} holds are known already; release some, those that are over leave after a day")]
    Full,
    /// Nothing has changed; try again later.
    #[error("the hold cannot be written down: {0}")]
    NotStored(#[from] SnapshotError),
}

/// The holds asked for. Cheap to clone: clones share them.
#[derive(Clone, Debug)]
pub struct Requests {
    inner: Arc<Mutex<Inner>>,
    file: Arc<PathBuf>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    held: Vec<Request>,
    /// The names of the configured queries.
    queries: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    next: u64,
    held: Vec<StoredRequest>,
}

#[derive(Serialize, Deserialize)]
struct StoredRequest {
    id: u64,
    query: Option<String>,
    matchers: Vec<String>,
    from: i64,
    until: i64,
    reason: String,
    by: String,
}

impl Request {
    /// Whether the series is one of those it holds back.
    pub fn is_for(&self, labels: &Labels) -> bool {
        matches_all(&self.matchers, labels)
    }

    /// Whether a sample is held back.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

impl Requests {
    /// Reads what was asked for before. What cannot be read is set aside and said so: learning goes on.
    pub fn open(folder: &Path, now: Timestamp) -> Self {
        let file = folder.join(FILE);
        if let Err(error) = std::fs::create_dir_all(folder) {
            tracing::error!(%error, folder = %folder.display(), "cannot create the folder of the state");
        }
        let stored = snapshots::load::<Stored>(&file).unwrap_or_else(|error| {
            let aside = snapshots::set_aside(&file, now);
            tracing::error!(%error, set_aside = ?aside, "the holds that were asked for are lost");
            None
        });
        let inner = stored.map_or_else(Inner::default, Inner::from);
        Self { inner: Arc::new(Mutex::new(inner)), file: Arc::new(file) }
    }

    /// None, for loops that nobody can ask for any.
    pub fn none() -> Self {
        Self { inner: Arc::default(), file: Arc::default() }
    }

    /// The queries that may be named from now on.
    pub fn set_queries(&self, names: Vec<String>) {
        self.inner().queries = names;
    }

    /// Begins a hold. It is on disk when this returns; blocks for that long.
    pub fn begin(&self, wish: Wish, now: Timestamp) -> Result<Request, HoldError> {
        let mut inner = self.inner();
        inner.check(&wish, now)?;
        inner.held.retain(|held| held.until + KEPT > now);
        if inner.held.len() >= MOST {
            return Err(HoldError::Full);
        }
        let Wish { query, matchers, until, reason, by } = wish;
        let request = Request { id: inner.next, query, matchers, from: now, until, reason, by };
        inner.held.push(request.clone());
        inner.next += 1;
        if let Err(error) = snapshots::save(&self.file, &inner.stored()) {
            inner.held.pop();
            return Err(error.into());
        }
        Ok(request)
    }

    /// Ends a hold now. That is on disk when this returns; blocks for that long.
    pub fn release(&self, id: u64, now: Timestamp) -> Result<Request, HoldError> {
        let mut inner = self.inner();
        let place = inner.held.iter().position(|held| held.id == id && held.until > now);
        let place = place.ok_or(HoldError::Unknown(id))?;
        let before = std::mem::replace(&mut inner.held[place].until, now);
        if let Err(error) = snapshots::save(&self.file, &inner.stored()) {
            inner.held[place].until = before;
            return Err(error.into());
        }
        Ok(inner.held[place].clone())
    }

    /// Those under way, the oldest first.
    pub fn under_way(&self, now: Timestamp) -> Vec<Request> {
        self.inner().held.iter().filter(|held| held.covers(now)).cloned().collect()
    }

    /// Those for a query, those that are over included.
    pub fn of_query(&self, name: &str) -> Vec<Request> {
        let concerns = |held: &&Request| held.query.as_deref().is_none_or(|query| query == name);
        self.inner().held.iter().filter(concerns).cloned().collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn check(&self, wish: &Wish, now: Timestamp) -> Result<(), HoldError> {
        let refuse = |text: String| Err(HoldError::Refused(text));
        if wish.until <= now || wish.until.since(now) > LONGEST {
            return refuse("the hold must end in the future, 30d from now at the latest".to_owned());
        }
        if wish.reason.trim().is_empty() || wish.reason.len() > LONGEST_REASON {
            return refuse(format!("the reason must have 1 to {LONGEST_REASON} bytes"));
        }
        match &wish.query {
            Some(name) if !self.queries.contains(name) => {
                refuse(format!("no query is called '{name}'; the label query of the scores names them"))
            }
            _ => Ok(()),
        }
    }

    fn stored(&self) -> Stored {
        let stored = |held: &Request| StoredRequest {
            id: held.id,
            query: held.query.clone(),
            matchers: held.matchers.iter().map(ToString::to_string).collect(),
            from: held.from.as_millis(),
            until: held.until.as_millis(),
            reason: held.reason.clone(),
            by: held.by.clone(),
        };
        Stored { next: self.next, held: self.held.iter().map(stored).collect() }
    }
}

impl From<Stored> for Inner {
    fn from(stored: Stored) -> Self {
        // A matcher that this version cannot read would hold back the wrong series: the hold is dropped.
        let held = stored.held.into_iter().filter_map(|held| {
            let matchers = held.matchers.iter().map(|text| text.parse()).collect::<Result<_, _>>().ok()?;
            let (from, until) = (Timestamp::from_millis(held.from), Timestamp::from_millis(held.until));
            let (id, query, reason, by) = (held.id, held.query, held.reason, held.by);
            Some(Request { id, query, matchers, from, until, reason, by })
        });
        Self { next: stored.next, held: held.collect(), queries: Vec::new() }
    }
}

fn as_texts<S: Serializer>(matchers: &[Matcher], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(matchers.iter().map(ToString::to_string))
}

#[cfg(test)]
mod tests;
