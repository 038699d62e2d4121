//! The file: a header of 24 bytes, then the payload.
//!
//! Little-endian: magic (8 bytes), format (4), CRC-32 of the payload and the length (4), length of the
//! payload (8). The length is checked as well as the sum, so that a cut is told from a flipped bit.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::SnapshotError;
use crate::model::Timestamp;

/// What every snapshot begins with.
const MAGIC: [u8; 8] = *b"scosnap\n";
/// The format this version reads and writes: another one whenever a stored state changes its shape.
pub const FORMAT: u32 = 3;
/// Bytes before the payload.
pub(super) const HEADER: usize = 24;

/// Replaces the snapshot at `path`, durably: once it returns, a power cut does not undo it. The folder must
/// exist. Only one writer at a time may write to a path.
pub fn write(path: &Path, payload: &[u8]) -> Result<(), SnapshotError> {
    let temporary = beside(path, ".tmp");
    replace(path, &temporary, payload).map_err(|source| {
        // What is left of a failed attempt is of no use; that it cannot be removed adds nothing.
        let _ = fs::remove_file(&temporary);
        SnapshotError::Io { path: path.to_owned(), doing: "written", source }
    })
}

fn replace(path: &Path, temporary: &Path, payload: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(temporary)?;
    file.write_all(&header(payload))?;
    file.write_all(payload)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)?;
    sync_folder(path)
}

/// The payload of the snapshot at `path`; `None` if there is no file. What a crashed writer left
/// beside it is not looked at.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, SnapshotError> {
    let mut content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SnapshotError::Io { path: path.to_owned(), doing: "read", source }),
    };
    unseal(&content).map_err(|fault| match fault {
        Fault::Damaged(reason) => SnapshotError::Damaged { path: path.to_owned(), reason },
        Fault::Version(found) => SnapshotError::UnsupportedVersion { path: path.to_owned(), found },
    })?;
    content.drain(..HEADER);
    Ok(Some(content))
}

/// Renames the snapshot to `<name>.damaged-<milliseconds>`, so that a new one can take its place and the
/// old one can be looked at. Answers the new path.
pub fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, SnapshotError> {
    let aside = beside(path, &format!(".damaged-{}", now.as_millis()));
    let renamed = fs::rename(path, &aside).and_then(|()| sync_folder(path));
    match renamed {
        Ok(()) => Ok(aside),
        Err(source) => Err(SnapshotError::Io { path: path.to_owned(), doing: "set aside", source }),
    }
}

/// Why content is no snapshot that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Damaged(&'static str),
    Version(u32),
}

/// A payload with its header.
pub(super) fn seal(payload: &[u8]) -> Vec<u8> {
    [&header(payload), payload].concat()
}

/// The payload, if header and payload are what was written.
pub(super) fn unseal(content: &[u8]) -> Result<&[u8], Fault> {
    let split = content.split_at_checked(HEADER);
    let (header, payload) = split.ok_or(Fault::Damaged("it is shorter than its header"))?;
    if header[..8] != MAGIC {
        return Err(Fault::Damaged("it does not begin as a snapshot does"));
    }
    let found = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
    if found != FORMAT {
        return Err(Fault::Version(found));
    }
    if header[16..] != (payload.len() as u64).to_le_bytes() {
        return Err(Fault::Damaged("its length is not the one it says it has"));
    }
    if header[12..16] != sum(payload).to_le_bytes() {
        return Err(Fault::Damaged("its checksum does not match"));
    }
    Ok(payload)
}

fn header(payload: &[u8]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    header[12..16].copy_from_slice(&sum(payload).to_le_bytes());
    header[16..].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    header
}

fn sum(payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&(payload.len() as u64).to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Makes a rename durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
