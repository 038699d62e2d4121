//! The client of Prometheus's HTTP API, and of everything that speaks it.
//!
//! [`Client`] asks; `range` cuts long ranges into requests that a server accepts; `decode` and `shape`
//! turn JSON straight into an [`Answer`]; `merge` puts the answers together; [`Pieces`] reads a range too long
//! for memory. It only reads: nothing here writes
//! to a Prometheus.

mod answer;
mod client;
mod config;
mod decode;
mod merge;
mod pieces;
mod range;
mod rules;
mod shape;
mod targets;

pub use answer::{Answer, Found, LabelText};
pub use client::{BuildInfo, Client};
pub use config::Config;
pub use decode::{instant as read_instant, range as read_range};
pub use pieces::{Piece, Pieces, Plan};
pub use rules::{AlertRule, Rule};
pub use targets::ScrapeTarget;

pub use crate::http_client::BuildError;
/// Why a query brought no answer.
pub use crate::http_client::RequestError as QueryError;
