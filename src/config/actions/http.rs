//! Steps that call an HTTP endpoint.

use std::time::Duration;

use crate::config::addresses::action_url;
use crate::config::document::Node;
use crate::config::item::Parsed;
use crate::config::secrets::{CREDENTIALS, KEY, secret};
use crate::config::section::Section;
use crate::config::values::{boolean, choice, duration, seconds, text, whole};
use crate::decide::ActionTemplate;
use crate::decide::template::{Escape, Template};
use crate::model::SecretSource;

use super::{headers, template};

const METHODS: [(&str, &str); 4] = [("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("GET", "GET")];
/// Methods that may be repeated without harm (RFC 9110, 9.2.2).
const IDEMPOTENT: [&str; 2] = ["PUT", "GET"];

/// One request.
pub(super) fn http(section: &mut Section) -> Option<ActionTemplate> {
    let method = section.value_or("method", "POST", choice(&METHODS));
    let hint = "write the address to call, for example https://hooks.example.org/restart/{{ target }}";
    let url = section.required("url", hint, url_template);
    let bearer = section.child("authorization", bearer);
    let signing_key = section.child("sign", |section| secret(section, &KEY));
    let headers = headers::fixed(section);
    let secret_headers = headers::secret_headers(section, &headers);
    let body = section.value("body", |node| template(text(node)?, Escape::Json));
    if method == "GET" && section.has("body") {
        section.fault("body", "is not sent with GET; use POST or remove it");
    }
    let timeout = section.value_or("timeout", Duration::from_secs(10), duration(seconds(1, 600)));
    let retries = retries(section, method);
    // Some(None): it is there and has a fault.
    let bearer = bearer.map_or(Some(None), |bearer| bearer.map(Some));
    let signing_key = signing_key.map_or(Some(None), |key| key.map(Some));
    Some(ActionTemplate::Http {
        method: method.to_owned(),
        url: url?,
        bearer: bearer?,
        signing_key: signing_key?,
        headers,
        secret_headers,
        body,
        timeout,
        retries,
    })
}

/// A request that must not happen twice is sent once, whatever becomes of it.
fn retries(section: &mut Section, method: &str) -> u32 {
    let idempotent = section.value_or("idempotent", IDEMPOTENT.contains(&method), boolean);
    let retries = section.value_or("retries", if idempotent { 2 } else { 0 }, whole(0..=5u32));
    if retries > 0 && !idempotent {
        let message = format!(
            "could do it twice: {method} is not idempotent; write idempotent: true if the receiver takes a second \
             request with the same Idempotency-Key for the first, or remove it"
        );
        section.fault("retries", &message);
    }
    retries
}

fn url_template(node: &Node) -> Parsed<Template> {
    let url = text(node)?;
    action_url(url)?;
    template(url, Escape::Url)
}

fn bearer(section: &mut Section) -> Option<SecretSource> {
    // What is written here is not repeated: it may be the secret.
    section.value("type", |node| match text(node)? {
        "Bearer" => Ok(()),
        _ => Err("must be Bearer; an action knows no other scheme".to_owned()),
    });
    secret(section, &CREDENTIALS)
}
