//! What is read out of parameters, what is refused, and what a filter admits.

use super::*;

fn now() -> Timestamp {
    "2026-11-23T03:30:00Z".parse().unwrap()
}

fn read(query: &str) -> Result<Filter, FilterError> {
    Filter::read(url::form_urlencoded::parse(query.as_bytes()), now())
}

#[test]
fn parameters_become_a_filter() {
    assert_eq!(read("").unwrap(), Filter::default());
    let query = "source=remediation&service=restart%20app&level=warn&since=15m&until=5m&contains=%22%7D%20%7C&limit=7";
    let expected = Filter {
        source: Source::Remediation,
        service: Some("restart app".to_owned()),
        level: Some(Level::Warn),
        since: Some("2026-11-23T03:15:00Z".parse().unwrap()),
        until: Some("2026-11-23T03:25:00Z".parse().unwrap()),
        contains: Some("\"} |".to_owned()),
        limit: 7,
    };
    assert_eq!(read(query).unwrap(), expected);
}

#[test]
fn what_makes_no_sense_is_refused_by_its_name() {
    let long = format!("contains={}", "x".repeat(MAX_TEXT + 1));
    for (query, expected) in [
        ("sauce=daemon", "there is no parameter 'sauce'; the parameters are source, service, level, since,"),
        ("level=warn&level=warn", "the parameter level is given twice"),
        ("source=journal", "the parameter source is not one of daemon, remediation, loki"),
        ("level=WARNING", "the parameter level is not one of trace, debug, info, warn, error"),
        ("since=yesterday", "the parameter since is not a time such as 2026-"),
        ("until=", "the parameter until is not a time such as"),
        ("since=5m&until=15m", "the parameter since is later than until"),
        ("limit=0", "the parameter limit must be a whole number from 1 to 1000"),
        ("limit=1001", "from 1 to 1000"),
        ("limit=-1", "from 1 to 1000"),
        ("limit=many", "from 1 to 1000"),
        ("service=", "the parameter service is empty"),
        (&long, "the parameter contains has 257 bytes, which is more than 256"),
    ] {
        let error = read(query).unwrap_err().to_string();
        assert!(error.contains(expected), "{query}: {error}");
    }
    let error = read(&format!("{}=1", "y".repeat(5000))).unwrap_err().to_string();
    assert!(error.len() < 200, "{error}");
}

#[test]
fn every_condition_must_hold() {
    let record = |level| {
        let about = ("2026-11-23T03:20:00Z".parse().unwrap(), Source::Daemon, level);
        Record::new(about, ("smartcloudops::http", "Straße is closed"), [("peer", "10.0.0.5:9100")])
    };
    for (query, level, expected, claim) in [
        ("", None, true, "no condition"),
        ("level=warn", Some(Level::Warn), true, "severe enough"),
        ("level=warn", Some(Level::Error), true, "more severe"),
        ("level=warn", Some(Level::Info), false, "not severe enough"),
        ("level=trace", None, false, "nobody says how severe"),
        ("since=10m", None, true, "the first moment is part of the range"),
        ("until=10m", None, true, "so is the last"),
        ("since=9m", None, false, "too early"),
        ("until=11m", None, false, "too late"),
        ("contains=IS+CLOSED", None, true, "whatever the case"),
        ("contains=STRASSE", None, false, "letters that are others"),
        ("contains=STRAẞE", None, true, "letters beyond ASCII"),
        ("contains=10.0.0.5", None, true, "in the value of a field"),
        ("contains=http", None, true, "in the service"),
        ("contains=.*", None, false, "a pattern is a plain text"),
        ("contains=peer", None, false, "the name of a field is not what was said"),
    ] {
        let filter = read(query).unwrap();
        assert_eq!(filter.admits(&record(level)), expected, "{claim}: {query}");
    }
}
