//! What an error of the client means for the effect, and one line about it.

use std::error::Error;

use hyper_util::client::legacy::Error as ClientError;
use kube::client::AuthError;

use crate::act::output::one_line;
use crate::model::{ActError, ActReport};

/// Somebody else has changed the object since it was read.
const CONFLICT: u16 = 409;

/// What became of a request that changes something.
pub(super) fn judge(error: &kube::Error) -> ActError {
    let reason = sentence(error);
    match error {
        kube::Error::Api(status) if status.code == CONFLICT => ActError::NotStarted { reason },
        kube::Error::Api(status) if (400..500).contains(&status.code) => {
            ActError::Failed { report: ActReport { summary: reason, output: String::new() } }
        }
        kube::Error::Service(_) if was_sent(error) => unknown(reason),
        kube::Error::Service(_) | kube::Error::BuildRequest(_) => ActError::NotStarted { reason },
        _ => unknown(reason),
    }
}

/// A request whose effect nobody knows.
pub(super) fn unknown(reason: String) -> ActError {
    let report = ActReport { summary: reason.clone(), output: String::new() };
    ActError::Unknown { reason, report }
}

/// Whether it may have been: false only where the connection, or the credential for it, is known to have
/// failed.
fn was_sent(error: &kube::Error) -> bool {
    !causes(error).any(|cause| {
        cause.downcast_ref().is_some_and(ClientError::is_connect)
            || cause.downcast_ref::<AuthError>().is_some()
    })
}

/// The API server's own words, or the chain of causes, in one line.
pub(super) fn sentence(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        let reason = if status.reason.is_empty() { "no reason" } else { &status.reason };
        return one_line(&format!("HTTP {}, {reason}: {}", status.code, status.message));
    }
    let mut texts: Vec<String> = Vec::new();
    for text in causes(error).map(ToString::to_string) {
        if !texts.last().is_some_and(|last| last.contains(&text)) {
            texts.push(text);
        }
    }
    one_line(&texts.join(": "))
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}
