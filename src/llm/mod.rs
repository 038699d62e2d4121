//! What leaves the host for a language model, and what comes back from it.
//!
//! Leaving: [`redact`] takes secrets out of every text, and e-mail addresses and network addresses where
//! that is configured, and puts placeholders in their places. Coming back: [`redact::Session::restore`] puts
//! the addresses back; secrets stay out.

pub mod redact;
