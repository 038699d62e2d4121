//! Look-ups for clients of the Model Context Protocol: editors, agents, desktop assistants.
//!
//! [`service`] speaks streamable HTTP without sessions: each request stands for itself, so that a client that comes and
//! goes leaves nothing behind, and any replica answers. The tools are the read-only look-ups of [`crate::lookup`]
//! and nothing else.

mod tools;

use std::sync::Arc;

use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::lookup::Lookups;
use crate::model::Timestamp;
pub use tools::Tools;

/// Bytes of one message.
const MAX_MESSAGE: usize = 64 * 1024;

/// The endpoint, for a router. Who may call and from which pages is the business of whoever serves it; `clock` is read
/// once for each look-up.
pub fn service(
    lookups: Lookups,
    clock: fn() -> Timestamp,
) -> StreamableHttpService<Tools, NeverSessionManager> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MAX_MESSAGE)
        .disable_allowed_hosts();
    let tools = Tools::new(lookups, clock);
    StreamableHttpService::new(move || Ok(tools.clone()), Arc::new(NeverSessionManager::default()), config)
}
