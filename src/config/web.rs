//! The sections `web` and `storage`, filled up from the flags.

use std::path::Path;
use std::time::Duration;

use crate::http::{Config as WebConfig, Scope, Token};
use crate::journal::{self, Place, archive};
use crate::object_storage::Access;

use super::addresses::base_url;
use super::names::{Names, name, own_name};
use super::postgres;
use super::secrets::{TOKEN, secret};
use super::section::Section;
use super::snapshots::location;
use super::values::{boolean, bytes, choice, duration, seconds, whole};

const SCOPES: [(&str, Scope); 4] =
    [("read", Scope::Read), ("alerts", Scope::Alerts), ("chat", Scope::Chat), ("operate", Scope::Operate)];
const DAY: u64 = 86_400;

/// The server, without what the flags say.
pub(super) fn web(section: &mut Section) -> WebConfig {
    let defaults = WebConfig::default();
    let read_timeout = || Duration::from_millis(1)..=Duration::from_secs(600);
    let body = section.value("max_body_size", bytes(1 << 10..=1 << 30));
    let mut names = Names::default();
    let tokens = section.list("tokens", |item| item.section(|section| token(section, &mut names)).flatten());
    WebConfig {
        allow_unauthenticated: section.value_or(
            "allow_unauthenticated",
            defaults.allow_unauthenticated,
            boolean,
        ),
        max_connections: section.value_or(
            "max_connections",
            defaults.max_connections,
            whole(1..=100_000usize),
        ),
        header_timeout: section.value_or("header_timeout", defaults.header_timeout, duration(read_timeout())),
        body_timeout: section.value_or("body_timeout", defaults.body_timeout, duration(read_timeout())),
        max_body_bytes: body.map_or(defaults.max_body_bytes, |size| size as usize),
        drain_timeout: section.value_or("drain_timeout", defaults.drain_timeout, duration(seconds(0, 600))),
        tokens: tokens.unwrap_or_default(),
        ..defaults
    }
}

fn token(section: &mut Section, names: &mut Names) -> Option<Token> {
    let hint = "write who uses the token, for example alertmanager";
    let name = section.required("name", hint, |node| names.claim(node, |node| name(node).and_then(own_name)));
    let secret = secret(section, &TOKEN);
    let hint = "write what the token may do: read, alerts, chat, operate";
    let scopes = section.required_list("scopes", hint, |item| item.value(choice(&SCOPES)));
    Some(Token { name: name?, secret: secret?, scopes: scopes? })
}

/// In seconds. Cooldowns are counted from the runs in the journal: it remembers longer than any of them lasts.
const SHORTEST_RETENTION: u64 = 31 * DAY;

/// The journal: in the storage folder, unless a database is named.
pub(super) fn journal(section: &mut Section, storage_path: &Path, region: Option<String>) -> journal::Config {
    let retention = Duration::from_secs(90 * DAY);
    let database = section.child("postgres", postgres::database).flatten();
    let file = || Place::File(storage_path.join(journal::FILE_NAME));
    journal::Config {
        place: database.map_or_else(file, Place::Postgres),
        retention: section.value_or(
            "retention",
            retention,
            duration(seconds(SHORTEST_RETENTION, 3660 * DAY)),
        ),
        archive: archive(section, region),
        queue: section.value_or("queue", 4096, whole(1..=1_000_000usize)),
    }
}

/// Where closed months go; the region is that of `aws`.
fn archive(section: &mut Section, region: Option<String>) -> Option<archive::Config> {
    let endpoint_url = section.value("endpoint_url", base_url);
    let to = location(section, "archive_to")?;
    Some(archive::Config { to, access: Access { endpoint_url, region } })
}
