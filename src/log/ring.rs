//! The records that the daemon has logged last, in bounded memory.
//!
//! Warnings and errors have a share of their own: what is said every few seconds does not push out the failure
//! that one looks for.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::Level;
use crate::model::Timestamp;

/// Of up to `info`; with those of the following at most 2,000 records and 1 MiB.
const ORDINARY: Bounds = Bounds { records: 1500, bytes: 768 << 10 };
/// Of `warn` and above.
const TROUBLE: Bounds = Bounds { records: 500, bytes: 256 << 10 };

/// One record. Its texts are cut to a bound; they may quote untrusted text.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When it was logged.
    pub at: Timestamp,
    /// How severe it is.
    pub level: Level,
    /// The module that speaks, for example `smartcloudops::app::reload`.
    pub target: Cow<'static, str>,
    /// What it says.
    pub message: String,
    /// With what, in the order in which it was written.
    pub fields: Vec<(&'static str, String)>,
}

impl Record {
    /// Bytes that it takes.
    fn size(&self) -> usize {
        let fields = self.fields.iter().map(|(_, value)| size_of::<(&str, String)>() + value.capacity());
        size_of::<Self>() + self.target.len() + self.message.capacity() + fields.sum::<usize>()
    }
}

/// What is remembered.
#[derive(Clone, Debug, Default)]
pub struct Recall {
    /// Oldest first.
    pub records: Vec<Arc<Record>>,
    /// The newest of the records that are no longer remembered; `None`: all are.
    pub forgotten_until: Option<Timestamp>,
}

/// A handle on the records logged last. Cheap to clone; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Recent(Arc<Mutex<Ring>>);

impl Recent {
    /// Takes a record over.
    pub(super) fn keep(&self, record: Record) {
        let (size, record) = (record.size(), Arc::new(record));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(record, size);
    }

    /// Everything that is remembered; the records are shared, not copied.
    pub fn recall(&self) -> Recall {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recall()
    }
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    records: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Ring {
    /// Records so far: what orders those of both lanes.
    count: u64,
    ordinary: Lane,
    trouble: Lane,
}

impl Default for Ring {
    fn default() -> Self {
        Self { count: 0, ordinary: Lane::new(ORDINARY), trouble: Lane::new(TROUBLE) }
    }
}

impl Ring {
    fn keep(&mut self, record: Arc<Record>, size: usize) {
        self.count += 1;
        let lane = if record.level >= Level::Warn { &mut self.trouble } else { &mut self.ordinary };
        lane.keep(Entry { number: self.count, size, record });
    }

    fn recall(&self) -> Recall {
        let mut entries: Vec<&Entry> = self.ordinary.entries.iter().chain(&self.trouble.entries).collect();
        entries.sort_unstable_by_key(|entry| entry.number);
        Recall {
            records: entries.into_iter().map(|entry| entry.record.clone()).collect(),
            forgotten_until: self.ordinary.forgotten_until.max(self.trouble.forgotten_until),
        }
    }
}

#[derive(Debug)]
struct Entry {
    number: u64,
    size: usize,
    record: Arc<Record>,
}

#[derive(Debug)]
struct Lane {
    bounds: Bounds,
    entries: VecDeque<Entry>,
    bytes: usize,
    forgotten_until: Option<Timestamp>,
}

impl Lane {
    fn new(bounds: Bounds) -> Self {
        Self { bounds, entries: VecDeque::new(), bytes: 0, forgotten_until: None }
    }

    fn keep(&mut self, entry: Entry) {
        self.bytes += entry.size;
        self.entries.push_back(entry);
        while self.entries.len() > self.bounds.records || self.bytes > self.bounds.bytes {
            let Some(oldest) = self.entries.pop_front() else { return };
            self.bytes -= oldest.size;
            self.forgotten_until = self.forgotten_until.max(Some(oldest.record.at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(second: i64, level: Level, bytes: usize) -> Record {
        let at = Timestamp::from_millis(second * 1000);
        Record { at, level, target: "smartcloudops".into(), message: "x".repeat(bytes), fields: Vec::new() }
    }

    fn seconds(recall: &Recall) -> Vec<i64> {
        recall.records.iter().map(|record| record.at.as_millis() / 1000).collect()
    }

    #[test]
    fn the_newest_records_are_remembered_in_their_order() {
        let recent = Recent::default();
        assert!(recent.recall().records.is_empty() && recent.recall().forgotten_until.is_none());
        for (second, level) in [(1, Level::Info), (2, Level::Error), (3, Level::Debug), (3, Level::Warn)] {
            recent.keep(record(second, level, 10));
        }
        assert_eq!(seconds(&recent.recall()), [1, 2, 3, 3]);
        assert_eq!(recent.recall().forgotten_until, None);
        for second in 4..4 + ORDINARY.records as i64 {
            recent.keep(record(second, Level::Info, 10));
        }
        let recall = recent.recall();
        assert_eq!(seconds(&recall)[..3], [2, 3, 4], "the error and the warning outlive what is ordinary");
        assert_eq!(recall.records.len(), ORDINARY.records + 2);
        assert_eq!(recall.forgotten_until, Some(Timestamp::from_millis(3000)));
    }

    #[test]
    fn bytes_are_bounded_as_records_are() {
        for (level, bounds) in [(Level::Info, ORDINARY), (Level::Error, TROUBLE)] {
            let recent = Recent::default();
            for second in 0..3000 {
                recent.keep(record(second, level, 4096));
            }
            let kept = recent.recall().records.len();
            assert!(
                kept < bounds.records && (kept + 1) * (4096 + size_of::<Record>()) > bounds.bytes,
                "{kept}"
            );
            let ring = recent.0.lock().unwrap();
            assert!(ring.ordinary.bytes <= ORDINARY.bytes && ring.trouble.bytes <= TROUBLE.bytes);
        }
    }
}
