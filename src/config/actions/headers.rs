//! Headers of an HTTP action: what stands in the file is written down and shown, and what is a secret does not stand
//! in the file.

use crate::config::addresses::{HeaderNames, headers};
use crate::config::item::Item;
use crate::config::secrets::{VALUE, secret};
use crate::config::section::Section;
use crate::model::SecretSource;

use super::holds_template;

/// Headers that tell a receiver which request it is.
const OWN_HEADERS: [&str; 4] = ["idempotency-key", "webhook-id", "webhook-timestamp", "webhook-signature"];
/// What the name of a header holds, as a rule, whose value is a secret.
const SECRET_WORDS: [&str; 6] = ["token", "key", "secret", "auth", "password", "cookie"];

/// Headers as they are written.
pub(super) fn fixed(section: &mut Section) -> Vec<(String, String)> {
    let headers = headers(section, "headers", refusal);
    if let Some((name, _)) = headers.iter().find(|(_, value)| holds_template(value)) {
        section.fault("headers", &format!("are fixed text, and {name} holds a template"));
    }
    headers
}

/// Headers whose values are read from a file or from the environment when they are sent.
pub(super) fn secret_headers(
    section: &mut Section,
    fixed: &[(String, String)],
) -> Vec<(String, SecretSource)> {
    let mut names = HeaderNames::default();
    let mut read = |name: &str, item: &Item| {
        let is_fixed = fixed.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let claimed = match is_fixed {
            true => Err("is given under headers as well; keep one of the two".to_owned()),
            false => own(name).map_or_else(|| names.claim(name), Err),
        };
        let claimed = claimed.map_err(|message| item.fault(&message)).is_ok();
        let source = item.section(|section| secret(section, &VALUE)).flatten()?;
        claimed.then(|| (name.to_owned(), source))
    };
    section.named_items("secret_headers", |name, item| read(name, item)).unwrap_or_default()
}

fn refusal(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    own(name).or_else(|| {
        SECRET_WORDS.iter().any(|word| lower.contains(word)).then(|| {
            "is the name of a secret, and headers are written down and shown as they are; give it under \
             secret_headers, with value_file or value_env"
                .to_owned()
        })
    })
}

/// What is given otherwise.
fn own(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    if OWN_HEADERS.contains(&lower.as_str()) {
        return Some("is set by the action itself; remove it".to_owned());
    }
    let is_bearer = lower == "authorization";
    is_bearer.then(|| "holds a secret, and headers are shown as they are; use authorization".to_owned())
}
