//! What is taken out, what stays, and what holds for any text.

mod addresses;
mod conversation;
mod ordinary;
mod properties;
mod prose;
mod secrets;

use super::{Config, Redactor, Session};

/// Takes out all that can be configured.
pub fn everything() -> Session {
    Redactor::new(&Config { emails: true, addresses: true, patterns: Vec::new() }).session()
}

/// Takes out secrets only, as by default.
pub fn by_default() -> Session {
    Redactor::new(&Config::default()).session()
}
