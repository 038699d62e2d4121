//! What is asked for, bounded, and still known after a restart.

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn wish(query: Option<&str>, until: Timestamp) -> Wish {
    Wish {
        query: query.map(str::to_owned),
        matchers: vec![r#"instance="a""#.parse().unwrap()],
        until,
        reason: "a release".to_owned(),
        by: "me".to_owned(),
    }
}

fn requests(folder: &Path) -> Requests {
    let requests = Requests::open(folder, at(0));
    requests.set_queries(vec!["cpu".to_owned()]);
    requests
}

#[test]
fn holds_and_their_release_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = requests(folder.path());
    let (a, b) = (first.begin(wish(Some("cpu"), at(7200)), at(0)), first.begin(wish(None, at(7200)), at(1)));
    first.release(a.unwrap().id, at(60)).unwrap();
    let second = requests(folder.path());
    assert_eq!(second.of_query("cpu"), first.of_query("cpu"));
    assert_eq!(second.under_way(at(61)), [b.unwrap()]);
    assert_eq!(second.of_query("memory").len(), 1);
    assert_eq!(second.begin(wish(None, at(7200)), at(2)).unwrap().id, 2, "no number is given twice");
    let labels = |name| [("instance", name)].into_iter().collect();
    assert!(second.under_way(at(61))[0].is_for(&labels("a")));
    assert!(!second.under_way(at(61))[0].is_for(&labels("b")));
}

#[test]
fn what_is_not_bounded_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let requests = requests(folder.path());
    for (wish, part) in [
        (wish(None, at(0)), "in the future"),
        (wish(None, at(31 * 86_400)), "30d"),
        (wish(Some("disk"), at(60)), "'disk'"),
        (Wish { reason: " ".to_owned(), ..wish(None, at(60)) }, "reason"),
        (Wish { reason: "x".repeat(501), ..wish(None, at(60)) }, "reason"),
    ] {
        let error = requests.begin(wish, at(0)).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(matches!(requests.release(7, at(0)), Err(HoldError::Unknown(7))));
    for _ in 0..MOST {
        requests.begin(wish(None, at(0) + HOUR), at(0)).unwrap();
    }
    assert!(matches!(requests.begin(wish(None, at(0) + HOUR), at(0)), Err(HoldError::Full)));
    let later = at(0) + HOUR + KEPT;
    requests.begin(wish(None, later + HOUR), later).unwrap();
    assert_eq!(requests.of_query("cpu").len(), 1);
}

#[test]
fn a_hold_that_cannot_be_written_down_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let requests = requests(&folder.path().join("state"));
    std::fs::remove_dir(folder.path().join("state")).unwrap();
    assert!(matches!(requests.begin(wish(None, at(60)), at(0)), Err(HoldError::NotStored(_))));
    assert!(requests.of_query("cpu").is_empty());
}
