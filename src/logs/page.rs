//! The answer: the newest records that fit, oldest first. Pure.

use serde::Serialize;

use super::Record;
use crate::model::Timestamp;

/// Bytes of all records of an answer, as JSON.
pub const MAX_BYTES: usize = 256 << 10;

/// Some records.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// Oldest first, so that the newest are at the end, as in a log file; of one time in the order in which they were
    /// written.
    pub records: Vec<Record>,
    /// Whether older records may match that are not here: the limit, the bytes of an answer, or what is looked at for
    /// one answer ends before them.
    pub truncated: bool,
    /// Up to when records of the daemon's own log are no longer remembered; `None`: all since its start are.
    pub forgotten_until: Option<Timestamp>,
}

impl Page {
    /// The records as lines of text, and what is missing.
    pub fn render(&self) -> String {
        let mut text = String::new();
        if let Some(until) = self.forgotten_until {
            text.push_str(&format!("# Some records up to {until} are no longer remembered.\n"));
        }
        if self.truncated {
            text.push_str("# Older records may match and are left out: ask for an earlier end (until).\n");
        }
        if self.records.is_empty() {
            text.push_str("# No record matches.\n");
        }
        self.records.iter().for_each(|record| text.push_str(&format!("{record}\n")));
        text
    }
}

/// The newest records, as many as an answer holds.
#[derive(Debug)]
pub(super) struct Newest {
    records: Vec<Record>,
    limit: usize,
    bytes: usize,
    truncated: bool,
}

impl Newest {
    /// At most `limit` records, up to the first that does not fit.
    pub(super) fn of(newest_first: impl Iterator<Item = Record>, limit: usize) -> Self {
        let mut newest = Self { records: Vec::new(), limit, bytes: 0, truncated: false };
        for record in newest_first {
            if !newest.take(record) {
                break;
            }
        }
        newest
    }

    /// Takes the next older record. Whether it still fits.
    fn take(&mut self, record: Record) -> bool {
        // A record is text and times, which can always be written.
        let bytes = serde_json::to_vec(&record).map_or(0, |json| json.len() + 1);
        self.truncated = self.records.len() == self.limit || self.bytes + bytes > MAX_BYTES;
        if !self.truncated {
            self.bytes += bytes;
            self.records.push(record);
        }
        !self.truncated
    }

    /// The answer.
    pub(super) fn page(mut self, forgotten_until: Option<Timestamp>) -> Page {
        self.records.reverse();
        Page { records: self.records, truncated: self.truncated, forgotten_until }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::*;

    fn record(second: i64, message: &str) -> Record {
        let about = (Timestamp::from_millis(second * 1000), Source::Daemon, None);
        Record::new(about, ("a", message), [])
    }

    fn taken(limit: usize, count: i64, message: &str) -> Page {
        let newest_first = (0..count).rev().map(|second| record(second, message));
        Newest::of(newest_first, limit).page(None)
    }

    #[test]
    fn the_newest_are_kept_and_stand_at_the_end() {
        for (limit, count, first, truncated) in [(3, 2, 0, false), (3, 3, 0, false), (3, 4, 1, true)] {
            let page = taken(limit, count, "x");
            let seconds = page.records.iter().map(|record| record.time.as_millis() / 1000);
            assert_eq!(seconds.collect::<Vec<_>>(), (first..count).collect::<Vec<_>>());
            assert_eq!(page.truncated, truncated, "{count} of at most {limit}");
        }
    }

    #[test]
    fn an_answer_is_bounded_in_bytes() {
        for message in ["x", "\"", "\n"] {
            let page = taken(1000, 1000, &message.repeat(4000));
            let bytes = serde_json::to_vec(&page.records).unwrap().len();
            assert!(page.truncated && bytes <= MAX_BYTES + 2, "{bytes}");
            assert!(bytes > MAX_BYTES - 10_000, "{bytes}: no room is wasted");
        }
    }

    #[test]
    fn text_says_what_is_missing() {
        let page = Page { forgotten_until: Some(Timestamp::from_millis(0)), ..taken(1, 2, "hello") };
        let expected = "# Some records up to 1970-01-01T00:00:00Z are no longer remembered.\n\
             # Older records may match and are left out: ask for an earlier end (until).\n\
             1970-01-01T00:00:01Z -     a: hello\n";
        assert_eq!(page.render(), expected);
        assert_eq!(taken(1, 0, "").render(), "# No record matches.\n");
    }
}
