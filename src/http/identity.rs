//! Who calls, and what they may do. Routes ask for a scope with [`require`]; without an identity they refuse.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

use super::config::Scope;
use super::error::{ApiError, ErrorKind};
use crate::metrics::http::AuthenticationFailure;
use crate::model::ANONYMOUS;

impl Scope {
    /// The scope's name as configurations and errors spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Alerts => "alerts",
            Self::Chat => "chat",
            Self::Operate => "operate",
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self(0b1111);

    /// Exactly these.
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |set, scope| set | bit(*scope)))
    }

    /// Whether the scope is in the set.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }
}

fn bit(scope: Scope) -> u8 {
    match scope {
        Scope::Read => 1,
        Scope::Alerts => 2,
        Scope::Chat => 4,
        Scope::Operate => 8,
    }
}

/// How the caller proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    /// Not at all.
    Anonymous,
    /// A bearer token of the configuration.
    Token,
    /// A user of the web configuration file.
    User,
    /// A verified client certificate.
    Certificate,
}

/// The caller of a request. It is in the extensions of every request that reaches a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The token's, user's or certificate's name; `anonymous` where nobody has to authenticate.
    pub name: Arc<str>,
    /// How they proved it.
    pub kind: IdentityKind,
    /// What they may do.
    pub scopes: Scopes,
}

impl Identity {
    /// Nobody in particular.
    pub(super) fn anonymous(scopes: Scopes) -> Self {
        Self { name: ANONYMOUS.into(), kind: IdentityKind::Anonymous, scopes }
    }
}

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let missing = || ApiError::new(ErrorKind::Unauthorized, "the caller is not known");
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// The route's handlers, for callers with this scope only: 403 names the scope that is missing.
pub fn require<S: Clone + Send + Sync + 'static>(scope: Scope, route: MethodRouter<S>) -> MethodRouter<S> {
    route.route_layer(from_fn_with_state(scope, check_scope))
}

async fn check_scope(
    State(scope): State<Scope>,
    identity: Identity,
    request: Request,
    next: Next,
) -> Response {
    if identity.scopes.contains(scope) {
        return next.run(request).await;
    }
    let sentence = format!("'{}' lacks the scope '{}'", identity.name, scope.as_str());
    let mut response = ApiError::new(ErrorKind::Forbidden, sentence).into_response();
    response.extensions_mut().insert(AuthenticationFailure::Scope);
    response
}

/// The route's handlers, given up with 503 after `limit`. The handler's future is dropped where it waits,
/// so this is for routes that only read.
pub fn time_limit<S: Clone + Send + Sync + 'static>(
    limit: Duration,
    route: MethodRouter<S>,
) -> MethodRouter<S> {
    route.route_layer(from_fn_with_state(limit, within))
}

async fn within(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let sentence = format!("no answer within {}", crate::model::format_duration(limit));
            ApiError::new(ErrorKind::Timeout, sentence).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let all = [Scope::Read, Scope::Alerts, Scope::Chat, Scope::Operate];
        assert_eq!(Scopes::of(&all), Scopes::ALL);
        assert_eq!(Scopes::of(&[]), Scopes::NONE);
        for scope in all {
            assert!(Scopes::ALL.contains(scope) && !Scopes::NONE.contains(scope));
            let only = Scopes::of(&[scope]);
            assert_eq!(all.iter().filter(|other| only.contains(**other)).count(), 1, "{scope:?}");
        }
    }
}
