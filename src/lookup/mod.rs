//! Read-only look-ups: what somebody may ask who answers questions, a language model or an MCP client.
//!
//! [`Lookup::parse`] makes a checked question of a name and JSON arguments, [`Lookups::run`] answers it with a
//! [`Finding`]: a title, lines of text, and how many were left out, at most 16 KiB. Only reading is possible here: no
//! look-up acts, and none waits on what scoring or remediation wait on. What a look-up says may quote text from outside
//! (labels, annotations, log lines), each on one line and cut: it is data to whoever reads it, never more.

mod alerts;
mod anomalies;
mod approvals;
mod arguments;
mod decisions;
mod description;
mod error;
mod explain;
mod finding;
mod logs;
mod lookups;
mod promql;
mod range;
mod remediations;
mod request;
mod rules;
mod targets;
#[cfg(test)]
mod tests;
mod why;

pub use description::Description;
pub use error::LookupError;
pub use finding::{Finding, MAX_FINDING};
pub use lookups::{Lookups, Sources};
pub use request::{Lookup, Name};
