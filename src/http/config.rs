//! Settings of the HTTP server.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::SecretSource;

/// Where it listens, who may come in, and how much of it there may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `host:port`. Default `127.0.0.1:9494`.
    pub listen_address: String,
    /// A file in exporter-toolkit's format: TLS, client certificates, bcrypt users. It is read again on reload.
    pub web_config_file: Option<PathBuf>,
    /// Bearer tokens with scopes.
    pub tokens: Vec<Token>,
    /// Lets it listen beyond loopback although nobody has to authenticate; otherwise it refuses to start. Default
    /// false.
    pub allow_unauthenticated: bool,
    /// Connections at once. Default 512.
    pub max_connections: usize,
    /// Until the request's headers are read. Default 10 s.
    pub header_timeout: Duration,
    /// Until the request's body is read. Default 30 s.
    pub body_timeout: Duration,
    /// The largest body of a request, in bytes; routes may have smaller bounds of their own. Default 16 MiB.
    pub max_body_bytes: usize,
    /// How long open requests may take once the daemon is told to stop. Default 10 s.
    pub drain_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen_address: "127.0.0.1:9494".to_owned(),
            web_config_file: None,
            tokens: Vec::new(),
            allow_unauthenticated: false,
            max_connections: 512,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            max_body_bytes: 16 << 20,
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// A bearer token.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Who uses it; appears in the access log and the journal.
    pub name: String,
    /// Where the token is.
    pub secret: SecretSource,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// What a caller may do. A user of the web configuration file may do everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Scores, metrics, alerts, the journal, explanations.
    Read,
    /// Deliver webhooks.
    Alerts,
    /// Ask questions.
    Chat,
    /// Reload, pause, resume, approve.
    Operate,
}
