//! Webhook bytes → alerts → episodes. Pure: no I/O, no clock.
//!
//! [`parse`] reads a message of Alertmanager's webhook, [`Episodes`] tells what it changes. Both work on
//! single alerts: groups, common labels and group status say nothing that could be relied on.

mod episodes;
mod payload;

pub use episodes::Episodes;
pub use payload::{ParseError, parse};
