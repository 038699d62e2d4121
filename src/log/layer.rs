//! Takes every event that is logged into the memory of recent records. Events that the filter drops do not get here.
//!
//! A record is made before the lock is taken, and nothing is written to anybody under it.

use std::borrow::Cow;
use std::fmt::{self, Debug, Write};
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::text::Bounded;
use super::{Recent, Record};

/// Longest message, in bytes.
const MAX_MESSAGE: usize = 2048;
/// Longest value of a field, in bytes.
const MAX_VALUE: usize = 1024;
/// Fields of one record; what is beyond them is left out.
const MAX_FIELDS: usize = 24;
/// The field in which libraries that log by the crate `log` have their module; the others of this kind say where it
/// stands in their source.
const FOREIGN_TARGET: &str = "log.target";
const FOREIGN: &str = "log.";

/// The layer that remembers.
pub(super) struct Memory(Recent);

impl Memory {
    /// Remembers in `recent`.
    pub(super) fn new(recent: Recent) -> Self {
        Self(recent)
    }
}

impl<S: Subscriber> Layer<S> for Memory {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let metadata = event.metadata();
        self.0.keep(Record {
            at: SystemTime::now().into(),
            level: (*metadata.level()).into(),
            target: said.target.map_or(Cow::Borrowed(metadata.target()), Cow::Owned),
            message: said.message,
            fields: said.fields,
        });
    }
}

/// What one event says.
#[derive(Default)]
struct Said {
    target: Option<String>,
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Said {
    fn note(&mut self, name: &'static str, write: impl FnOnce(&mut Bounded) -> fmt::Result) {
        let is_message = name == "message";
        if !is_message && self.fields.len() == MAX_FIELDS {
            return;
        }
        let mut text = Bounded::new(if is_message { MAX_MESSAGE } else { MAX_VALUE });
        // An error means that it is longer than the bound.
        let _ = write(&mut text);
        match name {
            "message" => self.message = text.finish(),
            FOREIGN_TARGET => self.target = Some(text.finish()),
            name if name.starts_with(FOREIGN) => {}
            name => self.fields.push((name, text.finish())),
        }
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field.name(), |text| text.write_str(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.note(field.name(), |text| write!(text, "{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::super::Level;
    use super::*;

    /// What is remembered of what `speak` logs.
    fn remembered(speak: impl FnOnce()) -> Vec<Record> {
        let recent = Recent::default();
        let subscriber = tracing_subscriber::registry().with(Memory::new(recent.clone()));
        tracing::subscriber::with_default(subscriber, speak);
        recent.recall().records.iter().map(|record| (**record).clone()).collect()
    }

    #[test]
    fn a_record_has_the_message_and_the_fields_as_they_are_written() {
        let error = std::io::Error::other("disk on fire");
        let records = remembered(|| {
            tracing::warn!(query = "cpu", %error, ticks = 3, ok = false, ratio = 0.5, "cannot {}", "go on");
            tracing::info!(nothing = None::<u64>, "ready");
        });
        let said: Vec<(&str, &str)> =
            records[0].fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let expected =
            [("query", "cpu"), ("error", "disk on fire"), ("ticks", "3"), ("ok", "false"), ("ratio", "0.5")];
        assert_eq!(said, expected);
        assert_eq!((records[0].level, records[0].message.as_str()), (Level::Warn, "cannot go on"));
        assert_eq!(records[0].target, module_path!());
        assert_eq!((records[1].level, records[1].fields.len()), (Level::Info, 0));
        assert!(records[0].at <= records[1].at);
    }

    #[test]
    fn what_is_longer_than_a_bound_is_cut() {
        let long = "y".repeat(5000);
        let records = remembered(|| tracing::info!(value = long, list = ?vec![1; 5000], "{long}"));
        let Record { message, fields, .. } = &records[0];
        assert_eq!(message.len(), MAX_MESSAGE + '…'.len_utf8());
        assert!(fields.iter().all(|(_, value)| value.len() == MAX_VALUE + '…'.len_utf8()), "{fields:?}");
        assert!(fields[1].1.starts_with("[1, 1, ") && fields[1].1.ends_with('…'));
    }

    #[test]
    fn what_libraries_log_has_their_own_module() {
        let records = remembered(|| {
            tracing::warn!(target: "log", { log.target = "sqlx::query", log.file = "query.rs", rows = 1 }, "slow");
        });
        assert_eq!(records[0].target, "sqlx::query");
        assert_eq!(records[0].fields, [("rows", "1".to_owned())]);
    }
}
