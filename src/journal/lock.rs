//! The folder, the file and the lock of a journal that is a file.
//!
//! The lock is `flock` on `<path>.lock`: the kernel releases it when the process ends, however it
//! ends. The lock file itself stays, because deleting it would let two processes lock two files.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::OpenError;

/// How often and how long an opener waits for the one before it, which may be closing just now.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Held while the journal is open.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Creates the folder (mode 0700) if it is missing, and locks the journal for this process.
    pub async fn acquire(path: &Path) -> Result<Self, OpenError> {
        create_folder(path)?;
        let lock_path = lock_path(path);
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path);
        let mut file = open.map_err(|source| not_writable(&lock_path, source))?;
        for attempt in 1.. {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::WOULDBLOCK) if attempt < ATTEMPTS => tokio::time::sleep(PAUSE).await,
                Err(Errno::WOULDBLOCK) => return Err(in_use(path, &mut file)),
                Err(error) => return Err(not_writable(&lock_path, error.into())),
            }
        }
        write_holder(&mut file).map_err(|source| not_writable(&lock_path, source))?;
        Ok(Self { _file: file })
    }
}

/// Creates the file (mode 0600) if it is missing, and makes its name durable.
pub(super) fn create_file(path: &Path) -> Result<(), OpenError> {
    let refuse = |source| not_writable(path, source);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(refuse)?;
    if file.metadata().map_err(refuse)?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600)).map_err(refuse)?;
    }
    File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(refuse)
}

fn create_folder(path: &Path) -> Result<(), OpenError> {
    let folder = folder(path);
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.map_err(|source| not_writable(folder, source))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn write_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())
}

fn in_use(path: &Path, file: &mut File) -> OpenError {
    let mut holder = String::new();
    let read = file.take(20).read_to_string(&mut holder);
    if read.is_err() || holder.is_empty() {
        holder = "(unknown)".to_owned();
    }
    OpenError::AlreadyOpen { path: path.to_owned(), holder }
}

fn not_writable(path: &Path, source: io::Error) -> OpenError {
    OpenError::NotWritable { path: path.to_owned(), source }
}
