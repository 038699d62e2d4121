//! Opening and closing: modes, pragmas, and every file that is refused.

use std::os::unix::fs::PermissionsExt;

use sqlx::Connection;

use super::*;
use crate::journal::RecordError;

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    let room = Room::new().await;
    room.journal.record_delivery(delivery("a")).await.unwrap();
    let folder = room.folder.path().join("data");
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn the_database_is_set_up_for_durability() {
    let room = Room::new().await;
    let mut writer = super::super::sqlite::writer_options(file(&room.config)).connect().await.unwrap();
    for (pragma, expected) in [
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous", "2"),
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA auto_vacuum", "2"),
        ("PRAGMA busy_timeout", "2000"),
    ] {
        let row = sqlx::query(pragma).fetch_one(&mut writer).await.unwrap();
        use sqlx::Row;
        let text = row
            .try_get::<String, _>(0)
            .or_else(|_| row.try_get::<i64, _>(0).map(|number| number.to_string()));
        assert_eq!(text.unwrap(), expected, "{pragma}");
    }
    assert_eq!(room.journal.status().schema_version, 11);
}

#[tokio::test]
async fn a_second_opener_is_refused_and_told_by_whom() {
    let room = Room::new().await;
    let refused = open(&room.config).await.err().unwrap();
    assert!(matches!(refused, OpenError::AlreadyOpen { .. }), "{refused}");
    assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
    let Room { config, journal, folder, .. } = room;
    let other = journal.clone();
    journal.close().await;
    open(&config).await.unwrap();
    let late = other.record_delivery(delivery("a")).await.unwrap_err();
    assert!(matches!(late, RecordError::Unavailable { .. }), "{late}");
    drop(folder);
}

#[tokio::test]
async fn closing_writes_what_waits() {
    let Room { journal, config, folder, .. } = Room::new().await;
    let waiting: Vec<_> = (0..100)
        .map(|index| {
            let journal = journal.clone();
            tokio::spawn(async move { journal.record_delivery(delivery(&index.to_string())).await })
        })
        .collect();
    tokio::task::yield_now().await;
    journal.close().await;
    let answers = futures::future::join_all(waiting).await;
    let accepted = answers.into_iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count();
    assert!(accepted > 0);
    let (journal, _) = open(&config).await.unwrap();
    assert_eq!(journal.status().deliveries_unapplied, accepted as u64);
    drop(folder);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_not_touched() {
    let room = Room::new().await;
    let mut beside = room.beside().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (900, 'from the future', 1, x'00', 0)";
    sqlx::query(newer).execute(&mut beside).await.unwrap();
    beside.close().await.unwrap();
    let Room { journal, config, folder, .. } = room;
    journal.close().await;
    let before = std::fs::read(file(&config)).unwrap();
    let refused = open(&config).await.err().unwrap();
    assert!(matches!(refused, OpenError::NewerSchema { found: 900, known: 11, .. }), "{refused}");
    assert_eq!(std::fs::read(file(&config)).unwrap(), before);
    drop(folder);
}

#[tokio::test]
async fn what_is_no_journal_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("foreign.db");
    let options = SqliteConnectOptions::new().filename(&foreign).create_if_missing(true);
    let mut other = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE customer (id INTEGER)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let garbage = folder.path().join("garbage.db");
    std::fs::write(
        &garbage,
        "this is a text file, long enough to be taken for a database header\n".repeat(100),
    )
    .unwrap();
    for path in [foreign, garbage] {
        let before = std::fs::read(&path).unwrap();
        let config = Config {
            place: Place::File(path.clone()),
            retention: Duration::from_secs(1),
            archive: None,
            queue: 8,
        };
        let refused = open(&config).await.err().unwrap();
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
        assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}

#[tokio::test]
async fn a_damaged_page_is_found_at_the_start() {
    let room = Room::new().await;
    for index in 0..200 {
        room.journal.record_delivery(delivery(&format!("alert-{index}"))).await.unwrap();
    }
    let Room { journal, config, folder, .. } = room;
    journal.close().await;
    let mut bytes = std::fs::read(file(&config)).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xab);
    std::fs::write(file(&config), bytes).unwrap();
    let refused = open(&config).await.err().unwrap();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    drop(folder);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let occupied = folder.path().join("a-folder");
    std::fs::create_dir(&occupied).unwrap();
    for path in [file.join("journal.db"), occupied] {
        let config =
            Config { place: Place::File(path), retention: Duration::from_secs(1), archive: None, queue: 8 };
        let refused = open(&config).await.err().unwrap();
        assert!(matches!(refused, OpenError::NotWritable { .. }), "{refused}");
        assert!(refused.to_string().contains("--storage.path"), "{refused}");
    }
}
