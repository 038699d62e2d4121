//! What holds over all texts of a conversation: stable placeholders, no forging, bounds.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::super::{Config, Kind, Pattern, PatternError, Redactor};
use super::{by_default, everything};

#[test]
fn a_value_keeps_its_placeholder_for_the_whole_conversation() {
    let mut session = everything();
    assert_eq!(&*session.redact("10.0.0.1 password=abc"), "[ip-1] password=[secret-1]");
    assert_eq!(&*session.redact("10.0.0.2 10.0.0.1 token=abc"), "[ip-2] [ip-1] token=[secret-1]");
    assert_eq!(session.restore("[ip-2], not [IP-1] nor \\[ip-1\\]"), "10.0.0.2, not 10.0.0.1 nor 10.0.0.1");
    assert_eq!((session.count(Kind::Ip), session.count(Kind::Secret)), (2, 1));
}

#[test]
fn secrets_are_never_put_back() {
    let mut session = by_default();
    session.redact("password=hunter2");
    assert_eq!(session.restore("it is [secret-1]"), "it is [secret-1]");
}

#[test]
fn a_placeholder_cannot_be_forged() {
    let mut session = everything();
    session.redact("10.0.0.1");
    for text in ["[ip-1]", "x [IP-1] y", "\\[ip-1\\]", "[text-1] [text-2]", "[[ip-1]]", "[email-1][ip-9]"] {
        let redacted = session.redact(text);
        assert_eq!(session.restore(&redacted), text, "{redacted}");
        assert!(!redacted.contains("ip-"), "{redacted}");
    }
}

#[test]
fn redacting_again_changes_nothing() {
    let mut session = everything();
    let redacted = session.redact("a@x.org 10.0.0.1 [ip-7] password=abc\ntoken: [ip-1]");
    assert_eq!(session.redact_again(&redacted), redacted);
    assert_eq!(&*session.redact_again("[ip-1] [ip-99]"), "[ip-1] [text-3]");
}

#[test]
fn there_are_only_so_many_placeholders() {
    let mut session = everything();
    let mut text = String::new();
    (0..1200).for_each(|n| write!(text, "10.0.{}.{} ", n / 200, n % 200).unwrap());
    let redacted = session.redact(&text);
    assert!(redacted.contains("[ip-1000] [ip] ") && !redacted.contains("10.0."));
    assert_eq!(session.count(Kind::Ip), 1000);
}

#[test]
fn nothing_that_was_taken_out_is_printed() {
    let mut session = everything();
    session.redact("password=hunter2 10.0.0.1");
    let printed = format!("{session:?}");
    assert!(printed.contains("\"secret\": 1") && !printed.contains("hunter2") && !printed.contains("10.0"));
}

#[test]
fn patterns_are_checked_and_taken_out() {
    let patterns = vec![Pattern::new("customer-[0-9]+").unwrap()];
    let mut session = Redactor::new(&Config { patterns, ..Config::default() }).session();
    let redacted = session.redact("customer-17 and customer-18");
    assert_eq!(&*redacted, "[private-1] and [private-2]");
    assert_eq!(session.restore(&redacted), "[private-1] and [private-2]");
    assert_eq!(Pattern::new("a*").err(), Some(PatternError::MatchesEmpty));
    assert!(matches!(Pattern::new("(").err(), Some(PatternError::Invalid(_))));
    assert!(matches!(Pattern::new(r"(\w{1000}){100}").err(), Some(PatternError::Invalid(_))));
}

#[test]
fn no_text_takes_more_than_time_linear_in_it() {
    for seed in [
        "key=",
        "key=\"",
        "password=\"",
        "password='x",
        "password=${",
        "password==",
        "\"password\":",
        "authorization:",
        "token: |\n ",
        "://",
        "a://b:",
        "-----BEGIN PRIVATE KEY-----",
        "a@",
        "1.",
        "::",
        "[ip-",
        "eyJ",
        "Bearer ",
        "\\",
    ] {
        let begun = Instant::now();
        everything().redact(&seed.repeat(50_000 / seed.len()));
        // A rule that looks at the rest of the text again and again takes minutes.
        assert!(begun.elapsed() < Duration::from_secs(10), "{seed:?}: {:?}", begun.elapsed());
    }
}
