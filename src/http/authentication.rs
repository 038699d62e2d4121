//! From a request's credentials to an identity.
//!
//! With tokens or users configured, a request needs one of them. With neither, a client certificate verified in
//! the handshake is enough, if the web configuration file insists on one. With nothing at all the door is open,
//! which is allowed on loopback only.

use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, CONNECTION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::connection::Peer;
use super::error::{ApiError, ErrorKind};
use super::identity::{Identity, IdentityKind, Scopes};
use super::tokens::Tokens;
use super::users::{Login, Users};
use crate::metrics::http::AuthenticationFailure;

/// What may be presented, and who is let in.
pub(super) struct Gate {
    tokens: Tokens,
    users: Users,
    certificates: bool,
}

/// A request that goes no further.
#[derive(Debug)]
pub(super) struct Refusal {
    error: ApiError,
    /// What is counted; `None` when the credentials are not to blame.
    kind: Option<AuthenticationFailure>,
    challenges: Vec<HeaderValue>,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self { error, kind: None, challenges: Vec::new() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.error.into_response();
        for challenge in self.challenges {
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
        if let Some(kind) = self.kind {
            response.extensions_mut().insert(kind);
        }
        if self.kind == Some(AuthenticationFailure::Certificate) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl Gate {
    /// A gate for these tokens and users; `certificates`: the handshake verifies every client.
    pub(super) fn new(tokens: Tokens, users: Users, certificates: bool) -> Self {
        Self { tokens, users, certificates }
    }

    /// Whether nobody has to authenticate.
    pub(super) fn is_open(&self) -> bool {
        !self.certificates && !self.wants_credentials()
    }

    fn wants_credentials(&self) -> bool {
        !self.tokens.is_empty() || !self.users.is_empty()
    }

    /// Who sends this request.
    pub(super) async fn identify(&self, parts: &Parts) -> Result<Identity, Refusal> {
        if self.is_open() {
            return Ok(Identity::anonymous(Scopes::ALL));
        }
        if !self.wants_credentials() {
            return self.by_certificate(parts.extensions.get::<Peer>());
        }
        match credentials(&parts.headers) {
            Credentials::Bearer(token) => self.by_token(token),
            Credentials::Basic { name, password } => self.by_password(&name, &password).await,
            Credentials::Unreadable => {
                Err(self.refuse(AuthenticationFailure::Basic, "the Authorization header cannot be read"))
            }
            Credentials::None => {
                Err(self.refuse(AuthenticationFailure::Missing, "this needs authentication"))
            }
        }
    }

    /// A connection from before the reload that began to insist on certificates carries none.
    fn by_certificate(&self, peer: Option<&Peer>) -> Result<Identity, Refusal> {
        let name = peer.and_then(|peer| peer.certificate.clone());
        let sentence = "connect again with a client certificate";
        let name = name.ok_or_else(|| self.refuse(AuthenticationFailure::Certificate, sentence))?;
        Ok(Identity { name, kind: IdentityKind::Certificate, scopes: Scopes::ALL })
    }

    fn by_token(&self, token: &str) -> Result<Identity, Refusal> {
        let identity = self.tokens.identify(token).cloned();
        identity.ok_or_else(|| self.refuse(AuthenticationFailure::Token, "this token is not known"))
    }

    async fn by_password(&self, name: &str, password: &str) -> Result<Identity, Refusal> {
        match self.users.login(name, password).await {
            Login::Right => {
                Ok(Identity { name: Arc::from(name), kind: IdentityKind::User, scopes: Scopes::ALL })
            }
            Login::Wrong => Err(self.refuse(AuthenticationFailure::Basic, "user name or password is wrong")),
            Login::Busy => {
                Err(ApiError::new(ErrorKind::Unavailable, "too many logins are waiting; try again").into())
            }
        }
    }

    fn refuse(&self, kind: AuthenticationFailure, sentence: &'static str) -> Refusal {
        let mut challenges = Vec::new();
        if !self.users.is_empty() {
            challenges.push(HeaderValue::from_static(r#"Basic realm="smartcloudops", charset="UTF-8""#));
        }
        if !self.tokens.is_empty() {
            challenges.push(HeaderValue::from_static(r#"Bearer realm="smartcloudops""#));
        }
        Refusal { error: ApiError::new(ErrorKind::Unauthorized, sentence), kind: Some(kind), challenges }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Credentials<'a> {
    None,
    Bearer(&'a str),
    Basic { name: String, password: String },
    Unreadable,
}

/// What the `Authorization` header presents. Two such headers are not read: it is unclear which one counts.
fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let mut presented = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = presented.next() else { return Credentials::None };
    let (Ok(text), None) = (header.to_str(), presented.next()) else { return Credentials::Unreadable };
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Credentials::Bearer(token.trim()),
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => {
            basic(pair.trim()).unwrap_or(Credentials::Unreadable)
        }
        _ => Credentials::Unreadable,
    }
}

fn basic(encoded: &str) -> Option<Credentials<'static>> {
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some(Credentials::Basic { name: name.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_as_the_standards_write_them() {
        let user = |name: &str, password: &str| Credentials::Basic {
            name: name.to_owned(),
            password: password.to_owned(),
        };
        for (values, expected) in [
            (vec![], Credentials::None),
            (vec!["Bearer abc"], Credentials::Bearer("abc")),
            (vec!["bearer abc"], Credentials::Bearer("abc")),
            (vec!["Basic YWxpY2U6d29uOmRlcg=="], user("alice", "won:der")),
            (vec!["BASIC Og=="], user("", "")),
            (vec!["Basic YWxpY2U="], Credentials::Unreadable),
            (vec!["Basic !!!"], Credentials::Unreadable),
            (vec!["Bearer"], Credentials::Unreadable),
            (vec!["Digest x"], Credentials::Unreadable),
            (vec!["Bearer a", "Bearer b"], Credentials::Unreadable),
            (vec!["Bearer \u{fc}"], Credentials::Unreadable),
        ] {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            assert_eq!(credentials(&headers), expected, "{values:?}");
        }
    }
}
