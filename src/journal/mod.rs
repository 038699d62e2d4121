//! The durable record: deliveries, episodes, decisions and runs.

mod config;
mod permit;

pub use config::Config;
pub use permit::Permit;
