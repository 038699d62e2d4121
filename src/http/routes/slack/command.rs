//! `POST /slack/command`: a slash command is a question. What is not answered soon follows at the response URL.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::super::Daemon;
use super::reply::{deliver, ephemeral};
use super::{Refused, Slack};
use crate::model::format_duration;
use crate::slack::{Command, ResponseUrl};

/// How long Slack is kept waiting: it gives up after three seconds, the way there and back included.
const AT_ONCE: Duration = Duration::from_millis(1500);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers, or says that the answer follows.
pub(in super::super) async fn command(
    State(daemon): State<Daemon>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match asked(&daemon.slack, &headers, body).await {
        Ok(answer) => Json(answer).into_response(),
        Err(refused) => refused.into_response(),
    }
}

async fn asked(slack: &Slack, headers: &HeaderMap, body: Body) -> Result<Value, Refused> {
    let (config, body) = slack.receive(headers, body).await?;
    let command = Command::read(&body);
    if command.text.is_empty() {
        return Ok(ephemeral("Ask a question after the command, for example: what is firing"));
    }
    let Ok(place) = slack.0.questions.clone().try_acquire_owned() else {
        return Ok(ephemeral("Too many questions are being answered; ask again in a minute."));
    };
    let late = ResponseUrl::read(&command.response_url, &config.response_hosts);
    Ok(answered(slack, command, late, place).await)
}

/// The answer, or in its stead that it follows. Without a place to send it to, nobody would hear of a late one.
async fn answered(
    slack: &Slack,
    command: Command,
    late: Option<ResponseUrl>,
    place: OwnedSemaphorePermit,
) -> Value {
    let answer = (slack.0.answerer)(command.text.clone(), command.client());
    let mut answer = Box::pin(async move {
        let limited = tokio::time::timeout(PATIENCE, answer).await;
        limited.unwrap_or_else(|_| format!("There was no answer within {}.", format_duration(PATIENCE)))
    });
    if let Ok(text) = tokio::time::timeout(AT_ONCE, &mut answer).await {
        return ephemeral(&slack.clean(&text));
    }
    let Some(url) = late else {
        return ephemeral("The answer takes too long, and the response_url is not one of Slack's.");
    };
    let slack = slack.clone();
    tokio::spawn(async move {
        let text = slack.clean(&answer.await);
        deliver(&slack.0.client, &url, &ephemeral(&text)).await;
        drop(place);
    });
    ephemeral("Looking; the answer follows.")
}
