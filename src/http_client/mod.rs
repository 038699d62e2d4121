//! How to reach an HTTP server, with the settings Prometheus users know: basic auth, bearer, TLS, headers.

mod config;

pub use config::{Authorization, BasicAuth, Config, TlsConfig};
