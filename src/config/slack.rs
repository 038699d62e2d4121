//! The section `slack`: how Slack's requests are believed, and which of its users may ask and approve.

use std::collections::BTreeMap;

use crate::slack::{Config, is_id};

use super::document::Node;
use super::item::{Item, Parsed};
use super::names::{Names, name, own_name};
use super::secrets::{SIGNING_SECRET, secret};
use super::section::Section;
use super::values::text;

/// How the ids of workspaces, channels (private ones and conversations among them) and users begin.
const TEAM: &[char] = &['T'];
const CHANNEL: &[char] = &['C', 'D', 'G'];
const USER: &[char] = &['U', 'W'];

/// Slack, if it is without a fault.
pub(super) fn slack(section: &mut Section) -> Option<Config> {
    let signing_secret = secret(section, &SIGNING_SECRET);
    let team_id = section.value("team_id", |node| id(text(node)?, TEAM, TEAM_HINT));
    let allowed_users = listed(section, "allowed_users", USER, USER_HINT);
    let allowed_channels = listed(section, "allowed_channels", CHANNEL, CHANNEL_HINT);
    let mut names = Names::default();
    let approvers = section
        .pairs("approvers", |id, node| Ok((self::id(id, USER, USER_HINT)?, names.claim(node, person)?)));
    let hosts = section.list("response_hosts", |item| item.value(host));
    let defaults = Config::new(signing_secret?);
    Some(Config {
        team_id,
        allowed_users,
        allowed_channels,
        approvers: BTreeMap::from_iter(approvers.unwrap_or_default()),
        response_hosts: hosts.unwrap_or(defaults.response_hosts),
        signing_secret: defaults.signing_secret,
    })
}

const TEAM_HINT: &str = "is not the id of a workspace of Slack; write one such as T012AB3CD, which the workspace's address in a browser shows";
const CHANNEL_HINT: &str =
    "is not the id of a channel of Slack; write one such as C012AB3CD, which the channel's details show";
const USER_HINT: &str =
    "is not the id of a user of Slack; write one such as U012AB3CD, which the user's profile shows";

/// Slack's id of something, which never changes; names do.
fn id(id: &str, begins: &[char], hint: &str) -> Parsed<String> {
    let is_one = is_id(id) && id.starts_with(begins);
    if is_one { Ok(id.to_owned()) } else { Err(hint.to_owned()) }
}

/// Whom or what questions are restricted to. A key with nothing behind it is a mistake: it would let in nobody or everybody.
fn listed(
    section: &mut Section,
    key: &'static str,
    begins: &[char],
    hint: &'static str,
) -> Option<Vec<String>> {
    let read = |item: &Item| item.value(|node| id(text(node)?, begins, hint));
    match section.is_written(key) {
        true => section.required_list(key, "write whom to let in, or leave it out to let in all", read),
        false => section.list(key, read),
    }
}

/// The name of a person, who is neither nobody nor the daemon itself.
fn person(node: &Node) -> Parsed<String> {
    name(node).and_then(own_name)
}

fn host(node: &Node) -> Parsed<String> {
    let host = text(node)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '[' | ']' | ':');
    if !host.is_empty() && host.chars().all(plain) {
        return Ok(host.to_ascii_lowercase());
    }
    Err("is not a host; write its name alone, for example hooks.slack.com".to_owned())
}
