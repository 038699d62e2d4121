//! What leaves the host for a language model, and what comes back from it.
//!
//! Leaving: [`redact`] takes secrets out of every text, and e-mail addresses and network addresses where
//! that is configured, and puts placeholders in their places. Coming back: [`claims`] strikes every
//! sentence that says what the evidence does not, and [`redact::Session::restore`] then puts the addresses
//! back; secrets stay out. Both are pure.

pub mod claims;
pub mod redact;
