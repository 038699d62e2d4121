//! Loop 1: Prometheus → detectors → exporter. One of the two places that wait and read the clock.

mod config;

pub use config::{Config, Query};
