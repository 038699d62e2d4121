//! Each limit at its edge, what is under way, and clocks that are set.

use super::*;

const PRICES: Prices =
    Prices { input: Money::from_micros(1_000_000), output: Money::from_micros(10_000_000) };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn usage(input: u64, output: u64) -> Usage {
    Usage { input, output }
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits {
        requests_per_minute: 1_000,
        requests_per_day: 100_000,
        tokens_per_day: u64::MAX,
        money_per_day: None,
    };
    change(&mut limits);
    limits
}

/// Asks for as many requests of this size, all at one time; the limit in the way of the last, if one is.
fn spend(limits: &Limits, count: usize, each: Usage) -> Option<Spent> {
    let mut ledger = Ledger::default();
    (0..count).find_map(|_| ledger.reserve(limits, &PRICES, each, at(0)).err())
}

#[test]
fn each_limit_refuses_what_is_beyond_it_and_says_for_how_long() {
    let day = Some(Duration::from_secs(86_400 + 1_440));
    for (what, limits, each, fit, budget, again_in) in [
        (
            "requests per minute",
            limits(|limits| limits.requests_per_minute = 3),
            usage(1, 1),
            3,
            Budget::Minute,
            Some(Duration::from_secs(61)),
        ),
        ("requests per day", limits(|limits| limits.requests_per_day = 3), usage(1, 1), 3, Budget::Day, day),
        (
            "tokens per day",
            limits(|limits| limits.tokens_per_day = 300),
            usage(60, 40),
            3,
            Budget::Tokens,
            day,
        ),
        (
            "money per day",
            limits(|limits| limits.money_per_day = Some(Money::from_micros(330))),
            usage(10, 10),
            3,
            Budget::Money,
            day,
        ),
        (
            "one request that never fits",
            limits(|limits| limits.tokens_per_day = 99),
            usage(60, 40),
            0,
            Budget::Tokens,
            None,
        ),
    ] {
        assert_eq!(spend(&limits, fit, each), None, "{what}");
        assert_eq!(spend(&limits, fit + 1, each), Some(Spent { budget, again_in }), "{what}");
    }
}

#[test]
fn the_limit_that_holds_longest_is_named() {
    let both = limits(|limits| (limits.requests_per_minute, limits.requests_per_day) = (1, 1));
    assert_eq!(spend(&both, 2, usage(1, 1)).map(|spent| spent.budget), Some(Budget::Day));
}

#[test]
fn what_is_under_way_counts_as_the_most_it_can_cost() {
    let limits = limits(|limits| limits.tokens_per_day = 1_000);
    let mut ledger = Ledger::default();
    let first = ledger.reserve(&limits, &PRICES, usage(100, 600), at(0)).unwrap();
    assert!(ledger.reserve(&limits, &PRICES, usage(100, 600), at(1)).is_err());
    let cost = ledger.settle(first, usage(90, 20), &PRICES);
    assert_eq!(cost, Money::from_micros(290));
    assert!(ledger.reserve(&limits, &PRICES, usage(100, 600), at(1)).is_ok());
}

#[test]
fn what_is_settled_late_is_settled_where_it_was_reserved() {
    let limits = limits(|limits| limits.tokens_per_day = 1_000);
    let mut ledger = Ledger::default();
    let first = ledger.reserve(&limits, &PRICES, usage(500, 500), at(0)).unwrap();
    ledger.settle(first, usage(500, 400), &PRICES);
    assert!(ledger.reserve(&limits, &PRICES, usage(50, 51), at(3_600)).is_err());
    let second = ledger.reserve(&limits, &PRICES, usage(50, 50), at(3_600));
    assert!(second.is_ok());
    // A day after the first request, only the second counts.
    assert!(ledger.reserve(&limits, &PRICES, usage(450, 450), at(86_400 + 1_440)).is_ok());
}

#[test]
fn a_clock_set_back_neither_renews_nor_blocks() {
    let limits = limits(|limits| limits.requests_per_minute = 1);
    let mut ledger = Ledger::default();
    let mut ask = |seconds| ledger.reserve(&limits, &PRICES, usage(1, 1), at(seconds)).is_ok();
    for (what, seconds, expected) in [
        ("the first", 1_000_000, true),
        ("set back an hour", 996_400, false),
        ("a minute after that", 996_461, true),
        ("set back to the epoch", 0, false),
        ("a minute after that", 61, true),
    ] {
        assert_eq!(ask(seconds), expected, "{what}");
    }
}

#[test]
fn a_ledger_that_was_written_down_goes_on() {
    let limits = limits(|limits| limits.requests_per_day = 1);
    let mut ledger = Ledger::default();
    ledger.reserve(&limits, &PRICES, usage(1, 1), at(1_000_000)).unwrap();
    let text = serde_json::to_string(&ledger).unwrap();
    let mut read: Ledger = serde_json::from_str(&text).unwrap();
    assert_eq!(read, ledger);
    assert!(read.reserve(&limits, &PRICES, usage(1, 1), at(1_000_100)).is_err());
    assert!(read.reserve(&limits, &PRICES, usage(1, 1), at(1_000_000 + 90_000)).is_ok());
}

#[test]
fn what_is_left_of_a_day_is_told_and_never_below_nothing() {
    let mut ledger = Ledger::default();
    let now = Timestamp::from_millis(0);
    let limits = Limits { requests_per_day: 2, tokens_per_day: 100, ..Limits::default() };
    assert_eq!(ledger.left(&limits, now), (2, 100));
    let usage = Usage { input: 50, output: 20 };
    let reserved = ledger.reserve(&limits, &Prices::default(), usage, now).unwrap();
    assert_eq!(ledger.left(&limits, now), (1, 30), "what may be spent is not left");
    ledger.settle(reserved, Usage { input: 500, output: 0 }, &Prices::default());
    assert_eq!(ledger.left(&limits, now), (1, 0), "more was spent than was allowed");
    let next_day = Timestamp::from_millis(2 * 86_400_000);
    assert_eq!(ledger.left(&limits, next_day), (2, 100));
}
