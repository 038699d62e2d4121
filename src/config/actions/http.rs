//! Steps that call an HTTP endpoint.

use std::time::Duration;

use crate::config::addresses::{action_url, headers};
use crate::config::document::Node;
use crate::config::item::Parsed;
use crate::config::secrets::{CREDENTIALS, secret};
use crate::config::section::Section;
use crate::config::values::{choice, duration, seconds, text};
use crate::decide::ActionTemplate;
use crate::decide::template::{Escape, Template};
use crate::model::SecretSource;

use super::{holds_template, template};

const METHODS: [(&str, &str); 4] = [("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("GET", "GET")];

/// One request.
pub(super) fn http(section: &mut Section) -> Option<ActionTemplate> {
    let method = section.value_or("method", "POST", choice(&METHODS));
    let hint = "write the address to call, for example https://hooks.example.org/restart/{{ target }}";
    let url = section.required("url", hint, url_template);
    let bearer = section.child("authorization", bearer);
    let headers = headers(section, "headers");
    if let Some((name, _)) = headers.iter().find(|(_, value)| holds_template(value)) {
        section.fault("headers", &format!("are fixed text, and {name} holds a template"));
    }
    let body = section.value("body", |node| template(text(node)?, Escape::Json));
    if method == "GET" && section.has("body") {
        section.fault("body", "is not sent with GET; use POST or remove it");
    }
    let timeout = section.value_or("timeout", Duration::from_secs(10), duration(seconds(1, 600)));
    let bearer = bearer.map_or(Some(None), |bearer| bearer.map(Some));
    Some(ActionTemplate::Http {
        method: method.to_owned(),
        url: url?,
        bearer: bearer?,
        headers,
        body,
        timeout,
    })
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
