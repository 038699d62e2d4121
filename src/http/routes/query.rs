//! `POST /query`: a question, answered. `DELETE /query`: what the caller has asked is forgotten.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Query, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::accept::Form;
use super::{Daemon, clock};
use crate::chat::{Answer, ClientId};
use crate::http::connection::Peer;
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::http::identity::{Identity, IdentityKind};

/// Largest body, in bytes: a question of the greatest length, however it is escaped.
const MAX_BODY: usize = 32 << 10;
const FORMS: &str = "write {\"question\": \"what is firing?\"} as application/json, the question alone as text/plain, \
                     or question=… as application/x-www-form-urlencoded";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// Overrides the `Accept` header.
    format: Option<Form>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    question: String,
}

/// Whether there was anything to forget.
#[derive(Serialize)]
pub(super) struct Forgotten {
    forgotten: bool,
}

pub(super) async fn ask(
    State(daemon): State<Daemon>,
    Query(parameters): Query<Parameters>,
    Client(client): Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let text = question(&headers, &bounded(body).await?)?;
    let question = daemon.chat.question(&text).map_err(|error| bad(error.to_string()))?;
    let answer = daemon.chat.answer(question, &client, clock()).await;
    Ok(Form::wanted(parameters.format, &headers).answer(answer, Answer::text))
}

pub(super) async fn forget(State(daemon): State<Daemon>, Client(client): Client) -> Success<Forgotten> {
    Success(Forgotten { forgotten: daemon.chat.forget(&client) })
}

/// Who asks, for whom conversations are kept apart.
pub(super) struct Client(ClientId);

impl FromRequestParts<Daemon> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, daemon: &Daemon) -> Result<Self, ApiError> {
        let caller = Identity::from_request_parts(parts, daemon).await?;
        Ok(Self(client(&caller, parts.extensions.get::<Peer>())))
    }
}

/// Whoever is known by name has a memory of their own wherever they call from, and an address else.
fn client(caller: &Identity, peer: Option<&Peer>) -> ClientId {
    let kind = match caller.kind {
        IdentityKind::Token => "token",
        IdentityKind::User => "user",
        IdentityKind::Certificate => "certificate",
        IdentityKind::Anonymous => {
            return peer.map_or_else(
                || ClientId::named("anonymous", &caller.name),
                |peer| ClientId::address(peer.address.ip()),
            );
        }
    };
    ClientId::named(kind, &caller.name)
}

/// The question in a body, by the type that it says it has. What begins with a brace is JSON unless it says that it is
/// text, since `curl -d` calls every body a form.
fn question(headers: &HeaderMap, body: &[u8]) -> Result<String, ApiError> {
    let text = std::str::from_utf8(body).map_err(|_| bad(format!("the body is not UTF-8; {FORMS}")))?;
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_object = text.trim_start().starts_with('{');
    match kind.as_str() {
        "text/plain" => Ok(text.to_owned()),
        "application/json" => json(text),
        "" | "application/x-www-form-urlencoded" if is_object => json(text),
        "" => Ok(text.to_owned()),
        "application/x-www-form-urlencoded" => form(text),
        _ => Err(bad(format!("the body's type is not known here; {FORMS}"))),
    }
}

/// No more of a body is kept than a question can have.
async fn bounded(body: Body) -> Result<Bytes, ApiError> {
    let sentence = || format!("the body is longer than {MAX_BODY} bytes; {FORMS}");
    to_bytes(body, MAX_BODY).await.map_err(|_| ApiError::new(ErrorKind::TooLarge, sentence()))
}

fn json(text: &str) -> Result<String, ApiError> {
    let body: Result<Asked, _> = serde_json::from_str(text);
    body.map(|body| body.question).map_err(|error| bad(format!("the body makes no sense: {error}; {FORMS}")))
}

