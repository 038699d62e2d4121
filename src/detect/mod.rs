//! Detectors: a sample in, a score out. Pure: no I/O, no clock, no randomness; a score depends on the
//! past alone.

mod config;

pub use config::Config;
