//! Alert → plan, or a named reason why not. Pure: no I/O, no clock.
//!
//! [`Engine`] is the core of remediation: it takes changes of episodes, reports and the time, and gives
//! commands. [`policy`] makes plans, [`guards`] hold them back, [`autonomy`] says how much a policy has earned,
//! [`template`] keeps untrusted text data.

mod action;
mod attempts;
pub mod autonomy;
mod config;
mod digest;
mod effect;
mod engine;
mod finder;
pub mod guards;
mod hash;
pub mod lookups;
pub mod policy;
pub mod proof;
pub mod protected;
#[cfg(test)]
mod samples;
mod share;
pub mod template;
mod world;

pub use action::{
    ActionTemplate, AlertmanagerTemplate, AutoscalingTemplate, ContainerTemplate, DockerTemplate,
    Ec2Template, EscalationTemplate, InstanceTemplate, KubernetesTemplate, SilenceTemplate, SsmTemplate,
    SsmValue, SystemdTemplate,
};
pub use config::{Config, ConfirmWith, Mode, Policy, Step, Storm, Target, VerifyTemplate};
pub use effect::{EffectQuestion, Indicator, IndicatorQuestion, Probe, Watch};
pub use engine::{Command, Engine, Report, RequestError, Restored};
pub use lookups::Found;
pub use share::{AtMost, Group, Share, ShareError};
pub use world::{Confirmation, GroupQuestion, Members, Presence, Question, RuleHealth};
