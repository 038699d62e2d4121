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
    /// Slack's ids of users who may answer requests for approval, and the names they are known by here. Without it
    /// nobody may. Default none.
    pub approvers: BTreeMap<String, String>,
    /// Hosts to which a late answer may be sent. Default `hooks.slack.com` alone.
    pub response_hosts: Vec<String>,
}

impl Config {
    /// The defaults beside a secret.
    pub fn new(signing_secret: SecretSource) -> Self {
        Self { signing_secret, approvers: BTreeMap::new(), response_hosts: vec![SLACK_HOST.to_owned()] }
    }
}
