//! The journal in PostgreSQL, for replicas that share it.
//!
//! Every transaction that writes holds the chain's end from its first statement on, so that replicas write
//! one after the other and numbers are given in the order in which they become visible. One replica leads:
//! the one whose writing connection holds an advisory lock, which PostgreSQL releases when that connection
//! ends, however it ends. What only the leader may do is refused in the transaction of any other.

mod connection;
mod leading;
mod open;

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::files;
use crate::model::SecretSource;

pub(super) use open::{open, verify};

/// A statement that takes longer has failed; the connection is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which database, and the password if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Database {
    /// `postgres://user@host:5432/database?sslmode=verify-full`, without a password.
    pub url: Url,
    /// The password, read whenever a connection is made.
    pub password: Option<SecretSource>,
}

/// What a session may be asked to wait for, by PostgreSQL itself: a replica that stands still in a transaction,
/// or leads and does nothing, must not hold up the others for ever.
const LIMITS: [(&str, &str); 7] = [
    ("statement_timeout", "8s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("idle_session_timeout", "15s"),
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
];

impl Database {
    /// How the connection is made that writes.
    async fn writer_options(&self) -> Result<PgConnectOptions, String> {
        Ok(self.options().await?.options(LIMITS))
    }

    /// How the connections are made that cannot write.
    async fn reader_options(&self) -> Result<PgConnectOptions, String> {
        let read_only = [("default_transaction_read_only", "on"), ("statement_timeout", "8s")];
        Ok(self.options().await?.options(read_only))
    }

    async fn options(&self) -> Result<PgConnectOptions, String> {
        use sqlx::ConnectOptions;
        let options = PgConnectOptions::from_url(&self.url).map_err(|error| error.to_string())?;
        let options = options.application_name("smartcloudops").disable_statement_logging();
        match &self.password {
            None => Ok(options),
            Some(password) => {
                let secret = files::secret(password).await.map_err(|error| error.to_string())?;
                Ok(options.password(secret.expose()))
            }
        }
    }
}
