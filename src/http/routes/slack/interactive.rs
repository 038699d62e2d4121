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
use super::Refused;
use super::reply::{deliver, ephemeral, to_all};
use crate::http::error::{ApiError, ErrorKind};
use crate::model::{ApprovalId, ApprovalState};
use crate::slack::{Button, Config, Interaction, ResponseUrl};

/// Says at once that it was heard, as Slack wants it; what became of it is said at the response URL.
pub(in super::super) async fn interactive(
    State(daemon): State<Daemon>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match heard(daemon, &headers, body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refused) => refused.into_response(),
    }
}

async fn heard(daemon: Daemon, headers: &HeaderMap, body: Body) -> Result<(), Refused> {
    let slack = daemon.slack.clone();
    let (config, body) = slack.receive(headers, body).await?;
    let interaction =
        Interaction::read(&body).map_err(|error| ApiError::new(ErrorKind::BadData, error.to_string()))?;
    let busy =
        |_| ApiError::new(ErrorKind::Unavailable, "too many answers are under way; press the button again");
    let place = slack.0.pressed.clone().try_acquire_owned().map_err(busy)?;
    // A task of its own: once it was heard it is dealt with, whether or not Slack waits.
    tokio::spawn(async move {
        let said = said(&daemon, &config, &interaction).await;
        if let Some(url) = ResponseUrl::read(&interaction.response_url, &config.response_hosts) {
            deliver(&slack.0.client, &url, &said).await;
        }
        drop(place);
    });
    Ok(())
}

/// What became of it, for the channel if it counts, else for whoever pressed the button.
async fn said(daemon: &Daemon, config: &Config, interaction: &Interaction) -> Value {
    let Some(name) = config.approvers.get(&interaction.user) else {
        tracing::warn!(user = interaction.user, "a user of Slack who may not approve pressed a button");
        return ephemeral("You may not answer this: your user is not in slack.approvers.");
    };
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
