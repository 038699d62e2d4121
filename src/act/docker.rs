//! Acts on a container of this host's engine (Docker, or what speaks its API), over the engine's socket.
//!
//! The engine answers once it is done, and what it says is not taken for it: the container's state is looked at
//! before and after.

mod engine;
mod own;

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::model::{ActError, ActReport, ContainerLookup, DockerAction, DockerOperation, format_duration};

use super::DockerConfig;
use super::looked_up;
use super::output::printable;
use engine::{Engine, EngineError, State};

pub use own::containers_of as own_containers_of;

/// Bytes of what the engine says.
const MAX_MESSAGE: usize = 300;
/// How long one request may take where nothing is done.
const LOOK: Duration = Duration::from_secs(10);
/// What share of the time is kept for the last look.
const FOR_THE_LOOK: u32 = 5;

/// Has the engine do it and looks at the container. Until the request is on its way every failure means not
/// started; a refusal, or a container that is not as it should be then, is a failure. If no answer comes,
/// the container's state decides, and what it does not show is unknown. Accepted means that it was seen.
pub async fn carry_out(action: &DockerAction, config: &DockerConfig) -> Result<ActReport, ActError> {
    let begun = Instant::now();
    let deadline = begun + action.timeout;
    let prepared = within(begun + action.timeout / 2, prepare(action, config)).await;
    let prepared = prepared.and_then(|found| found.map_err(|error| error.to_string()));
    let (engine, before) = prepared.map_err(|reason| ActError::NotStarted { reason: one_line(&reason) })?;
    let answer = within(deadline - action.timeout / FOR_THE_LOOK, engine.change(action, &before.id)).await;
    let silence = match answer {
        Ok(Ok(())) => None,
        Ok(Err(EngineError::Refused(reason))) => {
            return Err(failed(format!("the engine did not {}: {reason}", what(action, &before))));
        }
        Ok(Err(EngineError::Lost(reason))) | Err(reason) => Some(reason),
    };
    let after = within(deadline, engine.state(&before.id)).await;
    let after = after.and_then(|state| state.map_err(|error| error.to_string()));
    judge(action, &before, silence, after)
}

/// The name of the only container that is meant, else a sentence. Looks only.
pub async fn name(container: &ContainerLookup, config: &DockerConfig) -> Result<String, String> {
    let found = only_one(container, config, LOOK).await;
    found.map(|(_, state)| state.name).map_err(|reason| one_line(&reason))
}

/// The engine and the only container that is meant.
async fn only_one(
    container: &ContainerLookup,
    config: &DockerConfig,
    time: Duration,
) -> Result<(Engine, State), String> {
    let engine = Engine::connect(&config.socket, time).await;
    let engine = engine.map_err(|error| format!("cannot reach {}: {error}", config.socket.display()))?;
    let found = engine.find(container).await;
    let found = found.map_err(|error| format!("cannot look for {container}: {error}"))?;
    let [id] = found.as_slice() else {
        return Err(format!("{} containers have {container}, not one", found.len()));
    };
    let state = engine.state(id).await.map_err(|error| format!("cannot look at {id}: {error}"))?;
    Ok((engine, state))
}

/// The engine and the only container that is meant, if it can be acted on.
async fn prepare(action: &DockerAction, config: &DockerConfig) -> Result<(Engine, State), String> {
    let (engine, state) = only_one(&action.container, config, action.timeout).await?;
    if let ContainerLookup::Label { .. } = action.container {
        looked_up::still(&action.container, action.found.as_deref(), &state.name)?;
    }
    let own = own::containers().await;
    let own = own.map_err(|error| format!("cannot tell in which container this daemon runs: {error}"))?;
    if own.contains(&state.id) {
        return Err(format!("{} is the container of this daemon itself", action.container));
    }
    match action.operation {
        DockerOperation::Start if state.is_running() => Err(format!("{} is {}", state.name, state.status)),
        DockerOperation::Stop if !state.is_running() => Err(format!("{} is {}", state.name, state.status)),
        _ => Ok((engine, state)),
    }
}

/// What the engine's answer (`silence`: why there is none) and the state after it amount to.
fn judge(
    action: &DockerAction,
    before: &State,
    silence: Option<String>,
    after: Result<State, String>,
) -> Result<ActReport, ActError> {
    let what = what(action, before);
    match (silence, after) {
        (None, Ok(after)) if is_done(action.operation, before, &after) => {
            Ok(report(&format!("{what}: it is {}", after.status)))
        }
        (None, Ok(after)) => Err(failed(format!("{what}: it is {}{}", after.status, after.trouble()))),
        (None, Err(reason)) => {
            Err(unknown(format!("{what}: the engine says so, but its state cannot be seen: {reason}")))
        }
        (Some(silence), Ok(after)) if is_done(action.operation, before, &after) => {
            Ok(report(&format!("{what}: it is {}, though there was no answer ({silence})", after.status)))
        }
        (Some(silence), Ok(after)) => {
            Err(unknown(format!("{what}: no answer ({silence}), and it is {}", after.status)))
        }
        (Some(silence), Err(_)) => Err(unknown(format!("{what}: no answer ({silence})"))),
    }
}

fn is_done(operation: DockerOperation, before: &State, after: &State) -> bool {
    match operation {
        DockerOperation::Restart | DockerOperation::Start => {
            after.is_running() && after.started_at != before.started_at
        }
        DockerOperation::Stop => !after.is_running(),
    }
}

/// The result in time, or that there is none.
async fn within<T>(deadline: Instant, future: impl Future<Output = T>) -> Result<T, String> {
    let left = deadline.saturating_duration_since(Instant::now());
    let result = timeout_at(deadline, future).await;
    result.map_err(|_| format!("no answer of the engine within {}", format_duration(whole(left))))
}

fn whole(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis().div_ceil(100) * 100).unwrap_or(u64::MAX))
}

fn what(action: &DockerAction, container: &State) -> String {
    format!("{} {}", action.operation.as_str(), container.name)
}

fn report(summary: &str) -> ActReport {
    ActReport { summary: one_line(summary), output: String::new() }
}

fn failed(summary: String) -> ActError {
    ActError::Failed { report: report(&summary) }
}

fn unknown(reason: String) -> ActError {
    let report = report(&reason);
    ActError::Unknown { reason: report.summary.clone(), report }
}

/// The first line, cut to a bound, without control characters.
fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    printable(&line.as_bytes()[..line.floor_char_boundary(MAX_MESSAGE)])
}

#[cfg(test)]
mod tests;
