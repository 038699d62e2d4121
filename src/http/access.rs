//! Everything that decides who gets in, checked as a whole and swapped as a whole on reload.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use tokio::time::Instant;
use tokio_rustls::rustls::ServerConfig;

use super::authentication::{Gate, Refusal};
use super::config::Config;
use super::error::{ApiError, ErrorKind};
use super::identity::{Identity, IdentityKind, Scopes};
use super::origin::{FOREIGN_HOST, FOREIGN_ORIGIN, has_foreign_host, is_cross_origin};
use super::rate_limit::Bucket;
use super::tokens::Tokens;
use super::users::Users;
use super::web_config::{WebConfig, WebConfigError};
use crate::model::SecretError;

/// Why the settings that decide who gets in are not used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Anybody who reaches the address could do everything.
    #[error(
        "refusing to listen on {0}, beyond loopback, where nobody has to authenticate: configure web.tokens, \
         or basic_auth_users or RequireAndVerifyClientCert in the web configuration file, or listen on \
         127.0.0.1, or set web.allow_unauthenticated: true"
    )]
    Unauthenticated(String),
    /// The web configuration file cannot be used.
    #[error(transparent)]
    WebConfig(#[from] WebConfigError),
    /// A token's secret cannot be read.
    #[error("the token '{name}': {source}")]
    Token {
        /// The token's name.
        name: String,
        /// Why.
        source: SecretError,
    },
    /// Two tokens cannot be told apart.
    #[error("the tokens '{first}' and '{second}' have the same secret; give each its own")]
    SameToken {
        /// One token's name.
        first: String,
        /// The other's.
        second: String,
    },
    /// The operating system gave no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
}

/// How a route is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// By anybody: it holds no data.
    Open,
    /// By anybody, as often as the rate limit allows: the route itself checks a signature.
    Signed,
    /// With credentials.
    Guarded,
}

/// The checked settings of one moment.
pub(super) struct Access {
    /// TLS for new connections; `None` is plain HTTP.
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// Whether the handshake lets only verified client certificates through.
    pub(super) verifies_clients: bool,
    /// Headers set on every response.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    gate: Gate,
    bucket: Option<Bucket>,
    /// Refuse host names that DNS could have pointed here.
    guards_host: bool,
}

impl Access {
    /// Reads the web configuration file, its certificates and every token's secret.
    pub(super) fn build(config: &Config, on_loopback: bool) -> Result<Self, AccessError> {
        let web = config.web_config_file.as_deref().map(WebConfig::load).transpose()?.unwrap_or_default();
        let gate = Gate::new(Tokens::read(&config.tokens)?, Users::new(web.users)?, web.verifies_clients);
        if gate.is_open() && !on_loopback {
            if !config.allow_unauthenticated {
                return Err(AccessError::Unauthenticated(config.listen_address.clone()));
            }
            tracing::warn!(address = %config.listen_address, "anybody who reaches this address may do everything");
        }
        Ok(Self {
            tls: web.tls,
            verifies_clients: web.verifies_clients,
            headers: web.headers,
            guards_host: gate.is_open() && on_loopback && !config.allow_unauthenticated,
            gate,
            bucket: web.rate_limit.map(|limit| Bucket::new(limit, Instant::now())),
        })
    }

    /// Who sends this request, or why it goes no further. Whoever needs no credentials may do nothing by their name.
    pub(super) async fn admit(&self, parts: &Parts, door: Door) -> Result<Identity, Refusal> {
        if door == Door::Open {
            return Ok(Identity::anonymous(Scopes::NONE));
        }
        if self.bucket.as_ref().is_some_and(|bucket| !bucket.take(Instant::now())) {
            let sentence = "too many requests; the web configuration file's rate_limit is reached";
            return Err(ApiError::new(ErrorKind::Unavailable, sentence).into());
        }
        if door == Door::Signed {
            return Ok(Identity::anonymous(Scopes::NONE));
        }
        if self.guards_host && has_foreign_host(&parts.uri, &parts.headers) {
            return Err(ApiError::new(ErrorKind::Forbidden, FOREIGN_HOST).into());
        }
        let identity = self.gate.identify(parts).await?;
        let no_browser = identity.kind == IdentityKind::Token;
        if !no_browser && is_cross_origin(&parts.method, &parts.uri, &parts.headers) {
            return Err(ApiError::new(ErrorKind::Forbidden, FOREIGN_ORIGIN).into());
        }
        Ok(identity)
    }
}
