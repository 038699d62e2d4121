//! The section `slack`: how Slack's requests are believed, and which of its users may approve.

use std::collections::BTreeMap;

use crate::slack::Config;

use super::document::Node;
use super::item::Parsed;
use super::secrets::{SIGNING_SECRET, secret};
use super::section::Section;
use super::values::{Names, name, text};

/// The longest id of a user.
const MAX_ID: usize = 64;

/// Slack, if it is without a fault.
pub(super) fn slack(section: &mut Section) -> Option<Config> {
    let signing_secret = secret(section, &SIGNING_SECRET);
    let mut names = Names::default();
    let approvers = section.pairs("approvers", |id, node| Ok((user(id)?, names.claim(node, name)?)));
    let hosts = section.list("response_hosts", |item| item.value(host));
    let defaults = Config::new(signing_secret?);
    Some(Config {
        approvers: BTreeMap::from_iter(approvers.unwrap_or_default()),
        response_hosts: hosts.unwrap_or(defaults.response_hosts),
        signing_secret: defaults.signing_secret,
    })
}

/// Slack's id of a user, which never changes; the name that users give themselves does.
fn user(id: &str) -> Parsed<String> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if id.starts_with(['U', 'W']) && id.len() <= MAX_ID && id.bytes().all(plain) {
        return Ok(id.to_owned());
    }
    Err("is not the id of a user of Slack; write one such as U012AB3CD, which the user's profile shows"
        .to_owned())
}

fn host(node: &Node) -> Parsed<String> {
    let host = text(node)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '[' | ']' | ':');
    if !host.is_empty() && host.chars().all(plain) {
        return Ok(host.to_ascii_lowercase());
    }
    Err("is not a host; write its name alone, for example hooks.slack.com".to_owned())
}
