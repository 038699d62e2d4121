//! Carries out actions, each against a permit: nothing is done that was not written down first.
//!
//! An action is done once and never repeated here, but for a call that may be without harm. Its error says whether it happened: not started,
//! failed, or unknown. What it printed or answered is untrusted text, cut to a bound and cleaned; it
//! never reaches the log.

pub mod alertmanager;
#[cfg(feature = "aws")]
pub mod aws;
#[cfg(not(feature = "aws"))]
#[path = "aws/none.rs"]
mod aws;
pub mod command;
mod config;
pub mod docker;
pub mod http;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
#[cfg(not(feature = "kubernetes"))]
#[path = "kubernetes/none.rs"]
mod kubernetes;
pub mod lift;
mod looked_up;
mod occasion;
mod output;
#[cfg(any(feature = "aws", feature = "kubernetes"))]
mod poll;
mod process_group;
pub mod systemd;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::time::Instant;

use crate::alertmanager::Client as Alertmanager;
use crate::journal::Permit;
use crate::model::{ActError, ActReport, Action, AlertmanagerAction, Lookup};

pub use config::{AwsConfig, Config, DockerConfig, KubernetesConfig, SystemdConfig};
pub use occasion::Occasion;

use aws::Aws;

/// What bounds an action beside its own timeout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From TERM to KILL for a command that ran out of time. Default 5 s.
    pub kill_after: Duration,
    /// Bytes of the output of a command, here or on an instance, that are kept: half from its beginning,
    /// half from its end. Default 64 KiB.
    pub command_output: usize,
    /// Bytes of an HTTP answer's body that are read. Default 16 KiB.
    pub http_output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { kill_after: Duration::from_secs(5), command_output: 64 << 10, http_output: 16 << 10 }
    }
}

/// Carries out whatever the journal gives leave for. Clones share their settings.
#[derive(Clone)]
pub struct Actor {
    limits: Limits,
    aws: Arc<ArcSwap<Aws>>,
    config: Arc<ArcSwap<Config>>,
    alertmanager: Arc<ArcSwapOption<Alertmanager>>,
}

impl Actor {
    /// An actor whose actions keep within `limits`. `alertmanager`: the one that actions tell something.
    pub fn new(limits: Limits, config: Config, alertmanager: Option<Alertmanager>) -> Self {
        let aws = Arc::new(ArcSwap::from_pointee(Aws::new(config.aws.clone())));
        let alertmanager = Arc::new(ArcSwapOption::from_pointee(alertmanager));
        Self { limits, aws, config: Arc::new(ArcSwap::from_pointee(config)), alertmanager }
    }

    /// New settings, for actions that begin from now on. Clients whose settings stay the same are kept.
    pub fn reconfigure(&self, config: Config, alertmanager: Option<Alertmanager>) {
        if *self.aws.load().config() != config.aws {
            self.aws.store(Arc::new(Aws::new(config.aws.clone())));
        }
        self.config.store(Arc::new(config));
        self.alertmanager.store(alertmanager.map(Arc::new));
    }

    /// The id or the name of the one object that is meant. It only looks, so it takes no permit; the caller bounds its
    /// time.
    pub async fn look_up(&self, lookup: &Lookup) -> Result<String, String> {
        match lookup {
            Lookup::Instance(instance) => self.aws.load_full().instance_id(instance).await,
            Lookup::Container(container) => docker::name(container, &self.config.load_full().docker).await,
        }
    }

    /// Carries out the permit's action once, or what is left of one that was begun, and says what became of it. Dropping the future ends a
    /// command with KILL and closes a request's connection; the outcome is then unknown.
    pub async fn carry_out(&self, permit: Permit) -> Result<ActReport, ActError> {
        let (kind, run, step) = (permit.action().kind(), permit.run(), permit.step());
        let occasion = Occasion { run, step, since: permit.written() };
        tracing::info!(kind, %run, step, "action begins");
        let begun = Instant::now();
        let result = match permit.action() {
            Action::Command(action) => command::run(action, &self.limits).await,
            Action::Http(action) => http::send(action, &occasion, &self.limits).await,
            Action::Ec2(action) if permit.is_begun() => self.aws.load_full().ec2_finish(action).await,
            Action::Ec2(action) => self.aws.load_full().ec2(action).await,
            Action::Autoscaling(action) => self.aws.load_full().autoscaling(action).await,
            Action::Ssm(action) => self.aws.load_full().ssm(action, self.limits.command_output).await,
            Action::Kubernetes(action) => {
                kubernetes::carry_out(action, &self.config.load_full().kubernetes).await
            }
            Action::Systemd(action) => systemd::carry_out(action, &self.config.load_full().systemd).await,
            Action::Docker(action) => docker::carry_out(action, &self.config.load_full().docker).await,
            Action::Alertmanager(AlertmanagerAction::Silence(silence)) if permit.is_begun() => {
                let client = self.alertmanager.load_full();
                lift::carry_out(client.as_deref(), silence, &occasion, permit.silence()).await
            }
            Action::Alertmanager(action) => {
                alertmanager::carry_out(self.alertmanager.load_full().as_deref(), action, &occasion).await
            }
        };
        let duration_seconds = begun.elapsed().as_secs_f64();
        match &result {
            Ok(report) => {
                tracing::info!(kind, %run, step, duration_seconds, outcome = "accepted", summary = %report.summary, "action ended");
            }
            Err(error) => {
                tracing::warn!(kind, %run, step, duration_seconds, outcome = outcome(error), error = %error, "action ended");
            }
        }
        result
    }
}

/// The outcome's name in the log.
fn outcome(error: &ActError) -> &'static str {
    match error {
        ActError::NotStarted { .. } => "not_started",
        ActError::Failed { .. } => "failed",
        ActError::Unknown { .. } => "unknown",
    }
}
