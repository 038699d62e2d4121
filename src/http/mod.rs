//! The listener, authentication, limits and routes.

mod config;

pub use config::{Config, Scope, Token};
