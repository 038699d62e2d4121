//! How Slack is believed, and whom of its users.

use std::collections::BTreeMap;

use crate::model::SecretSource;

/// The host of Slack's own response URLs.
pub(super) const SLACK_HOST: &str = "hooks.slack.com";

/// Settings of Slack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The signing secret of the app, read for each request.
    pub signing_secret: SecretSource,
    /// Slack's id of the one workspace whose requests are served. `None`: of every workspace that has the app.
    pub team_id: Option<String>,
    /// Slack's ids of users who may ask questions. `None`: whoever may use the command.
    pub allowed_users: Option<Vec<String>>,
    /// Slack's ids of channels in which questions may be asked. `None`: in all.
    pub allowed_channels: Option<Vec<String>>,
    /// Slack's ids of users who may answer requests for approval, and the names they are known by here. Without it
    /// nobody may. Default none.
    pub approvers: BTreeMap<String, String>,
    /// Hosts to which a late answer may be sent. Default `hooks.slack.com` alone.
    pub response_hosts: Vec<String>,
}

/// Why a question is not answered, in a sentence for whoever asked it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// This user may not ask.
    #[error(
        "You may not ask: your user {0} is not in slack.allowed_users. Ask whoever runs smartcloudops to add it."
    )]
    User(String),
    /// Nobody may ask here.
    #[error(
        "Questions are not answered here: the channel {0} is not in slack.allowed_channels. Ask in one that is, or ask \
         whoever runs smartcloudops to add it."
    )]
    Channel(String),
}

impl Config {
    /// The defaults beside a secret.
    pub fn new(signing_secret: SecretSource) -> Self {
        Self {
            signing_secret,
            team_id: None,
            allowed_users: None,
            allowed_channels: None,
            approvers: BTreeMap::new(),
            response_hosts: vec![SLACK_HOST.to_owned()],
        }
    }

    /// Whether a request that comes from these workspaces is served. The secret of an app that is installed in several
    /// signs the requests of all of them, and in a shared channel people of another one press buttons. Where a
    /// workspace is configured, what names none is not served either.
    pub fn serves<'a>(&self, teams: impl IntoIterator<Item = &'a str>) -> bool {
        let Some(ours) = &self.team_id else { return true };
        let mut teams = teams.into_iter().peekable();
        teams.peek().is_some() && teams.all(|team| team == ours)
    }

    /// Whether a user may ask in a channel, both by their ids.
    pub fn may_ask(&self, user: &str, channel: &str) -> Result<(), NotAllowed> {
        let is_allowed = |list: &Option<Vec<String>>, id: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|allowed| allowed == id))
        };
        if !is_allowed(&self.allowed_users, user) {
            return Err(NotAllowed::User(user.to_owned()));
        }
        if !is_allowed(&self.allowed_channels, channel) {
            return Err(NotAllowed::Channel(channel.to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::new(SecretSource::Environment("SLACK".to_owned()))
    }

    #[test]
    fn only_who_is_listed_may_ask_and_only_where() {
        let list = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        let (user, channel) = (NotAllowed::User("U1".to_owned()), NotAllowed::Channel("C1".to_owned()));
        for (users, channels, expected, sentence) in [
            (None, None, Ok(()), "no list"),
            (list(&["U1", "U2"]), None, Ok(()), "a listed user"),
            (list(&["U2"]), None, Err(user.clone()), "another user"),
            (list(&["U11", "u1", ""]), None, Err(user.clone()), "ids that look alike"),
            (list(&[]), None, Err(user.clone()), "an empty list lets nobody in"),
            (None, list(&["C1"]), Ok(()), "a listed channel"),
            (None, list(&["C2"]), Err(channel.clone()), "another channel"),
            (list(&["U1"]), list(&["C2"]), Err(channel), "a listed user elsewhere"),
            (list(&["U2"]), list(&["C1"]), Err(user), "another user in a listed channel"),
        ] {
            let config = Config { allowed_users: users, allowed_channels: channels, ..config() };
            assert_eq!(config.may_ask("U1", "C1"), expected, "{sentence}");
        }
        let unnamed = Config { allowed_channels: list(&["C1"]), ..config() };
        assert!(unnamed.may_ask("U1", "").is_err(), "a channel that is not named is none of them");
    }

    #[test]
    fn another_workspace_is_not_served() {
        for (ours, teams, expected, sentence) in [
            (None, &["T2"][..], true, "none is configured"),
            (None, &[], true, "none is configured and none is named"),
            (Some("T1"), &["T1"], true, "the one"),
            (Some("T1"), &["T1", "T1"], true, "the one, of the app and of the user"),
            (Some("T1"), &["T2"], false, "another one"),
            (Some("T1"), &["T1", "T2"], false, "a user of another one, in a shared channel"),
            (Some("T1"), &[], false, "none is named"),
        ] {
            let config = Config { team_id: ours.map(str::to_owned), ..config() };
            assert_eq!(config.serves(teams.iter().copied()), expected, "{sentence}");
        }
    }
}
