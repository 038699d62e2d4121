//! Alert → plan, or a named reason why not. Pure: no I/O, no clock.
//!
//! [`Engine`] is the core of remediation: it takes changes of episodes, reports and the time, and gives
//! commands. [`policy`] makes plans, [`guards`] hold them back, [`template`] keeps untrusted text data.

mod action;
mod config;
mod engine;
pub mod guards;
pub mod policy;
#[cfg(test)]
mod samples;
pub mod template;

pub use action::ActionTemplate;
pub use config::{Config, ConfirmWith, Mode, Policy, Step, Storm, Target, VerifyTemplate};
pub use engine::{Command, Confirmation, Engine, Presence, Report, Restored};
