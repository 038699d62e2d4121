//! Requests as Slack signs them, without a daemon behind them.

use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use ring::hmac;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::command::asked;
use super::*;
use crate::metrics::http::AuthenticationFailure;
use crate::model::SecretSource;

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// Answers every question with the question; the file holds its secret.
fn served(settings: impl FnOnce(Config) -> Config) -> (Slack, NamedTempFile) {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), SECRET).unwrap();
    let config = settings(Config::new(SecretSource::File(file.path().to_owned())));
    let answerer: Answerer = Arc::new(|question, _| Box::pin(async move { format!("answered: {question}") }));
    let (redaction, started) = (Redaction::new(&Default::default()), Timestamp::from_millis(0));
    (Slack::new(Some(config), redaction, answerer, started).unwrap(), file)
}

fn signed(body: &str) -> HeaderMap {
    let time = (clock().as_millis() / 1000).to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, format!("v0:{time}:{body}").as_bytes());
    let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderMap::from_iter(
        [("x-slack-signature", format!("v0={tag}")), ("x-slack-request-timestamp", time)]
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::try_from(value).unwrap()))
            .into_iter()
            .chain([(CONTENT_TYPE, HeaderValue::from_static(FORM))]),
    )
}

/// The status, what is said, and what is counted.
async fn ask(slack: &Slack, body: String) -> (StatusCode, String, Option<AuthenticationFailure>) {
    let response = match asked(slack, &signed(&body), body.into()).await {
        Ok(answer) => axum::Json(answer).into_response(),
        Err(refused) => refused.into_response(),
    };
    let (status, counted) = (response.status(), response.extensions().get().copied());
    let body = to_bytes(response.into_body(), MAX_BODY).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap(), counted)
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_in_time_holds_up_nobody_else() {
    let (slack, file) = served(|config| config);
    // A file that answers once somebody writes to it, as one on a dead share does once that is back.
    std::fs::remove_file(file.path()).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, file.path(), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let mut asked = Box::pin(ask(&slack, "user_id=U1&text=why".to_owned()));
    let mut others = 0;
    let (status, said, _) = loop {
        tokio::select! {
            told = &mut asked => break told,
            () = tokio::time::sleep(std::time::Duration::from_millis(100)) => others += 1,
        }
    };
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{said}");
    assert!(said.contains("slack.signing_secret cannot be read"), "{said}");
    assert!(others > 5, "the one thread of this runtime had time for others: {others}");
    std::fs::write(file.path(), SECRET).unwrap();
}

#[tokio::test]
async fn only_who_is_allowed_is_answered_and_only_where() {
    let list = |id: &str| Some(vec![id.to_owned()]);
    let (team_id, allowed_users, allowed_channels) = (Some("T1".to_owned()), list("U1"), list("C1"));
    let (slack, _file) = served(|config| Config { team_id, allowed_users, allowed_channels, ..config });
    let scope = Some(AuthenticationFailure::Scope);
    for (form, status, says, counted, sentence) in [
        (
            "team_id=T1&user_id=U1&channel_id=C1",
            200,
            "answered: why",
            None,
            "who is listed, where that is allowed",
        ),
        (
            "team_id=T1&user_id=U2&channel_id=C1",
            200,
            "user U2 is not in slack.allowed_users",
            scope,
            "another user",
        ),
        ("team_id=T1&user_id=U1&channel_id=C2", 200, "channel C2 is not in", scope, "another channel"),
        ("team_id=T2&user_id=U1&channel_id=C1", 403, "another workspace", scope, "another workspace"),
        ("user_id=U1&channel_id=C1", 403, "another workspace", scope, "no workspace"),
        ("team_id=T1&channel_id=C1", 400, "user_id", None, "nobody"),
    ] {
        let (got, text, kind) = ask(&slack, format!("text=why&{form}")).await;
        assert_eq!((got.as_u16(), kind), (status, counted), "{sentence}: {text}");
        assert!(text.contains(says), "{sentence}: {text}");
        assert_eq!(
            text.contains("why"),
            says.contains("why"),
            "what was asked is not repeated: {sentence}: {text}"
        );
        if status == 200 {
            let answer: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(answer["response_type"], "ephemeral", "{sentence}");
        }
    }
}

#[tokio::test]
async fn without_restrictions_the_whole_workspace_may_ask_but_nothing_twice() {
    let (slack, _file) = served(|config| config);
    let body = "text=why&user_id=U9";
    let headers = signed(body);
    assert!(asked(&slack, &headers, body.into()).await.is_ok());
    let again = asked(&slack, &headers, body.into()).await.err().map(IntoResponse::into_response);
    assert_eq!(again.map(|response| response.status()), Some(StatusCode::UNAUTHORIZED));
}
