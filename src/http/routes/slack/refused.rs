//! A request that goes no further, and how that is said.

use axum::Json;
use axum::response::{IntoResponse, Response};

use super::reply::ephemeral;
use crate::http::error::{ApiError, ErrorKind};
use crate::metrics::http::AuthenticationFailure;
use crate::slack::{Config, NotAllowed, Refusal};

/// Why a request goes no further.
pub(super) enum Refused {
    /// It is not believed.
    Signature(Refusal),
    /// It comes from another workspace.
    Workspace,
    /// This person may not ask, or not there.
    Person(NotAllowed),
    /// Anything else.
    Other(ApiError),
}

/// Only what comes from the workspace that is configured.
pub(super) fn of_ours<'a>(config: &Config, teams: impl Iterator<Item = &'a str>) -> Result<(), Refused> {
    if config.serves(teams) {
        return Ok(());
    }
    tracing::warn!("a request of another workspace than slack.team_id is refused");
    Err(Refused::Workspace)
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Signature(refusal)
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Other(error) => error.into_response(),
            Self::Signature(Refusal::Crowded) => {
                ApiError::new(ErrorKind::Unavailable, Refusal::Crowded.to_string()).into_response()
            }
            Self::Signature(refusal) => {
                let error = ApiError::new(ErrorKind::Unauthorized, refusal.to_string());
                counted(error.into_response(), AuthenticationFailure::Signature)
            }
            Self::Workspace => {
                let sentence = "this comes from another workspace than slack.team_id";
                let error = ApiError::new(ErrorKind::Forbidden, sentence);
                counted(error.into_response(), AuthenticationFailure::Scope)
            }
            // To Slack that is an answer: of another status it would show nothing but the number.
            Self::Person(why) => {
                counted(Json(ephemeral(&why.to_string())).into_response(), AuthenticationFailure::Scope)
            }
        }
    }
}

/// The response, counted as that of somebody who was not let in.
pub(super) fn counted(mut response: Response, kind: AuthenticationFailure) -> Response {
    response.extensions_mut().insert(kind);
    response
}
