//! `POST /mcp`: look-ups for clients of the Model Context Protocol.

use axum::routing::{MethodRouter, post_service};

use super::{Daemon, clock};
use crate::mcp;

/// Without sessions there is nothing to listen to and nothing to end, so that only `POST` is served.
pub(super) fn route(daemon: &Daemon) -> MethodRouter<Daemon> {
    post_service(mcp::service(daemon.lookups.clone(), clock))
}
