//! What holds for any text.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::{Fault, Known, check};
use super::EVIDENCE;

/// Hosts, numbers and times, as evidence and as it may be said again.
fn fact() -> impl Strategy<Value = (String, String)> {
    let number = (1u32..100_000, 0usize..3).prop_map(|(number, decimals)| {
        let value = f64::from(number) / 1000.0;
        (format!("{value}"), format!("{value:.*}", 3 - decimals.min(if value < 1.0 { 0 } else { 1 })))
    });
    let host =
        ("[a-z]{2,8}-[0-9]{1,3}", 1u16..9999).prop_map(|(host, port)| (format!("{host}:{port}"), host));
    let time = (0u32..24, 0u32..60, 0u32..60).prop_map(|(hour, minute, second)| {
        (format!("2026-11-23T{hour:02}:{minute:02}:{second:02}Z"), format!("{hour:02}:{minute:02} UTC"))
    });
    let share = (100u32..1000).prop_map(|share| {
        (format!("{}", f64::from(share) / 1000.0), format!("{}.{} %", share / 10, share % 10))
    });
    let bytes = (1u64..500).prop_map(|mib| ((mib << 20).to_string(), format!("{mib} MiB")));
    prop_oneof![number, host, time, share, bytes]
}

fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("the"),
        Just("service"),
        Just("was"),
        Just("at"),
        Just("and"),
        Just("then"),
        Just("slow")
    ];
    proptest::collection::vec(word, 2..6).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn what_is_made_of_the_evidence_stands(facts in proptest::collection::vec(fact(), 1..6), before in words(), after in words()) {
        let evidence: Vec<String> = facts.iter().map(|(known, _)| format!("seen {known} there")).collect();
        let known = Known::new(&evidence.join("\n"));
        for (_, said) in &facts {
            let checked = check(&format!("Of the {before} {said} {after}."), &known);
            prop_assert!(checked.struck.is_empty(), "{:?} of {evidence:?}", checked.struck);
        }
    }

    #[test]
    fn an_invented_number_is_struck(number in 10_000_000_000u64..1_000_000_000_000, unit in "( MB| %| s| requests|x|)", before in words()) {
        let checked = check(&format!("It is down. Of the {before} {number}{unit}. Wait."), &Known::new(EVIDENCE));
        prop_assert_eq!(checked.struck.len(), 1);
        prop_assert!([Fault::Number, Fault::Time].contains(&checked.struck[0].fault));
        prop_assert_eq!(checked.text, "It is down. Wait.");
    }

    #[test]
    fn an_invented_host_is_struck(host in "[a-z]{1,6}[-.][a-z]{1,6}-[0-9]{3,5}(:[0-9]{2,5})?", before in words(), after in words()) {
        let checked = check(&format!("It is down. Of the {before} {host} {after}. Wait."), &Known::new(EVIDENCE));
        prop_assert_eq!(checked.struck.len(), 1);
        prop_assert_eq!(checked.struck[0].fault, Fault::Name);
        prop_assert_eq!(checked.text, "It is down. Wait.");
    }

    #[test]
    fn what_stands_stands_again(text in "([A-Z][a-z]{1,8}( [a-z0-9.:%-]{1,9}){0,6}[.!?][ \n]{1,2}|- ){0,20}") {
        let known = Known::new(EVIDENCE);
        let once = check(&text, &known);
        prop_assert!(!once.struck.is_empty() || once.text == text);
        prop_assert_eq!(&check(&once.text, &known).text, &once.text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", odd in "([0-9]|[-:.,/%+eE@`~\\[\\]()]|am|\u{202f}|\u{2011}|é|٣|\n| |T|Z|m|MB|```){0,60}") {
        let known = Known::new(&format!("{text}\n{odd}"));
        check(&format!("{odd}{text}{odd}"), &known);
    }
}

#[test]
fn no_text_takes_more_than_time_linear_in_it() {
    let stamps: String =
        (0..400).map(|n| format!("2026-11-23T{:02}:{:02}:00Z ", n / 60 % 24, n % 60)).collect();
    let known = Known::new(&format!("{EVIDENCE}\n{stamps}"));
    for seed in [
        "a",
        "1.",
        "`a b` ",
        "``",
        "12:",
        "5m ",
        "a. ",
        "A. ",
        "- a\n",
        "http://",
        "x:\n",
        "1,",
        "2026-11-23T",
        "Three a: ",
        "\n",
    ] {
        let begun = Instant::now();
        check(&seed.repeat(100_000 / seed.len()), &known);
        Known::new(&seed.repeat(100_000 / seed.len()));
        // A rule that looks at the rest of the text again and again takes minutes.
        assert!(begun.elapsed() < Duration::from_secs(10), "{seed:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn every_line_of_the_evidence_stands() {
    let known = Known::new(EVIDENCE);
    for line in EVIDENCE.lines() {
        assert_eq!(check(line, &known).struck, []);
    }
}
