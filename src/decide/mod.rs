//! Alert → plan, or a named reason why not. Pure: no I/O, no clock.

mod config;
pub mod template;

pub use config::{ActionTemplate, Config, ConfirmWith, Mode, Policy, Step, Storm, Target, VerifyTemplate};
