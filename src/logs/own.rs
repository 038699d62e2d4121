//! The daemon's own log. Pure.

use super::page::{Newest, Page};
use super::{Filter, Record, Source};
use crate::log;

/// The crate's name, which a module may be asked for without.
const CRATE: &str = "smartcloudops::";

/// What is remembered, filtered.
pub(super) fn read(recall: &log::Recall, filter: &Filter) -> Page {
    let of_service =
        |record: &&log::Record| filter.service.as_ref().is_none_or(|asked| is_in(&record.target, asked));
    let newest_first = recall.records.iter().rev().map(|record| &**record);
    let in_time = newest_first.filter(|record| filter.admits_time(record.at));
    let wanted = in_time.filter(of_service).map(record).filter(|record| filter.admits(record));
    let newest = Newest::of(wanted, filter.limit);
    newest.page(recall.forgotten_until.filter(|until| filter.since.is_none_or(|since| since <= *until)))
}

/// Whether a module is the one asked for, or in it.
fn is_in(target: &str, asked: &str) -> bool {
    let within = |target: &str| {
        target.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    within(target) || target.strip_prefix(CRATE).is_some_and(within)
}

fn record(logged: &log::Record) -> Record {
    let fields = logged.fields.iter().map(|(name, value)| (*name, value.as_str()));
    Record::new((logged.at, Source::Daemon, Some(logged.level)), (&logged.target, &logged.message), fields)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::log::Level;
    use crate::model::Timestamp;

    fn logged(second: i64, level: Level, target: &'static str, message: &str) -> Arc<log::Record> {
        let at = Timestamp::from_millis(second * 1000);
        let fields = vec![("route", "/webhook".to_owned())];
        Arc::new(log::Record { at, level, target: target.into(), message: message.to_owned(), fields })
    }

    fn recall() -> log::Recall {
        let records = vec![
            logged(1, Level::Info, "smartcloudops::app", "listening"),
            logged(2, Level::Debug, "smartcloudops::http::access_log", "request"),
            logged(3, Level::Error, "smartcloudops::app::reload", "the configuration is bad"),
            logged(4, Level::Warn, "sqlx::query", "slow"),
        ];
        log::Recall { records, forgotten_until: None }
    }

    #[test]
    fn what_was_said_is_found_by_module_level_and_text() {
        let filter = Filter::default();
        for (claim, filter, expected) in [
            ("everything, oldest first", filter.clone(), &[1, 2, 3, 4][..]),
            ("a module", Filter { service: Some("smartcloudops::app".into()), ..filter.clone() }, &[1, 3]),
            ("without the crate's name", Filter { service: Some("http".into()), ..filter.clone() }, &[2]),
            ("not the beginning of a name", Filter { service: Some("ap".into()), ..filter.clone() }, &[]),
            ("a library", Filter { service: Some("sqlx".into()), ..filter.clone() }, &[4]),
            ("a level", Filter { level: Some(Level::Warn), ..filter.clone() }, &[3, 4]),
            ("a text", Filter { contains: Some("CONFIG".into()), ..filter.clone() }, &[3]),
            ("the newest", Filter { limit: 1, ..filter.clone() }, &[4]),
            ("a time", Filter { until: Some(Timestamp::from_millis(2000)), ..filter }, &[1, 2]),
        ] {
            let page = read(&recall(), &filter);
            let seconds: Vec<i64> =
                page.records.iter().map(|record| record.time.as_millis() / 1000).collect();
            assert_eq!(seconds, expected, "{claim}");
        }
    }

    #[test]
    fn what_is_forgotten_is_said_where_it_could_have_matched() {
        let forgotten_until = Some(Timestamp::from_millis(5000));
        let recall = log::Recall { forgotten_until, ..log::Recall::default() };
        for (since, expected) in [(None, forgotten_until), (Some(5000), forgotten_until), (Some(5001), None)]
        {
            let filter = Filter { since: since.map(Timestamp::from_millis), ..Filter::default() };
            assert_eq!(read(&recall, &filter).forgotten_until, expected, "{since:?}");
        }
    }
}
