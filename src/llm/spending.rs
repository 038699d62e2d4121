//! What was spent, in memory and on disk, so that a daemon that starts again and again does not spend its
//! budget again and again.
//!
//! It is written before a request is sent and after it was answered: a small file beside the journal, put in
//! place as a whole. Where it cannot be read or written the daemon says so and goes on with what it knows.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::limits::{Ledger, Limits, Money, Reservation, Spent};
use super::{Config, Usage};

/// The file in the storage folder.
const FILE: &str = "llm_spending.json";
/// Largest file that is read, in bytes; a full ledger has some 5 KiB.
const MAX_FILE: u64 = 64 << 10;

/// The ledger, and where it is kept.
pub(super) struct Spending {
    ledger: Mutex<Ledger>,
    file: Option<PathBuf>,
    /// Held while writing, so that the newest state is what stays.
    writing: tokio::sync::Mutex<()>,
}

impl Spending {
    /// Goes on from what was written down in this folder; without one, from nothing.
    pub fn open(folder: Option<&Path>) -> Self {
        let file = folder.map(|folder| folder.join(FILE));
        let ledger = file.as_deref().and_then(|file| {
            read(file).unwrap_or_else(|error| {
                tracing::warn!(file = %file.display(), %error, "what the language model has cost is not known; it counts from now");
                None
            })
        });
        Self { ledger: Mutex::new(ledger.unwrap_or_default()), file, writing: tokio::sync::Mutex::default() }
    }

    /// Reserves the most a request can cost, durably.
    pub async fn reserve(&self, config: &Config, usage: Usage) -> Result<Reservation, Spent> {
        let now = SystemTime::now().into();
        let reservation = self.lock().reserve(&config.limits, &config.prices, usage, now)?;
        self.write().await;
        Ok(reservation)
    }

    /// Puts in its place what it did cost, and says what that is.
    pub async fn settle(&self, config: &Config, reserved: Reservation, actual: Usage) -> Money {
        let cost = self.lock().settle(reserved, actual, &config.prices);
        self.write().await;
        cost
    }

    /// How many requests and tokens are left of the limits of a day.
    pub fn left(&self, limits: &Limits) -> (u64, u64) {
        self.lock().left(limits, SystemTime::now().into())
    }

    async fn write(&self) {
        let Some(file) = self.file.clone() else { return };
        let _turn = self.writing.lock().await;
        let text = serde_json::to_vec(&*self.lock()).expect("a ledger has nothing that JSON lacks");
        let written = tokio::task::spawn_blocking(move || replace(&file, &text)).await;
        let result = written.unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Err(error) = result {
            tracing::warn!(%error, "what the language model has cost cannot be written down; after a restart it counts anew");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None`: nothing was written down yet.
fn read(file: &Path) -> io::Result<Option<Ledger>> {
    let length = match std::fs::metadata(file) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if length > MAX_FILE {
        return Err(io::Error::other("it is too large to be one of ours"));
    }
    Ok(Some(serde_json::from_slice(&std::fs::read(file)?)?))
}

/// No `fsync`: it has to outlive the process, and whoever pulls the plug does not do so in a loop.
fn replace(file: &Path, text: &[u8]) -> io::Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, text)?;
    std::fs::rename(&new, file)
}

#[cfg(test)]
mod tests {
    use super::super::limits::Budget;
    use super::*;

    const SMALL: Usage = Usage { input: 60, output: 40 };

    fn config(tokens_per_day: u64) -> Config {
        Config { limits: Limits { tokens_per_day, ..Limits::default() }, ..Config::new("m") }
    }

    #[tokio::test]
    async fn a_restart_renews_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(250);
        for expected in [true, true, false, false] {
            let spending = Spending::open(Some(folder.path()));
            let reserved = spending.reserve(&config, SMALL).await;
            assert_eq!(reserved.is_ok(), expected, "{reserved:?}");
        }
    }

    #[tokio::test]
    async fn what_was_settled_is_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let spending = Spending::open(Some(folder.path()));
        let reserved = spending.reserve(&config(100), SMALL).await.unwrap();
        assert_eq!(
            spending.settle(&config(100), reserved, Usage { input: 1, output: 1 }).await,
            Money::default()
        );
        let again = Spending::open(Some(folder.path()));
        assert_eq!(again.reserve(&config(101), SMALL).await.unwrap_err().budget, Budget::Tokens);
        assert!(again.reserve(&config(102), SMALL).await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_is_none_of_ours_and_a_folder_that_is_not_there_stop_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{", "[]", "{\"minute\":{\"spent\":[[9223372036854775807,18446744073709551615]]}}"] {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            assert!(Spending::open(Some(folder.path())).reserve(&config(100), SMALL).await.is_ok(), "{text}");
        }
        std::fs::write(folder.path().join(FILE), "x".repeat(MAX_FILE as usize + 1)).unwrap();
        assert!(Spending::open(Some(folder.path())).reserve(&config(100), SMALL).await.is_ok());
        let missing = Spending::open(Some(&folder.path().join("missing")));
        assert!(missing.reserve(&config(100), SMALL).await.is_ok());
        assert!(Spending::open(None).reserve(&config(100), SMALL).await.is_ok());
    }
}
