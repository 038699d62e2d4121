//! A restart: an instance that was stopped is started, whatever becomes of the wait for its stop.
//!
//! An instance that stays down is what nobody wants. The stop has two thirds of the time at most, and the start is
//! sent in what is left of it, again and again until EC2 takes it or refuses it for good: a second start changes
//! nothing. Where the daemon ends in between, whoever takes up the run does what is left.

use std::ops::ControlFlow;
use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::InstanceStateName;
use tokio::time::{Instant, timeout};

use crate::act::aws::{Aws, no_answer, outcome};
use crate::act::poll;
use crate::model::{ActError, ActReport, Ec2Action, Ec2Wait};

use super::{Changing, find, wait};

/// The part of the time that is kept for the start.
const KEPT: u32 = 3;
/// For one request to start; with no answer it is sent again.
const START: Duration = Duration::from_secs(20);
/// So long an instance is looked at that runs, though an earlier process was to restart it: what that process asked
/// for may still take effect.
const SETTLED: Duration = Duration::from_secs(30);

impl Changing<'_> {
    /// Stops it, and starts it again; accepted means that it was stopped and runs.
    pub(super) async fn restart(&self) -> Result<String, ActError> {
        let stop_by = self.deadline - self.action.timeout / KEPT;
        match self.by(stop_by, self.stop()).await {
            Ok(stopped) => self.bring_back(stopped, stop_by).await,
            Err(ActError::Unknown { reason, .. }) => {
                let stopped = format!("the stop may have been requested ({reason})");
                Err(doubtful(self.bring_back(stopped, stop_by).await))
            }
            Err(refused) => Err(refused),
        }
    }

    /// Waits until it has stopped, or for as long as it may, then starts it all the same.
    async fn bring_back(&self, stopped: String, stop_by: Instant) -> Result<String, ActError> {
        let seen = wait::seen(self.client, self.id, Ec2Wait::Stopped, stop_by).await;
        let stopped = match seen {
            Ok(Ok(())) => format!("{stopped}; EC2 says that {} is stopped", self.id),
            Ok(Err(end)) => return Err(outcome::unknown(format!("{stopped}, but of {} {end}", self.id))),
            Err(state) => format!("{stopped}; it was not seen in time that {} is stopped: {state}", self.id),
        };
        let started = self.start_again().await.map_err(|error| self.left_down(&stopped, error))?;
        let wait = self.action.wait.unwrap_or(Ec2Wait::Running);
        self.wait(format!("{stopped}; {started}"), Some(wait)).await
    }

    async fn start_again(&self) -> Result<String, ActError> {
        let begun = poll::until(self.deadline, || async {
            match timeout(START, self.start()).await {
                Ok(Ok(started)) => Ok(ControlFlow::Break(Ok(started))),
                Ok(Err(ActError::Failed { report })) if outcome::may_pass(&report.summary) => {
                    Err(report.summary)
                }
                Ok(Err(ActError::NotStarted { reason } | ActError::Unknown { reason, .. })) => Err(reason),
                Ok(Err(error)) => Ok(ControlFlow::Break(Err(error))),
                Err(_) => Err(no_answer(START)),
            }
        });
        begun.await.unwrap_or_else(|seen| Err(outcome::unknown(seen)))
    }

    /// What went wrong after the instance was stopped: nobody may take that for nothing.
    fn left_down(&self, stopped: &str, error: ActError) -> ActError {
        tracing::error!(instance = self.id, %error, "an instance was stopped for a restart and may be down");
        match error {
            ActError::Failed { report } => {
                let summary = format!("{stopped}; {} was not started again: {}", self.id, report.summary);
                ActError::Failed { report: ActReport { summary, ..report } }
            }
            other => {
                outcome::unknown(format!("{stopped}; {} may not have been started again: {other}", self.id))
            }
        }
    }
}

/// A start does nothing to an instance that has never stopped, so it proves no restart.
fn doubtful(result: Result<String, ActError>) -> ActError {
    match result {
        Ok(summary) => outcome::unknown(format!("whether it was restarted is not known: {summary}")),
        Err(error) => error,
    }
}

/// The instance that is down, or why there is none.
type Found = Result<(Client, String), String>;

impl Aws {
    /// Brings a restart to its end that an earlier process has begun, of whose end nothing is written: an instance
    /// that is found stopped, or stopping, is started. One that runs is left alone, and it is not known whether it
    /// was restarted. Never says that nothing was done.
    pub async fn ec2_finish(&self, action: &Ec2Action) -> Result<ActReport, ActError> {
        let begun = Instant::now();
        let (deadline, settled) = (begun + action.timeout, begun + SETTLED.min(action.timeout / KEPT));
        let found = poll::until(deadline, || self.look_for_stopped(action, settled)).await;
        let found = found.unwrap_or_else(|seen| {
            tracing::error!(instance = %action.instance, seen, "a restart that the daemon left unfinished cannot be finished");
            Err(format!("{} may be down: {seen}", action.instance))
        });
        let (client, id) = found.map_err(|seen| {
            outcome::unknown(format!(
                "the daemon ended in the middle of it, and nothing was done since: {seen}"
            ))
        })?;
        let changing = Changing { client: &client, id: &id, action, deadline };
        let stopped = format!("the daemon ended in the middle of it, and {id} was found down");
        let summary = changing.bring_back(stopped, deadline - action.timeout / KEPT).await?;
        Ok(ActReport { summary, output: String::new() })
    }

    async fn look_for_stopped(
        &self,
        action: &Ec2Action,
        settled: Instant,
    ) -> Result<ControlFlow<Found, String>, String> {
        let client = self.ec2_client().await?;
        let instance = find::only_one(&client, &action.decided_on()).await?;
        let state = instance.state().and_then(|state| state.name());
        let state = state.ok_or_else(|| format!("EC2 does not say the state of {}", action.instance))?;
        let id = find::check_state(&instance, state, &action.decided_on())?;
        let seen = format!("{id} is {}", state.as_str());
        Ok(match state {
            InstanceStateName::Stopped | InstanceStateName::Stopping => ControlFlow::Break(Ok((client, id))),
            InstanceStateName::Pending | InstanceStateName::Running if Instant::now() < settled => {
                ControlFlow::Continue(seen)
            }
            _ => ControlFlow::Break(Err(seen)),
        })
    }
}
