//! The client of Prometheus's HTTP API, and of everything that speaks it.

mod config;

pub use config::Config;
