//! Every self-metric's name, help and label enum; one file per stage.

pub mod daemon;
pub mod http;
pub mod journal;
pub mod prometheus;
pub mod remediation;
pub mod scoring;
pub mod webhook;
