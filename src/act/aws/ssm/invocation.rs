//! Waits for the end of a command on its instance, and says which end it was.

use std::ops::ControlFlow;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_command_invocation::GetCommandInvocationOutput;
use aws_sdk_ssm::types::CommandInvocationStatus;
use tokio::time::Instant;

use crate::act::aws::outcome;
use crate::act::output::Capture;
use crate::act::poll;

use super::asking;

/// The end of a command, each but the first with Systems Manager's word for it, and what it printed.
#[derive(Debug)]
pub(super) enum End {
    /// It ended well.
    Succeeded(String),
    /// It ended badly, or the instance refused it.
    Failed(String, String),
    /// It never reached the instance.
    NotDelivered(String),
    /// It was ended in the middle.
    Interrupted(String, String),
}

/// Waits; else says what was seen last. Right after it was sent, Systems Manager may know nothing of a
/// command.
pub(super) async fn end(
    client: &Client,
    command: &str,
    instance: &str,
    deadline: Instant,
    output: usize,
) -> Result<End, String> {
    poll::until(deadline, || async {
        let request = client.get_command_invocation().command_id(command).instance_id(instance);
        let answer = request.customize().config_override(asking()).send().await;
        let answer = answer.map_err(|error| outcome::sentence(&error))?;
        Ok(look(&answer, output))
    })
    .await
}

fn look(answer: &GetCommandInvocationOutput, limit: usize) -> ControlFlow<End, String> {
    let details = answer.status_details().unwrap_or("no status");
    let status = outcome::one_line(details);
    let printed = || printed(answer, limit);
    ControlFlow::Break(match answer.status() {
        Some(CommandInvocationStatus::Success) => End::Succeeded(printed()),
        // Whatever the status: these say that nothing was run.
        _ if matches!(details, "DeliveryTimedOut" | "Delivery Timed Out" | "Undeliverable") => {
            End::NotDelivered(status)
        }
        Some(CommandInvocationStatus::Failed) => {
            End::Failed(format!("{status}, exit code {},", answer.response_code()), printed())
        }
        Some(CommandInvocationStatus::TimedOut | CommandInvocationStatus::Cancelled) => {
            End::Interrupted(status, printed())
        }
        _ => return ControlFlow::Continue(status),
    })
}

/// Both outputs, within the bound.
fn printed(answer: &GetCommandInvocationOutput, limit: usize) -> String {
    let mut capture = Capture::new(limit);
    let outputs = [answer.standard_output_content(), answer.standard_error_content()];
    outputs.into_iter().flatten().for_each(|text| capture.push(text.as_bytes()));
    capture.text()
}
