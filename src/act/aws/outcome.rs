//! What an error of the SDK means for the effect, and one line about it that holds no secret.

use std::error::Error;

use aws_sdk_ec2::config::http::HttpResponse;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use hyper_util::client::legacy::Error as ClientError;

pub(super) use crate::act::output::one_line;
use crate::model::{ActError, ActReport};

/// AWS may answer these with a status of 5xx, and has not even looked at the request.
const NOT_TAKEN_UP: [&str; 4] =
    ["RequestLimitExceeded", "ResourceContention", "Throttling", "ThrottlingException"];
/// EC2 answers these for some seconds after an instance has changed its state.
const NOT_YET: [&str; 2] = ["IncorrectInstanceState", "IncorrectState"];

/// What became of a request that changes something.
pub(super) fn judge<E>(error: &SdkError<E, HttpResponse>) -> ActError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let reason = sentence(error);
    match error {
        SdkError::ConstructionFailure(_) => ActError::NotStarted { reason },
        SdkError::DispatchFailure(_) if !was_connected(error) => ActError::NotStarted { reason },
        _ if is_refusal(error) => {
            ActError::Failed { report: ActReport { summary: reason, output: String::new() } }
        }
        _ => unknown(reason),
    }
}

/// A request whose effect nobody knows.
pub(super) fn unknown(reason: String) -> ActError {
    let report = ActReport { summary: reason.clone(), output: String::new() };
    ActError::Unknown { reason, report }
}

/// Whether the request may have been sent: false only where the connection is known to have failed.
fn was_connected(error: &(dyn Error + 'static)) -> bool {
    !causes(error).any(|cause| cause.downcast_ref().is_some_and(ClientError::is_connect))
}

/// Whether a server answered that it will not do it. With any other status of 5xx it may have.
fn is_refusal<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let is_4xx = error.raw_response().is_some_and(|answer| answer.status().is_client_error());
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    is_4xx || code.is_some_and(|code| NOT_TAKEN_UP.contains(&code))
}

/// Whether a refusal, given as its sentence, is one that time may end.
pub(super) fn may_pass(sentence: &str) -> bool {
    let code = sentence.split([':', ' ']).next().unwrap_or_default();
    NOT_TAKEN_UP.iter().chain(&NOT_YET).any(|passing| *passing == code)
}

/// The end of a sentence, with AWS's own number of the request where it has one.
pub(super) fn request_id(id: Option<&str>) -> String {
    id.map(|id| format!(", request id {}", one_line(id))).unwrap_or_default()
}

/// What went wrong, in one line: AWS's code and message, or the chain of causes.
pub(super) fn sentence<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let mut text = match error.as_service_error().map(|said| (said.code(), said.message())) {
        Some((Some(code), Some(message))) if may_be_repeated(code) => {
            format!("{}: {}", one_line(code), one_line(message))
        }
        Some((Some(code), _)) => one_line(code),
        _ => unreadable(error),
    };
    if let Some(id) = error.request_id() {
        text.push_str(&format!(" (request id {})", one_line(id)));
    }
    text
}

/// A server that cannot verify a signature may answer with all that it covers, a session token among it.
fn may_be_repeated(code: &str) -> bool {
    !code.contains("Signature")
}

/// No answer, or one that is not AWS's.
fn unreadable<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> String {
    if let Some(answer) = error.raw_response() {
        return format!("HTTP {} without an answer of AWS's", answer.status().as_u16());
    }
    let texts: Vec<String> = causes(error).map(ToString::to_string).collect();
    one_line(&texts.join(": "))
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}
