//! How figures are written for people, in the text and on the page. Pure.

use std::time::Duration;

use super::report::Episode;
use crate::cli::evaluate::short;
use crate::model::{Labels, format_duration};

/// What of the past no Prometheus knows.
pub(super) const UNKNOWN: &str =
    "Holds on request are not in Prometheus: the past is scored as if nobody had asked for one.";

/// A number in the unit of a query.
pub(super) fn value(number: f64) -> String {
    if number.is_finite() { short(number) } else { "-".to_owned() }
}

/// A share of 1 as a percentage.
pub(super) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A length of time, in whole seconds from one second up.
pub(super) fn lasting(seconds: f64) -> String {
    let duration = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    let whole = Duration::from_secs(duration.as_secs());
    format_duration(if whole.is_zero() { duration } else { whole })
}

/// A series by its query and labels. Labels are untrusted: control characters are left out.
pub(super) fn series(query: &str, labels: &Labels) -> String {
    let labels = if labels.is_empty() { String::new() } else { labels.to_string() };
    format!("{query}{labels}").replace(char::is_control, "")
}

/// The members that a group's score is made of, with their shares; empty for a single series.
pub(super) fn members(episode: &Episode) -> String {
    let parts = episode.contributors.iter();
    let parts = parts.map(|part| format!("{} {:.0} %", part.feature, 100.0 * part.share));
    parts.collect::<Vec<_>>().join(", ").replace(char::is_control, "")
}

/// When an episode is notified.
pub(super) fn alarm(episode: &Episode) -> String {
    match episode.alarm {
        Some(at) if at == episode.onset => "at once".to_owned(),
        Some(at) => format!("after {}", lasting(at.since(episode.onset).as_secs_f64())),
        None if episode.began_before => "before the range".to_owned(),
        None => "no".to_owned(),
    }
}

/// How long it lasted, and how it ended where that is worth a word.
pub(super) fn lasted(episode: &Episode) -> String {
    let how = match (episode.resolved, episode.new_level) {
        (None, _) => ", not over",
        (_, true) => ", new level",
        _ => "",
    };
    let what = if episode.absent_since.is_some() { ", absent" } else { "" };
    lasting(episode.duration_seconds) + what + how
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::backtest::sample;

    #[test]
    fn figures_are_short_and_say_when_there_is_none() {
        assert_eq!((value(0.123456789), value(f64::NAN)), ("0.12346".to_owned(), "-".to_owned()));
        assert_eq!((percent(0.0123), percent(0.0)), ("1.23 %".to_owned(), "0.00 %".to_owned()));
        for (seconds, expected) in [(90.0, "1m30s"), (0.25, "250ms"), (3600.4, "1h"), (0.0, "0s")] {
            assert_eq!(lasting(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn a_series_is_named_without_control_characters() {
        let labels: Labels = [("a", "x\u{1b}[31m\ty\n")].into_iter().collect();
        assert_eq!(series("q", &labels), r#"q{a="x[31my\n"}"#);
        assert_eq!(series("q", &Labels::default()), "q");
    }

    #[test]
    fn an_episodes_end_and_alarm_are_put_into_words() {
        let plain = Episode { duration_seconds: 120.0, ..sample::report().episodes.remove(0) };
        for (episode, expected) in [
            (plain.clone(), ("at once", "2m")),
            (
                Episode { alarm: Some(plain.onset + Duration::from_secs(60)), ..plain.clone() },
                ("after 1m", "2m"),
            ),
            (Episode { alarm: None, resolved: None, ..plain.clone() }, ("no", "2m, not over")),
            (Episode { alarm: None, began_before: true, ..plain.clone() }, ("before the range", "2m")),
            (Episode { new_level: true, ..plain.clone() }, ("at once", "2m, new level")),
            (Episode { absent_since: Some(plain.onset), ..plain.clone() }, ("at once", "2m, absent")),
        ] {
            assert_eq!((alarm(&episode).as_str(), lasted(&episode).as_str()), expected, "{episode:?}");
        }
    }
}
