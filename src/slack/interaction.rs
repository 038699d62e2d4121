//! A button that was pressed: `payload` is JSON of the type `block_actions`.

use serde::Deserialize;

use super::button::{APPROVE, Button, REJECT};
use super::id::is_id;

/// A person's answer to a request for approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// Slack's id of the user.
    pub user: String,
    /// Slack's ids of the workspaces it comes from: that of the message, and that of the user.
    pub teams: Vec<String>,
    /// Whether it was the button that approves.
    pub approves: bool,
    /// The request, and the plan that was shown.
    pub button: Button,
    /// Where what became of it may be said; not checked yet.
    pub response_url: String,
}

/// How the id of a workspace begins.
const WORKSPACE: char = 'T';

/// Why a payload is no answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InteractionError {
    /// There is none, or it is not of Slack's form.
    #[error("the field payload is not JSON of Slack's form")]
    Malformed,
    /// It is about something else than a button.
    #[error("only block_actions with one action are taken")]
    OtherKind,
    /// The button is none of ours.
    #[error("the button is none of smartcloudops")]
    OtherButton,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    user: User,
    /// Null where the app belongs to a whole organisation.
    #[serde(default)]
    team: Option<Team>,
    #[serde(default)]
    actions: Vec<Action>,
    #[serde(default)]
    response_url: String,
}

#[derive(Deserialize)]
struct User {
    id: String,
    #[serde(default)]
    team_id: Option<String>,
}

#[derive(Deserialize)]
struct Team {
    #[serde(default)]
    id: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    #[serde(default)]
    action_id: String,
    #[serde(default)]
    value: String,
}

impl Interaction {
    /// Reads the form's `payload`.
    pub fn read(body: &[u8]) -> Result<Self, InteractionError> {
        let mut fields = url::form_urlencoded::parse(body);
        let payload = fields.find(|(field, _)| field == "payload").ok_or(InteractionError::Malformed)?;
        let payload: Payload = serde_json::from_str(&payload.1).map_err(|_| InteractionError::Malformed)?;
        let [action] = payload.actions.as_slice() else {
            return Err(InteractionError::OtherKind);
        };
        if payload.kind != "block_actions" {
            return Err(InteractionError::OtherKind);
        }
        let approves = match &*action.action_id {
            APPROVE => true,
            REJECT => false,
            _ => return Err(InteractionError::OtherButton),
        };
        let button = Button::read(&action.value).ok_or(InteractionError::OtherButton)?;
        if !is_id(&payload.user.id) {
            return Err(InteractionError::Malformed);
        }
        let named = [payload.team.and_then(|team| team.id), payload.user.team_id];
        // Of a user of an organisation Slack names the organisation instead, which is no workspace.
        let teams = named.into_iter().flatten().filter(|id| id.starts_with(WORKSPACE)).collect();
        Ok(Self { user: payload.user.id, teams, approves, button, response_url: payload.response_url })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_workspaces_of_the_message_and_of_the_user_are_read() {
        let value = format!("7.{}", "ab".repeat(32));
        let actions = json!([{"action_id": APPROVE, "value": value}]);
        for (team, user, expected, sentence) in [
            (json!({"id": "T1"}), json!("T1"), &["T1", "T1"][..], "both"),
            (json!({"id": "T1"}), json!(null), &["T1"], "the message's alone"),
            (json!({"id": "T1"}), json!("T2"), &["T1", "T2"], "somebody of another workspace"),
            (json!({"id": "T1"}), json!("E1"), &["T1"], "somebody of an organisation"),
            (json!(null), json!("T2"), &["T2"], "an app of a whole organisation"),
            (json!({}), json!(null), &[], "none"),
        ] {
            let payload = json!({"type": "block_actions", "actions": actions, "team": team,
                "user": {"id": "U1", "team_id": user}});
            assert_eq!(read(&payload).unwrap().teams, expected, "{sentence}");
        }
    }

    fn read(payload: &Value) -> Result<Interaction, InteractionError> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &payload.to_string())
            .finish();
        Interaction::read(form.as_bytes())
    }

    #[test]
    fn one_button_of_ours_is_an_answer_and_nothing_else_is() {
        let value = format!("7.{}", "ab".repeat(32));
        let action = |id: &str, value: &str| json!({"action_id": id, "value": value, "type": "button"});
        let payload =
            |kind: &str, actions: Value| json!({"type": kind, "user": {"id": "U1"}, "actions": actions});
        let approve = read(&payload("block_actions", json!([action(APPROVE, &value)]))).unwrap();
        assert_eq!((approve.approves, approve.button.approval, &*approve.user), (true, 7, "U1"));
        assert!(!read(&payload("block_actions", json!([action(REJECT, &value)]))).unwrap().approves);
        for (given, expected, sentence) in [
            (
                payload("view_submission", json!([action(APPROVE, &value)])),
                InteractionError::OtherKind,
                "a kind",
            ),
            (payload("block_actions", json!([])), InteractionError::OtherKind, "no action"),
            (
                payload("block_actions", json!([action(APPROVE, &value), action(REJECT, &value)])),
                InteractionError::OtherKind,
                "both at once",
            ),
            (
                payload("block_actions", json!([action("other", &value)])),
                InteractionError::OtherButton,
                "a button",
            ),
            (
                payload("block_actions", json!([action(APPROVE, "7")])),
                InteractionError::OtherButton,
                "no plan",
            ),
            (json!({"type": "block_actions"}), InteractionError::Malformed, "nobody"),
            (
                json!({"type": "block_actions", "user": {"id": "a\nb"}, "actions": [action(APPROVE, &value)]}),
                InteractionError::Malformed,
                "a user who is none",
            ),
            (json!([]), InteractionError::Malformed, "a list"),
        ] {
            assert_eq!(read(&given), Err(expected), "{sentence}");
        }
        assert_eq!(Interaction::read(b"text=x"), Err(InteractionError::Malformed));
    }
}
