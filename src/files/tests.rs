//! Files that answer, that do not, and that answer again.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::time::Instant;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;
use crate::model::SecretSource;

/// A file that answers once somebody writes to it, as one on a dead share does once that is back.
fn silent(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("silent");
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    path
}

/// Lets it answer.
fn answer(path: &Path, text: &str) {
    OpenOptions::new().write(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn threads_for_files() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let name = |task: io::Result<fs::DirEntry>| fs::read_to_string(task.unwrap().path().join("comm"));
    tasks.filter_map(|task| name(task).ok()).filter(|name| name.trim() == "file").count()
}

#[tokio::test]
async fn a_file_that_does_not_answer_holds_nobody_and_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let path = silent(&folder);
    let begun = Instant::now();
    let many = futures::future::join_all((0..200).map(|_| read(&path))).await;
    assert!(many.iter().all(|read| read.as_ref().unwrap_err().kind() == ErrorKind::TimedOut));
    assert!(begun.elapsed() < PATIENCE * 2, "they wait together: {:?}", begun.elapsed());
    assert_eq!(reads().get(&path).map(|read| read.late), Some(true));

    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(read(&path).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(read_blocking(&path).unwrap_err().kind(), ErrorKind::TimedOut);
    }
    assert!(begun.elapsed() < PATIENCE / 4, "what is known not to answer is not waited for");
    assert!(threads_for_files() < 20, "{}", threads_for_files());

    answer(&path, "too late");
    let gone = async {
        while reads().contains_key(&path) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, gone).await.expect("the read ends once the file answers");
    let (late, ()) = tokio::join!(read(&path), async { answer(&path, "in time") });
    assert_eq!(late.unwrap(), b"in time", "once it answers again, it is read again");
}

#[test]
fn whoever_may_block_waits_no_longer_either() {
    let folder = tempfile::tempdir().unwrap();
    let path = silent(&folder);
    let begun = Instant::now();
    let error = secret_blocking(&SecretSource::File(path.clone())).unwrap_err().to_string();
    assert!(begun.elapsed() < PATIENCE * 2);
    let expected = format!("cannot read the secret file {}: it does not answer within 2 s", path.display());
    assert!(error.starts_with(&expected), "{error}");
    answer(&path, "");
}

#[tokio::test]
async fn a_secret_is_what_its_source_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    for (bytes, expected, sentence) in [
        (&b"s3cret\n"[..], Ok("s3cret"), "the newline is no part of it"),
        (b" \n", Err("is empty"), "white space is none"),
        (b"\xff", Err("is not UTF-8 text"), "bytes are none"),
    ] {
        fs::write(&path, bytes).unwrap();
        let source = SecretSource::File(path.clone());
        let read = [secret(&source).await, secret_blocking(&source)];
        for read in read.map(|read| read.map_err(|error| error.to_string())) {
            match (&read, expected) {
                (Ok(secret), Ok(expected)) => assert_eq!(secret.expose(), expected, "{sentence}"),
                (Err(error), Err(expected)) => assert!(error.ends_with(expected), "{sentence}: {error}"),
                other => panic!("{sentence}: {other:?}"),
            }
        }
    }
    let missing = read_blocking(&folder.path().join("missing")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let long = folder.path().join("long");
    File::create(&long).unwrap().set_len(MAX_BYTES + 1).unwrap();
    assert_eq!(read(&long).await.unwrap_err().kind(), ErrorKind::FileTooLarge);
    assert!(secret(&SecretSource::Environment("SMARTCLOUDOPS_UNSET".into())).await.is_err());
}
