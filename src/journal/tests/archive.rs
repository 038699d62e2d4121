//! Closed months elsewhere: whole, once, and verifiable without the journal.

use std::io::Read;

use serde_json::Value;

use super::*;
use crate::journal::archive::{self, Archive};
use crate::journal::chain::{Fact, Head, Kind};
use crate::object_storage::{Access, Location};

fn archive(folder: &TempDir) -> Archive {
    let to = Location::Folder(folder.path().join("archive"));
    Archive::open(&archive::Config { to, access: Access::default() }).unwrap()
}

/// The lines of an object.
fn lines(folder: &TempDir, object: &str) -> Vec<Value> {
    let packed = std::fs::read(folder.path().join("archive").join(object)).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn bytes(hex: &Value) -> [u8; 32] {
    let hex = hex.as_str().unwrap();
    let digits: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    digits.try_into().unwrap()
}

/// The digest of a line's fact, computed from the line and the columns of the first one alone.
fn digest(columns: &Value, line: &Value) -> [u8; 32] {
    use crate::journal::chain::Value as Column;
    let column = |value: &'_ Value| match value {
        Value::Null => Column::Null,
        Value::Number(number) => Column::Integer(number.as_i64().unwrap()),
        other => Column::Text(Box::leak(other.as_str().unwrap().to_owned().into_boxed_str())),
    };
    let kind = line["kind"].as_str().unwrap();
    let names = columns[kind].as_array().unwrap();
    let own = names.iter().map(|name| column(&line["fact"][name.as_str().unwrap()]));
    let place = ["reference", "part", "at"].map(|name| column(&line[name]));
    crate::journal::chain::digest(Kind::named(kind).unwrap(), place.into_iter().chain(own))
}

async fn a_closed_month_is_written_once_and_its_chain_follows_from_its_lines() {
    let room = Room::with_history().await;
    let archive = archive(&room.folder);
    assert_eq!(archive.catch_up(&room.journal, at(3 * DAY)).await.unwrap(), Vec::<String>::new());
    let written = archive.catch_up(&room.journal, at(20 * DAY)).await.unwrap();
    assert_eq!(written.len(), 1);
    assert!(written[0].ends_with("archive/2026-09.jsonl.gz"), "{written:?}");
    let lines = lines(&room.folder, "2026-09.jsonl.gz");
    assert_eq!((lines.len(), &lines[0]["format"]), (17, &Value::from(1)));
    let mut head = Head::default();
    for line in &lines[1..] {
        assert_eq!(digest(&lines[0]["columns"], line), bytes(&line["digest"]), "{line}");
        let fact = Fact {
            kind: Kind::named(line["kind"].as_str().unwrap()).unwrap(),
            reference: line["reference"].as_i64().unwrap(),
            part: line["part"].as_i64().unwrap(),
            at: Timestamp::from_millis(line["at"].as_i64().unwrap()),
            digest: bytes(&line["digest"]),
        };
        assert_eq!(head.extend(fact).hash, bytes(&line["hash"]), "{line}");
    }
    assert_eq!(archive.catch_up(&room.journal, at(20 * DAY)).await.unwrap(), Vec::<String>::new());
}

async fn more_than_a_page_comes_whole_and_months_are_told_apart() {
    let room = Room::new().await;
    let archive = archive(&room.folder);
    for month in 0..3 {
        let held = |second: i64| super::chain::held("a", month * 30 * DAY + second);
        room.journal.record_decisions((0..600).map(held).collect()).await.unwrap();
    }
    // Of more than 500 decisions of an episode some are dropped meanwhile.
    let written = archive.catch_up(&room.journal, at(50 * DAY)).await.unwrap();
    assert_eq!(written.len(), 2, "{written:?}");
    for object in ["2026-09.jsonl.gz", "2026-10.jsonl.gz"] {
        let lines = lines(&room.folder, object);
        let decisions: Vec<_> = lines.iter().filter(|line| line["kind"] == "decision").collect();
        assert_eq!(decisions.len(), 600, "{object}");
        assert!(decisions.iter().any(|line| line["fact"].is_null()), "{object}");
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named_and_tried_again() {
    let room = Room::with_history().await;
    let archive = archive(&room.folder);
    let folder = room.folder.path().join("archive");
    std::fs::remove_dir(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();
    let error = archive.catch_up(&room.journal, at(20 * DAY)).await.unwrap_err().to_string();
    assert!(error.contains("archive/2026-09.jsonl.gz cannot be"), "{error}");
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(archive.catch_up(&room.journal, at(20 * DAY)).await.unwrap().len(), 1);
}

on_every_database![
    a_closed_month_is_written_once_and_its_chain_follows_from_its_lines,
    more_than_a_page_comes_whole_and_months_are_told_apart,
];
