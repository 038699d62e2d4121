//! Which time words name: one row each. It is Saturday, 28 November 2026, 10:30 in Berlin.

use super::*;

const NOW: &str = "2026-11-28T09:30:00Z";

fn found(text: &str, now: &str) -> Option<(String, String, usize)> {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let words: Vec<&str> = text.split(' ').collect();
    let Found { span, range } = find(&words, now.parse().unwrap(), &zone)?;
    let clock = |at: Timestamp| written(at, &zone).replace("2026-", "");
    Some((clock(span.from), clock(span.to), range.len()))
}

#[test]
fn words_name_a_time_from_one_clock_to_another() {
    for (text, from, to, words) in [
        ("what happened last night", "11-27 20:00", "11-28 08:00", 2),
        ("what happened overnight", "11-27 20:00", "11-28 08:00", 1),
        ("tonight", "11-27 20:00", "11-28 08:00", 1),
        ("today", "11-28 00:00", "11-28 10:30", 1),
        ("yesterday", "11-27 00:00", "11-28 00:00", 1),
        ("yesterday evening", "11-27 17:00", "11-27 23:00", 2),
        ("this morning", "11-28 05:00", "11-28 10:30", 2),
        ("this week", "11-23 00:00", "11-28 10:30", 2),
        ("last week", "11-21 10:30", "11-28 10:30", 2),
        ("last weekend", "11-28 00:00", "11-28 10:30", 2),
        ("on monday", "11-23 00:00", "11-24 00:00", 2),
        ("last saturday", "11-21 00:00", "11-22 00:00", 2),
        ("friday", "11-27 00:00", "11-28 00:00", 1),
        ("on 2026-11-20", "11-20 00:00", "11-21 00:00", 1),
        ("in the last 2 hours", "11-28 08:30", "11-28 10:30", 3),
        ("last hour", "11-28 09:30", "11-28 10:30", 2),
        ("past 90m", "11-28 09:00", "11-28 10:30", 2),
        ("last two days", "11-26 10:30", "11-28 10:30", 3),
        ("last half hour", "11-28 10:00", "11-28 10:30", 3),
        ("last half an hour", "11-28 10:00", "11-28 10:30", 4),
        ("past couple of hours", "11-28 08:30", "11-28 10:30", 4),
        ("since 14:00", "11-27 14:00", "11-28 10:30", 2),
        ("since 9", "11-28 09:00", "11-28 10:30", 2),
        ("since 2pm", "11-27 14:00", "11-28 10:30", 2),
        ("since 2 pm yesterday", "11-27 14:00", "11-28 10:30", 4),
        ("since yesterday", "11-27 00:00", "11-28 10:30", 2),
        ("since yesterday at 14:00", "11-27 14:00", "11-28 10:30", 4),
        ("since monday 8:15", "11-23 08:15", "11-28 10:30", 3),
        ("since last night", "11-27 20:00", "11-28 10:30", 3),
        ("since 2 hours ago", "11-28 08:30", "11-28 10:30", 4),
        ("since midnight", "11-28 00:00", "11-28 10:30", 2),
        ("between 2 and 4", "11-28 02:00", "11-28 04:00", 4),
        ("between 2 and 4 pm", "11-27 14:00", "11-27 16:00", 5),
        ("between 11 and 1 pm yesterday", "11-27 11:00", "11-27 13:00", 6),
        ("between 22:00 and 2:00", "11-27 22:00", "11-28 02:00", 4),
        ("between 2 and 4 last night", "11-28 02:00", "11-28 04:00", 6),
        ("between 9 and 11", "11-28 09:00", "11-28 10:30", 4),
        ("from 14:00 to 16:00 on monday", "11-23 14:00", "11-23 16:00", 6),
        ("from 2am until 4am", "11-28 02:00", "11-28 04:00", 4),
        ("at 3am", "11-28 02:30", "11-28 03:30", 2),
        ("around 15:00", "11-27 14:30", "11-27 15:30", 2),
        ("yesterday at noon", "11-27 11:30", "11-27 12:30", 3),
        ("2 hours ago", "11-28 08:00", "11-28 09:00", 3),
        ("20 minutes ago", "11-28 10:05", "11-28 10:15", 3),
    ] {
        let expected = Some((from.to_owned(), to.to_owned(), words));
        assert_eq!(found(text, NOW), expected, "{text}");
    }
}

#[test]
fn nights_and_daylight_saving_follow_the_local_clock() {
    for (text, now, from, to, sentence) in [
        ("last night", "2026-11-28T01:00:00Z", "11-27 20:00", "11-28 02:00", "within the night"),
        ("last night", "2026-11-28T21:00:00Z", "11-28 20:00", "11-28 22:00", "in the evening: this one"),
        ("last night", "2026-10-25T12:00:00Z", "10-24 20:00", "10-25 08:00", "the night of the hour twice"),
        ("since 2:30", "2026-03-29T12:00:00Z", "03-29 03:30", "03-29 14:00", "an hour that was skipped"),
        ("since 3", "2026-11-28T01:00:00Z", "11-27 03:00", "11-28 02:00", "the last time it was 3"),
    ] {
        let (found_from, found_to, _) = found(text, now).unwrap();
        assert_eq!((found_from.as_str(), found_to.as_str()), (from, to), "{sentence}");
    }
}

#[test]
fn other_words_name_no_time() {
    for text in [
        "what is firing",
        "since the deployment",
        "between web-1 and web-2",
        "at web-1",
        "last alert",
        "since 25:00",
        "since 13pm",
        "from app to db",
        "2 hosts",
        "between 2 or 4",
        "on 2026-13-40",
        "last 0 hours",
    ] {
        assert_eq!(found(text, NOW), None, "{text}");
    }
}

#[test]
fn a_span_says_its_zone() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let span = Span::last(Duration::from_secs(3600), NOW.parse().unwrap());
    assert_eq!(span.words(&zone), "from 2026-11-28 09:30 to 2026-11-28 10:30 Europe/Berlin");
    assert!(span.words(&TimeZone::UTC).ends_with("UTC"));
}
