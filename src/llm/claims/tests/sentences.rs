//! Where sentences begin and end, and what is left of a text.

use super::super::{Fault, Known, MAX_TEXT, check, split};
use super::EVIDENCE;

fn sentences(text: &str) -> Vec<&str> {
    split::paragraphs(text)
        .into_iter()
        .flat_map(|paragraph| paragraph.sentences)
        .map(|range| &text[range])
        .collect()
}

#[test]
fn points_within_names_and_numbers_end_nothing() {
    for (claim, text, expected) in [
        ("two sentences", "It is down. It was up.", vec!["It is down.", "It was up."]),
        (
            "an instance",
            "See 10.0.0.1:9100 and web-1.example.org now.",
            vec!["See 10.0.0.1:9100 and web-1.example.org now."],
        ),
        ("decimals and versions", "At 0.5 of v1.2.3 it fell.", vec!["At 0.5 of v1.2.3 it fell."]),
        (
            "abbreviations",
            "Some, e.g. Apache, fell. I.e. Most.",
            vec!["Some, e.g. Apache, fell.", "I.e. Most."],
        ),
        ("files", "Look at node.yml. Then stop.", vec!["Look at node.yml.", "Then stop."]),
        ("initials", "Ask J. Smith now.", vec!["Ask J. Smith now."]),
        ("marks after each other", "What?! Yes... No", vec!["What?!", "Yes...", "No"]),
        (
            "closing quotes",
            "He said \"stop.\" Then (it ended.) Good.",
            vec!["He said \"stop.\"", "Then (it ended.)", "Good."],
        ),
        ("a small letter goes on", "It fell. then rose", vec!["It fell. then rose"]),
        ("a question before a small letter", "Why? because.", vec!["Why?", "because."]),
        ("a list", "- one\n* two\n3. three", vec!["one", "two", "three"]),
        ("a list on one line", "1. Look. 2. Wait.", vec!["Look.", "2. Wait."]),
        (
            "a list on the line of its heading",
            "Next: 1. Look. 2. Wait.",
            vec!["Next:", "1. Look.", "2. Wait."],
        ),
        ("a colon", "Cause: Disk full.", vec!["Cause: Disk full."]),
        ("a heading", "## Cause\nDisk full.", vec!["Cause", "Disk full."]),
        ("a wrapped line", "The disk\nis full.\nStop.", vec!["The disk\nis full.", "Stop."]),
        ("an empty line", "The disk\n\nis full.", vec!["The disk", "is full."]),
        ("a wrapped item", "- the disk\n  is full\n- stop", vec!["the disk\n  is full", "stop"]),
        ("a block of code", "Run:\n```\na. B\n\nc\n```\nStop.", vec!["Run:", "```\na. B\n\nc\n```", "Stop."]),
        ("points of Chinese", "一。二！", vec!["一。", "二！"]),
        ("nothing", " \n\n ", vec![]),
    ] {
        assert_eq!(sentences(text), expected, "{claim}");
    }
}

#[test]
fn what_stands_keeps_its_form() {
    let known = Known::new(EVIDENCE);
    for (claim, text, expected) in [
        ("nothing is struck", "  It is down.\n\n\n- AppDown  \n", "  It is down.\n\n\n- AppDown  \n"),
        ("the middle of a paragraph", "It is down. See web-9. Wait.", "It is down. Wait."),
        ("an item of a list", "Look at:\n- web-2\n- web-9\n- AppDown", "Look at:\n- web-2\n- AppDown"),
        ("a part of an item", "1. Look. See web-9.\n2. Wait.", "1. Look.\n2. Wait."),
        ("a paragraph", "It is down.\n\nSee web-9.\n\nWait.", "It is down.\n\nWait."),
        ("a heading", "# See web-9\nWait.", "Wait."),
        ("everything", "See web-9.", ""),
        ("half of a sentence is not left", "The host\nweb-9 is down. Wait.", "Wait."),
    ] {
        assert_eq!(check(text, &known).text, expected, "{claim}");
    }
}

#[test]
fn what_is_struck_says_why() {
    let checked = check("It is down. See web-9. It served 99 requests.", &Known::new(EVIDENCE));
    let struck: Vec<_> =
        checked.struck.iter().map(|struck| (struck.sentence.as_str(), struck.fault.as_str())).collect();
    assert_eq!(struck, [("See web-9.", "name"), ("It served 99 requests.", "number")]);
}

#[test]
fn what_lies_beyond_the_bound_is_struck() {
    let text = "It is down. ".repeat(MAX_TEXT);
    let checked = check(&text, &Known::new(EVIDENCE));
    assert!(checked.text.len() <= MAX_TEXT && checked.text.ends_with("It is down."));
    assert_eq!(checked.struck.len(), 1);
    assert_eq!(checked.struck[0].fault, Fault::Length);
    assert!(checked.struck[0].sentence.len() <= 500);
}
