//! The client of a language model that speaks OpenAI's API, and what leaves the host for it.
//!
//! [`Client`] asks for one answer of a schema ([`Request`], [`Completion`]), hands its pieces on as they come, or
//! takes one turn of a conversation with tools ([`Conversation`], [`Turn`]). Every text is redacted before
//! it is sent ([`redact`]); time, size, number and cost are bounded ([`limits`]); whatever goes wrong is an
//! [`LlmError`] at once, and the caller has a plain answer of its own. It never tries again, acts on
//! nothing, and believes nothing: what comes back has the form asked for, and that is all. [`claims`]
//! strikes every sentence of it that says what the evidence does not.

mod answer;
mod cache;
pub mod claims;
mod client;
mod config;
mod deltas;
mod error;
mod excerpt;
mod gate;
pub mod limits;
mod lines;
pub mod redact;
mod request;
mod schema;
mod spending;
mod transport;
mod wire;

use answer::Answer;
pub use answer::MAX_CALLS;
pub use client::{Client, Settings, Sink};
pub use config::{Config, Effort, is_exposed};
pub use error::{Cut, LlmError};
pub use limits::Usage;
pub use request::{Call, Completion, Conversation, Digest, Entry, Message, Reply, Request, Role, Tool, Turn};
pub use schema::Schema;
