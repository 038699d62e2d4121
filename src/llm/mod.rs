//! What leaves the host for a language model, and what comes back from it.
//!
//! Leaving: [`redact`] takes secrets out of every text, and e-mail addresses and network addresses where
//! that is configured, and puts placeholders in their places. Coming back: [`redact::Session::restore`] puts
//! the addresses back; secrets stay out. [`limits`] bounds what it may cost, and [`Schema`] what an answer is.

pub mod limits;
pub mod redact;
mod schema;

pub use limits::Usage;
pub use schema::Schema;
