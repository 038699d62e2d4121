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
use super::Slack;
use super::refused::{Refused, of_ours};
use super::reply::{deliver, ephemeral};
use crate::http::error::{ApiError, ErrorKind};
use crate::model::format_duration;
use crate::slack::{Command, ResponseUrl};

/// How long Slack is kept waiting: it gives up after three seconds, the way there and back included.
const AT_ONCE: Duration = Duration::from_millis(1500);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is said in the stead of an answer once the daemon ends.
const STOPPING: &str = "There is no answer: smartcloudops stops. Ask again in a minute.";

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

/// The answer, or what is said in its stead.
pub(super) async fn asked(slack: &Slack, headers: &HeaderMap, body: Body) -> Result<Value, Refused> {
    let (config, body) = slack.receive(&slack.0.questions, headers, body).await?;
    let nobody = || ApiError::new(ErrorKind::BadData, "user_id is no id of a user of Slack");
    let command = Command::read(&body).ok_or_else(nobody)?;
    of_ours(&config, command.teams())?;
    config.may_ask(&command.user, &command.channel).map_err(|why| {
        let Command { user, channel, .. } = &command;
        tracing::warn!(%user, %channel, "a user of Slack who may not ask, or not there, has asked");
        Refused::Person(why)
    })?;
    if command.text.is_empty() {
        return Ok(ephemeral("Ask a question after the command, for example: what is firing"));
    }
    let Ok(place) = slack.0.questions.places.clone().try_acquire_owned() else {
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
    let owned = slack.clone();
    slack.begin(async move {
        let slack = owned;
        let text = slack.0.late.ending().run_until_cancelled_owned(answer).await;
        let text = text.map_or_else(|| STOPPING.to_owned(), |text| slack.clean(&text));
        deliver(&slack.0.client, &url, &ephemeral(&text)).await;
        drop(place);
    });
    ephemeral("Looking; the answer follows.")
}
