//! The durable record: deliveries, episodes, decisions and runs.

mod config;

pub use config::Config;
