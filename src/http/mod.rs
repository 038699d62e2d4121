//! The listener, authentication, limits and routes.
//!
//! [`Server`] owns the sockets: connection cap, header time-out, TLS, drain. Every request passes one
//! gate (`layers`): rate limit, authentication, origin check, body limits, then its route. Routes ask for a
//! scope with [`require`] and answer with [`Success`] or [`ApiError`]. Only HTTP/1.1 is spoken.

mod access;
mod access_log;
mod authentication;
mod certificates;
mod config;
mod connection;
mod error;
mod identity;
mod layers;
mod limits;
mod listener;
mod origin;
mod rate_limit;
mod routes;
mod server;
mod stall;
mod tls;
mod tokens;
mod users;
mod web_config;

pub use access::AccessError;
pub use config::{Config, Scope, Token};
pub use error::{ApiError, ErrorKind, Success};
pub use identity::{Identity, IdentityKind, Scopes, require, time_limit};
pub use routes::{Answerer, Daemon, ROUTES, Readiness, Reload, ReloadRequest, Slack, router};
pub use server::{BindError, Drain, Reloader, Server};
pub use web_config::WebConfigError;
