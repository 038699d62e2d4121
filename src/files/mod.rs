//! The small files that settings name: secrets, certificates, the configuration.
//!
//! A file may be on a share that does not answer, and nothing ends a read that the system does not end. So each read has
//! a thread of its own, which no runtime waits for when it ends; whoever asks for the same file meanwhile waits for the
//! same read; and nobody waits longer than [`PATIENCE`]. From then on, until the read ends after all, whoever asks is
//! told at once that the file does not answer.

mod secret;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

pub use secret::{secret, secret_blocking};

/// How long a file may take to be read: Slack, which waits the shortest, waits three seconds.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of a file: bundles of authorities, the largest by far, have less than one MiB.
const MAX_BYTES: u64 = 8 << 20;
/// Files that are read at once: more than a configuration names. Each holds a thread.
const MAX_READS: usize = 64;

/// Reads a file, in a bounded time. The error says what is wrong and leaves it to the caller to name the file.
pub async fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (sender, answer) = oneshot::channel();
    // Whoever has gone wants no answer.
    join(path, Box::new(move |read| drop(sender.send(read))))?;
    timeout(PATIENCE, answer).await.ok().and_then(Result::ok).unwrap_or_else(|| Err(give_up(path)))
}

/// [`read`], for those who may block: a start, a reload, a command.
pub fn read_blocking(path: &Path) -> io::Result<Vec<u8>> {
    let (sender, answer) = mpsc::sync_channel(1);
    join(path, Box::new(move |read| drop(sender.send(read))))?;
    answer.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(give_up(path)))
}

/// [`read_blocking`], of a file that has to be UTF-8.
pub fn read_text_blocking(path: &Path) -> io::Result<String> {
    read_blocking(path).and_then(text)
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::new(ErrorKind::InvalidData, "is not UTF-8 text"))
}

/// Takes what a read has come to.
type Waiting = Box<dyn FnOnce(io::Result<Vec<u8>>) + Send>;

/// A read under way.
struct Read {
    waiting: Vec<Waiting>,
    /// Somebody has given up on it.
    late: bool,
}

static READS: LazyLock<Mutex<HashMap<PathBuf, Read>>> = LazyLock::new(Mutex::default);

fn reads() -> MutexGuard<'static, HashMap<PathBuf, Read>> {
    READS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the read of this file that is under way, or begins one.
fn join(path: &Path, waiting: Waiting) -> io::Result<()> {
    let mut reads = reads();
    let under_way = reads.len();
    match reads.entry(path.to_owned()) {
        Entry::Occupied(read) if read.get().late => Err(unanswered()),
        Entry::Occupied(mut read) => {
            read.get_mut().waiting.push(waiting);
            Ok(())
        }
        Entry::Vacant(_) if under_way >= MAX_READS => {
            Err(io::Error::new(ErrorKind::ResourceBusy, format!("{MAX_READS} files do not answer already")))
        }
        Entry::Vacant(place) => {
            let path = path.to_owned();
            let work = move || finish(&path, bounded(&path));
            thread::Builder::new().name("file".to_owned()).spawn(work)?;
            place.insert(Read { waiting: vec![waiting], late: false });
            Ok(())
        }
    }
}

fn finish(path: &Path, read: io::Result<Vec<u8>>) {
    // Nobody joins any more from here on: what they are told is read after they have asked, or while they wait.
    let waiting = reads().remove(path).map(|read| read.waiting).unwrap_or_default();
    for waiting in waiting {
        waiting(read.as_ref().map(Vec::clone).map_err(same));
    }
}

fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it is larger than {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}

fn give_up(path: &Path) -> io::Error {
    if let Some(read) = reads().get_mut(path) {
        read.late = true;
    }
    unanswered()
}

fn unanswered() -> io::Error {
    let seconds = PATIENCE.as_secs();
    let text = format!("it does not answer within {seconds} s; is it on a share that is not there?");
    io::Error::new(ErrorKind::TimedOut, text)
}

/// The error once more: several may wait for it.
fn same(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests;
