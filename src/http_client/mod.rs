//! How to reach an HTTP server, with the settings Prometheus users know: basic auth, bearer, TLS, headers.
//!
//! [`build()`] makes the client of one server, [`authorize()`] adds the secrets to one request, and [`Api`]
//! asks a JSON API with everything a daemon needs around it: time-out, size limit, bounded
//! concurrency, retries, typed errors, metrics. What changes the server's state is sent once. It refuses to carry credentials to another host and to
//! print a secret.

mod answer;
mod api;
mod build;
mod config;
mod credentials;
mod error;
mod retry;
mod retry_after;
mod signature;

pub use api::{Api, Call, Decode, Limits, Order, OrderError};
pub use build::{BuildError, build, install_crypto_provider};
pub use config::{Authorization, BasicAuth, Config, TlsConfig};
pub use credentials::{CredentialsError, authorize};
pub use error::{RequestError, one_line};
pub use retry::backoff;
pub use retry_after::retry_after;
pub use signature::SigningKey;
