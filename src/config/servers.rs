//! The sections `prometheus`, `alertmanager` and `logs`, and the client settings they share.

use std::time::Duration;

use url::Url;

use crate::http_client::{Authorization, BasicAuth, Config as ClientConfig, TlsConfig};
use crate::{alertmanager, loki, prometheus};

use super::addresses::{base_url, headers, secret_of_a_server};
use super::document::Node;
use super::item::Parsed;
use super::names::{label_name, name};
use super::secrets::{CREDENTIALS, PASSWORD, secret};
use super::section::Section;
use super::values::{boolean, bytes, duration, seconds, text, whole};

const PROMETHEUS_HINT: &str = "write the address of the server, for example http://localhost:9090, here or in \
                               the flag --prometheus.url";
const ALERTMANAGER_HINT: &str = "write the address of the server, for example http://localhost:9093, or remove \
                                 the section";
const LOKI_HINT: &str =
    "write the address of the server, for example http://localhost:3100, or remove the section";
const REQUEST_TIMEOUT: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(600);
/// A person waits for the answer, and `GET /logs` gives up after 30 s.
const LOKI_TIMEOUT: std::ops::RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(25);

/// The Prometheus to read. `flag` is what `--prometheus.url` says, if it is given: it wins.
pub(super) fn prometheus(section: &mut Section, flag: Option<Option<Url>>) -> Option<prometheus::Config> {
    let url = match flag {
        Some(url) => {
            section.value("url", base_url);
            url
        }
        None => section.required("url", PROMETHEUS_HINT, base_url),
    };
    let timeout = section.value("timeout", duration(REQUEST_TIMEOUT));
    let max_concurrency = section.value("max_concurrency", whole(1..=256usize));
    let max_response = section.value("max_response_size", bytes(1 << 10..=4 << 30));
    let retries = section.value("retries", whole(0..=10u32));
    let http = client(section);
    let defaults = prometheus::Config::new(url?);
    Some(prometheus::Config {
        http,
        timeout: timeout.unwrap_or(defaults.timeout),
        max_concurrency: max_concurrency.unwrap_or(defaults.max_concurrency),
        max_response_bytes: max_response.map_or(defaults.max_response_bytes, |size| size as usize),
        retries: retries.unwrap_or(defaults.retries),
        url: defaults.url,
    })
}

/// The Alertmanager to ask before acting.
pub(super) fn alertmanager(section: &mut Section) -> Option<alertmanager::Config> {
    let url = section.required("url", ALERTMANAGER_HINT, base_url);
    let timeout = section.value("timeout", duration(REQUEST_TIMEOUT));
    let reconcile = section.value("reconcile_interval", duration(seconds(1, 86_400)));
    let receiver = section.value("receiver", name);
    let http = client(section);
    let defaults = alertmanager::Config::new(url?);
    Some(alertmanager::Config {
        http,
        timeout: timeout.unwrap_or(defaults.timeout),
        reconcile_interval: reconcile.unwrap_or(defaults.reconcile_interval),
        receiver: receiver.unwrap_or(defaults.receiver),
        url: defaults.url,
    })
}

/// Where logs are, beside the daemon's own and the journal: in the Loki of `loki`, if it is there.
pub(super) fn logs(section: &mut Section) -> Option<loki::Config> {
    section.child("loki", loki).flatten()
}

fn loki(section: &mut Section) -> Option<loki::Config> {
    let url = section.required("url", LOKI_HINT, base_url);
    let timeout = section.value("timeout", duration(LOKI_TIMEOUT));
    let label = section.value("label", label_name);
    let level_label = section.value("level_label", label_name);
    let http = client(section);
    let defaults = loki::Config::new(url?);
    Some(loki::Config {
        http,
        timeout: timeout.unwrap_or(defaults.timeout),
        label: label.unwrap_or(defaults.label),
        level_label: level_label.unwrap_or(defaults.level_label),
        url: defaults.url,
    })
}

fn client(section: &mut Section) -> ClientConfig {
    if section.has("basic_auth") && section.has("authorization") {
        section.fault("authorization", "excludes basic_auth; keep one of the two");
    }
    ClientConfig {
        basic_auth: section.child("basic_auth", basic_auth).flatten(),
        authorization: section.child("authorization", authorization).flatten(),
        tls: section.child_or_empty("tls_config", tls),
        headers: headers(section, "headers", secret_of_a_server),
    }
}

fn basic_auth(section: &mut Section) -> Option<BasicAuth> {
    let username = section.required("username", "write the user's name", user_name);
    let password = secret(section, &PASSWORD);
    Some(BasicAuth { username: username?, password: password? })
}

fn user_name(node: &Node) -> Parsed<String> {
    match text(node)? {
        name if name.contains(':') => Err("must not hold a colon: it ends the name in basic auth".to_owned()),
        name => Ok(name.to_owned()),
    }
}

fn authorization(section: &mut Section) -> Option<Authorization> {
    let scheme = section.value_or("type", "Bearer".to_owned(), scheme);
    let credentials = secret(section, &CREDENTIALS);
    Some(Authorization { scheme, credentials: credentials? })
}

fn scheme(node: &Node) -> Parsed<String> {
    let scheme = text(node)?;
    if scheme.eq_ignore_ascii_case("basic") {
        return Err("must not be Basic; use basic_auth".to_owned());
    }
    if !scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
        return Err("must be the name of a scheme alone, for example Bearer".to_owned());
    }
    Ok(scheme.to_owned())
}

/// TLS settings of a client.
pub(super) fn tls(section: &mut Section) -> TlsConfig {
    for (given, lacking) in [("cert_file", "key_file"), ("key_file", "cert_file")] {
        if section.has(given) && !section.has(lacking) {
            section.fault(given, &format!("needs {lacking} beside it"));
        }
    }
    TlsConfig {
        ca_file: section.file("ca_file"),
        cert_file: section.file("cert_file"),
        key_file: section.file("key_file"),
        insecure_skip_verify: section.value_or("insecure_skip_verify", false, boolean),
    }
}
