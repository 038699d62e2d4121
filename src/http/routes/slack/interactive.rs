//! `POST /slack/interactive`: a person presses a button of a request for approval. It is answered as by
//! `POST /api/v1/approvals/{id}`, in the name that the configuration has for the user, and only for the plan that was
//! shown.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::super::approvals::{Given, give};
use super::super::{Daemon, unreadable};
use super::Slack;
use super::refused::{Refused, counted, of_ours};
use super::reply::{deliver, ephemeral, to_all};
use crate::http::error::{ApiError, ErrorKind};
use crate::metrics::http::AuthenticationFailure;
use crate::model::{ApprovalId, ApprovalState};
use crate::slack::{Button, Interaction, ResponseUrl};

/// Says at once that it was heard, as Slack wants it; what became of it is said at the response URL.
pub(in super::super) async fn interactive(
    State(daemon): State<Daemon>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match heard(daemon, &headers, body).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn heard(daemon: Daemon, headers: &HeaderMap, body: Body) -> Result<Response, Refused> {
    let slack = daemon.slack.clone();
    let (config, body) = slack.receive(&slack.0.pressed, headers, body).await?;
    let interaction =
        Interaction::read(&body).map_err(|error| ApiError::new(ErrorKind::BadData, error.to_string()))?;
    of_ours(&config, interaction.teams.iter().map(String::as_str))?;
    let url = ResponseUrl::read(&interaction.response_url, &config.response_hosts);
    let Some(name) = config.approvers.get(&interaction.user).cloned() else {
        turn_away(&slack, &interaction, url);
        return Ok(counted(StatusCode::OK.into_response(), AuthenticationFailure::Scope));
    };
    let busy =
        |_| ApiError::new(ErrorKind::Unavailable, "too many answers are under way; press the button again");
    let place = slack.0.pressed.places.clone().try_acquire_owned().map_err(busy)?;
    // A task of its own: once it was heard it is dealt with, whether or not Slack waits.
    slack.clone().begin(async move {
        let said = said(&daemon, &name, &interaction).await;
        if let Some(url) = url {
            deliver(&slack.0.client, &url, &said).await;
        }
        drop(place);
    });
    Ok(StatusCode::OK.into_response())
}

/// Somebody who may not answer is told so, from a place among those who ask: none is taken from who may.
fn turn_away(slack: &Slack, interaction: &Interaction, url: Option<ResponseUrl>) {
    tracing::warn!(user = interaction.user, "a user of Slack who may not approve pressed a button");
    let (Ok(place), Some(url)) = (slack.0.questions.places.clone().try_acquire_owned(), url) else { return };
    let said = ephemeral(&format!(
        "You may not answer this: your user {} is not in slack.approvers. Ask whoever runs smartcloudops to add it.",
        interaction.user
    ));
    let slack = slack.clone();
    slack.clone().begin(async move {
        deliver(&slack.0.client, &url, &said).await;
        drop(place);
    });
}

/// What became of it, for the channel if it counts, else for whoever pressed the button.
async fn said(daemon: &Daemon, name: &str, interaction: &Interaction) -> Value {
    match answered(daemon, name, interaction).await {
        Ok(sentence) => to_all(&daemon.slack.clean(&sentence)),
        Err(error) => ephemeral(&daemon.slack.clean(&format!("This does not count: {}.", error.sentence()))),
    }
}

async fn answered(daemon: &Daemon, name: &str, interaction: &Interaction) -> Result<String, ApiError> {
    let id = ApprovalId(interaction.button.approval);
    let known = daemon.journal.approval(id).await.map_err(unreadable)?;
    if known.as_ref().is_some_and(|known| Button::of(known) != interaction.button) {
        let sentence = "the plan is another one than the message showed";
        return Err(ApiError::new(ErrorKind::Conflict, sentence));
    }
    let given = Given { approved: interaction.approves, by: format!("slack:{name}"), has_name: true };
    let answered = give(daemon, id, given).await?;
    let key = &answered.request.plan.key;
    let verb = if matches!(answered.state, ApprovalState::Rejected { .. }) { "rejected" } else { "approved" };
    Ok(format!("{name} has {verb} approval {id}: {} on {}", key.policy, key.target))
}
