//! Acts on a unit of this host's systemd, over D-Bus.
//!
//! systemd makes a job of each request and says when the job is gone and with which result: that is known
//! here, where `systemctl` would only print it. A job of somebody else that is under way is never replaced.

mod bus;

use tokio::time::{Instant, timeout_at};

use crate::model::{ActError, ActReport, SystemdAction, SystemdOperation, format_duration};

use super::SystemdConfig;
use super::output::one_line;
use bus::{Bus, BusError};

/// Has systemd do it and waits for the end of the job. Until the request is on its way every failure means
/// not started; a refusal, a result other than `done`, or a unit that has failed right after its start is
/// a failure; a lost bus or the end of the time means unknown. Accepted means that the job is done.
pub async fn carry_out(action: &SystemdAction, config: &SystemdConfig) -> Result<ActReport, ActError> {
    let deadline = Instant::now() + action.timeout;
    let prepared = timeout_at(deadline - action.timeout / 2, prepare(action, config)).await;
    let prepared = prepared.unwrap_or_else(|_| {
        Err(format!("no answer from D-Bus within {}", format_duration(action.timeout / 2)))
    });
    let bus = prepared.map_err(|reason| ActError::NotStarted { reason: one_line(&reason) })?;
    match timeout_at(deadline, change(bus, action)).await {
        Ok(result) => result,
        Err(_) => Err(unknown(format!(
            "the job of {} {} has not ended within {}",
            action.operation.as_str(),
            action.unit,
            format_duration(action.timeout)
        ))),
    }
}

/// The bus, once it is known that there is such a unit.
async fn prepare(action: &SystemdAction, config: &SystemdConfig) -> Result<Bus, String> {
    let bus =
        Bus::connect(config.bus.as_deref()).await.map_err(|error| format!("cannot reach D-Bus: {error}"))?;
    let bus = bus.listen().await.map_err(|error| format!("cannot reach systemd: {error}"))?;
    let state = bus.load_state(&action.unit).await;
    match state.map_err(|error| format!("cannot look at {}: {error}", action.unit))?.as_str() {
        "loaded" => Ok(bus),
        other => Err(format!("{} is {other}, not loaded", action.unit)),
    }
}

async fn change(mut bus: Bus, action: &SystemdAction) -> Result<ActReport, ActError> {
    let (operation, unit) = (action.operation.as_str(), &action.unit);
    let job = bus.begin(method(action.operation), unit).await.map_err(|error| match error {
        BusError::Refused(reason) => failed(format!("systemd refuses to {operation} {unit}: {reason}")),
        BusError::Lost(reason) => unknown(format!("no answer about the job to {operation} {unit}: {reason}")),
    })?;
    let result = bus.end_of(&job).await;
    let result = result
        .map_err(|error| unknown(format!("the end of the job to {operation} {unit} is lost: {error}")))?;
    let state = bus.active_state(unit).await;
    let (active, sub) = state.unwrap_or_else(|_| ("unknown".to_owned(), "unknown".to_owned()));
    let summary = format!("job {result}: {operation} {unit}, which is {active} ({sub})");
    let has_failed = active == "failed" && action.operation != SystemdOperation::Stop;
    if result == "done" && !has_failed { Ok(report(summary)) } else { Err(failed(summary)) }
}

/// The manager's method.
fn method(operation: SystemdOperation) -> &'static str {
    match operation {
        SystemdOperation::Restart => "RestartUnit",
        SystemdOperation::Start => "StartUnit",
        SystemdOperation::Stop => "StopUnit",
        SystemdOperation::Reload => "ReloadUnit",
    }
}

fn report(summary: String) -> ActReport {
    ActReport { summary: one_line(&summary), output: String::new() }
}

fn failed(summary: String) -> ActError {
    ActError::Failed { report: report(summary) }
}

fn unknown(reason: String) -> ActError {
    let report = report(reason);
    ActError::Unknown { reason: report.summary.clone(), report }
}
