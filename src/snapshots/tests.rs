//! Crashes, cuts and flipped bits.

use std::fs;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::detect::{self, Detector, State};
use crate::model::{Sample, Timestamp};

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.snapshot");
    (folder, path)
}

fn names(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_was_written_is_read_and_replaced() {
    let (folder, path) = folder();
    assert!(read(&path).unwrap().is_none());
    for payload in [&b"first"[..], b"", b"second, longer than the first"] {
        write(&path, payload).unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), payload);
        assert_eq!(names(&folder), ["state.snapshot"]);
    }
}

#[test]
fn a_cut_at_any_length_is_refused() {
    let (_folder, path) = folder();
    write(&path, b"the state of many detectors").unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(read(&path), Err(SnapshotError::Damaged { .. })), "{length} bytes");
    }
    fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
    assert!(matches!(read(&path), Err(SnapshotError::Damaged { .. })), "one byte more");
}

#[test]
fn any_flipped_bit_is_refused() {
    let (_folder, path) = folder();
    write(&path, b"the state of many detectors").unwrap();
    let whole = fs::read(&path).unwrap();
    for position in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[position] ^= 1 << bit;
            fs::write(&path, &flipped).unwrap();
            let error = read(&path).unwrap_err();
            let expected = match position {
                8..12 => matches!(error, SnapshotError::UnsupportedVersion { .. }),
                _ => matches!(error, SnapshotError::Damaged { .. }),
            };
            assert!(expected, "byte {position}, bit {bit}: {error}");
        }
    }
}

#[test]
fn what_a_crashed_writer_left_is_not_read_and_does_not_disturb() {
    let (folder, path) = folder();
    fs::write(folder.path().join("state.snapshot.tmp"), b"half a sna").unwrap();
    assert!(read(&path).unwrap().is_none());
    write(&path, b"whole").unwrap();
    fs::write(folder.path().join("state.snapshot.tmp"), b"half a sna").unwrap();
    assert_eq!(read(&path).unwrap().unwrap(), b"whole");
    write(&path, b"next").unwrap();
    assert_eq!(read(&path).unwrap().unwrap(), b"next");
    assert_eq!(names(&folder), ["state.snapshot"]);
}

#[test]
fn a_failed_write_keeps_the_old_snapshot_and_names_the_file() {
    let (_folder, path) = folder();
    let inside_a_file = path.join("state.snapshot");
    write(&path, b"old").unwrap();
    let error = write(&inside_a_file, b"new").unwrap_err().to_string();
    assert!(error.contains("state.snapshot") && error.contains("permissions"), "{error}");
    assert_eq!(read(&path).unwrap().unwrap(), b"old");
}

#[test]
fn a_damaged_snapshot_is_set_aside_and_kept() {
    let (folder, path) = folder();
    fs::write(&path, b"rubbish").unwrap();
    let aside = set_aside(&path, Timestamp::from_millis(1_700_000_000_123)).unwrap();
    assert_eq!(names(&folder), ["state.snapshot.damaged-1700000000123"]);
    assert_eq!(fs::read(aside).unwrap(), b"rubbish");
    assert!(read(&path).unwrap().is_none());
    assert!(matches!(set_aside(&path, Timestamp::default()), Err(SnapshotError::Io { .. })));
}

#[test]
fn a_value_of_another_shape_is_refused() {
    let (_folder, path) = folder();
    assert!(load::<String>(&path).unwrap().is_none());
    let size = save(&path, &("a", 7u32)).unwrap();
    assert_eq!(size as u64, fs::metadata(&path).unwrap().len());
    assert_eq!(load::<(String, u32)>(&path).unwrap(), Some(("a".to_owned(), 7)));
    assert!(matches!(load::<String>(&path), Err(SnapshotError::Damaged { .. })));
    assert!(matches!(load::<(String, u32, u64)>(&path), Err(SnapshotError::Damaged { .. })));
}

/// A detector with a day of history.
fn detector() -> detect::Auto {
    let config = detect::Config {
        interval: Duration::from_secs(60),
        false_alarms: "1 per 30d".parse().unwrap(),
        narrowing: detect::Narrowing::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        holidays: Default::default(),
    };
    let mut detector = detect::Auto::new(&config);
    for minute in 0..1440 {
        let value = 100.0 + (minute as f64 * 0.7).sin();
        detector.observe(Sample { at: Timestamp::from_millis(minute * 60_000), value });
    }
    detector
}

#[test]
fn ten_thousand_series_are_restored_in_time() {
    let (_folder, path) = folder();
    let detector = detector();
    let series: Vec<(String, State<'_>)> =
        (0..10_000).map(|i| (format!("{{instance=\"{i}\"}}"), detector.state())).collect();
    let size = save(&path, &series).unwrap();
    assert!(size < 10_000 * 11_000, "{size}");
    let started = Instant::now();
    let restored: Vec<(String, State<'static>)> = load(&path).unwrap().unwrap();
    assert_eq!(restored.len(), 10_000);
    // Unoptimised builds on busy machines are some thirty times slower than what is shipped.
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}
