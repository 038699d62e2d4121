//! One record, whoever has it, and its line of text. Pure.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::text::{MAX_MESSAGE, MAX_VALUE, clean, on_one_line};
use crate::log::Level;
use crate::model::Timestamp;

/// Fields of one record; what is beyond them is left out.
const MAX_FIELDS: usize = 32;

/// Who has a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The daemon's own log, as far as it is remembered.
    #[default]
    Daemon,
    /// What actions printed and answered, what came of them and of their runs: the journal.
    Remediation,
    /// Loki.
    Loki,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Daemon, Self::Remediation, Self::Loki];

    /// The name in JSON and in parameters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daemon => "daemon",
            Self::Remediation => "remediation",
            Self::Loki => "loki",
        }
    }
}

/// One record. Its texts are bounded, and without control characters other than newline and tab.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// When it was written.
    pub time: Timestamp,
    /// Who has it.
    pub source: Source,
    /// How severe it is; `None` where the source does not say.
    pub level: Option<Level>,
    /// Who speaks: a module of the daemon, a policy, a service.
    pub service: String,
    /// What it says: untrusted text.
    pub message: String,
    /// What else is known, by name: untrusted text.
    pub fields: BTreeMap<String, String>,
}

impl Record {
    /// A record of these texts, cleaned and cut to their bounds.
    pub(super) fn new<'a>(
        (time, source, level): (Timestamp, Source, Option<Level>),
        (service, message): (&str, &str),
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let fields = fields.into_iter().take(MAX_FIELDS);
        Self {
            time,
            source,
            level,
            service: clean(service, MAX_VALUE),
            message: clean(message, MAX_MESSAGE),
            fields: fields.map(|(name, value)| (clean(name, MAX_VALUE), clean(value, MAX_VALUE))).collect(),
        }
    }
}

impl fmt::Display for Record {
    /// One line for a terminal: time, level, service, message, fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self.level.map_or("-", Level::as_str).to_ascii_uppercase();
        write!(f, "{} {level:5} {}", self.time, on_one_line(&self.service))?;
        write!(f, ": {}", on_one_line(&self.message))?;
        for (name, value) in &self.fields {
            write!(f, " {}={}", on_one_line(name), value_on_one_line(value))?;
        }
        Ok(())
    }
}

/// A value in quotes where its end could not be told otherwise.
fn value_on_one_line(value: &str) -> String {
    let value = on_one_line(value);
    if !value.is_empty() && !value.contains([' ', '"', '=']) {
        return value;
    }
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', r#"\""#))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_whatever_it_says() {
        let about = (Timestamp::from_millis(1_700_000_000_123), Source::Loki, Some(Level::Warn));
        let fields = [("error", "it said \"no\"\n"), ("empty", ""), ("pod", "web-1"), ("a\nb", "c=d")];
        let record = Record::new(about, ("shop\n", "first\r\n\u{1b}[2Jsecond"), fields);
        let expected = "2023-11-14T22:13:20.123Z WARN  shop : first [2Jsecond a b=\"c=d\" empty=\"\" \
                        error=\"it said \\\"no\\\" \" pod=web-1";
        assert_eq!(record.to_string(), expected);
        let nobody = Record { level: None, fields: BTreeMap::new(), ..record };
        assert_eq!(nobody.to_string(), "2023-11-14T22:13:20.123Z -     shop : first [2Jsecond");
    }

    #[test]
    fn a_record_is_bounded_whatever_it_is_made_of() {
        let long = "z".repeat(100_000);
        let names: Vec<String> = (0..100).map(|number| format!("{number:03}{long}")).collect();
        let fields = names.iter().map(|name| (name.as_str(), long.as_str()));
        let record = Record::new((Timestamp::default(), Source::Loki, None), (&long, &long), fields);
        assert_eq!(record.message.len(), MAX_MESSAGE + '…'.len_utf8());
        assert_eq!(record.fields.len(), MAX_FIELDS);
        assert!(record.fields.iter().all(|(name, value)| name.len().max(value.len()) <= MAX_VALUE + 3));
    }
}
