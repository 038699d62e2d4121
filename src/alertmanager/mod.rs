//! The client of Alertmanager's API, asked before anything is done about an alert.

mod config;

pub use config::Config;