/// The field `question`, or the whole where it has no fields: `curl -d 'what is firing?'`.
fn form(text: &str) -> Result<String, ApiError> {
    if !text.contains('=') {
        return Ok(text.to_owned());
    }
    let (questions, others): (Vec<_>, Vec<_>) =
        url::form_urlencoded::parse(text.as_bytes()).partition(|(name, _)| name == "question");
    match (questions.as_slice(), others.as_slice()) {
        ([(_, question)], []) => Ok(question.clone().into_owned()),
        ([], _) => Err(bad(format!("the form has no field question; {FORMS}"))),
        ([_], _) => Err(bad(format!("the form has other fields than question; {FORMS}"))),
        _ => Err(bad("the field question is given twice; ask one at a time".to_owned())),
    }
}

fn bad(sentence: String) -> ApiError {
    ApiError::new(ErrorKind::BadData, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_by_its_type() {
        const FORM: &str = "application/x-www-form-urlencoded";
        for (kind, body, expected) in [
            ("application/json", r#"{"question": "what is firing?"}"#, Ok("what is firing?")),
            ("Application/JSON; charset=utf-8", r#"{"question": "a"}"#, Ok("a")),
            ("", r#" {"question": "a"}"#, Ok("a")),
            (FORM, r#"{"question": "a"}"#, Ok("a")),
            ("text/plain", "what is firing?", Ok("what is firing?")),
            ("text/plain; charset=utf-8", "{a}", Ok("{a}")),
            ("", "what is firing?", Ok("what is firing?")),
            (FORM, "question=what+is%20firing%3F", Ok("what is firing?")),
            (FORM, "what is firing?", Ok("what is firing?")),
            (FORM, "q=what", Err("the form has no field question; write {\"question\"")),
            (FORM, "question=a&colour=red", Err("the form has other fields than question")),
            (FORM, "question=a&question=b", Err("the field question is given twice")),
            ("application/json", "what is firing?", Err("the body makes no sense: expected value")),
            ("application/json", r#"{"question": 7}"#, Err("invalid type: integer")),
            ("application/json", r#"{"question": "a", "colour": "red"}"#, Err("unknown field `colour`")),
            ("application/json", "{}", Err("missing field `question`")),
            ("image/png", "a", Err("the body's type is not known here")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
            match (question(&headers, body.as_bytes()), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{kind}: {body}"),
                (Err(error), Err(part)) => {
                    assert!(error.sentence().contains(part), "{kind}: {body}: {error:?}");
                }
                (found, _) => panic!("{kind}: {body}: {found:?}"),
            }
        }
        assert!(question(&HeaderMap::new(), b"\xff").unwrap_err().sentence().contains("not UTF-8"));
    }

    #[tokio::test]
    async fn a_body_has_a_bound() {
        let of = |bytes: usize| bounded(Body::from(vec![b'x'; bytes]));
        assert_eq!(of(MAX_BODY).await.unwrap().len(), MAX_BODY);
        assert_eq!(of(MAX_BODY + 1).await.unwrap_err().kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn whoever_has_no_name_is_known_by_their_address() {
        let caller = |name: &str, kind| Identity {
            name: name.into(),
            kind,
            scopes: crate::http::identity::Scopes::NONE,
        };
        let peer = |address: &str| Peer { address: address.parse().unwrap(), certificate: None };
        let anonymous = caller("anonymous", IdentityKind::Anonymous);
        let (near, far) = (peer("127.0.0.1:1000"), peer("10.0.0.1:1000"));
        assert_eq!(client(&anonymous, Some(&near)), client(&anonymous, Some(&peer("127.0.0.1:2000"))));
        assert_ne!(client(&anonymous, Some(&near)), client(&anonymous, Some(&far)));
        let ops = caller("ops", IdentityKind::Token);
        assert_eq!(client(&ops, Some(&near)), client(&ops, Some(&far)));
        assert_ne!(client(&ops, None), client(&caller("ops", IdentityKind::User), None));
    }
}
