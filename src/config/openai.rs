//! The section `explain.openai`: which language model is asked, and within which bounds.

use url::Url;

use crate::llm::limits::{Limits, Money, Prices};
use crate::llm::redact::{self, Pattern};
use crate::llm::{Config, Effort, is_exposed};
use crate::model::SecretSource;

use super::addresses::base_url;
use super::document::Node;
use super::item::{Item, Parsed};
use super::secrets::{API_KEY, secret};
use super::section::Section;
use super::servers::tls;
use super::values::{boolean, choice, duration, magnitude, seconds, text, whole};

/// The longest name of a model, an organization or a project.
const MAX_NAME: usize = 128;
/// Patterns at most.
const MOST_PATTERNS: usize = 50;

const EFFORTS: [(&str, Effort); 5] = [
    ("none", Effort::None),
    ("minimal", Effort::Minimal),
    ("low", Effort::Low),
    ("medium", Effort::Medium),
    ("high", Effort::High),
];

/// The language model, if it is without a fault.
pub(super) fn openai(section: &mut Section) -> Option<Config> {
    let model = section.required("model", "write the model's name, for example gpt-5-mini", name);
    let defaults = Config::new("");
    let base_url = address(section);
    let api_key = key(section);
    let max_output_tokens =
        section.value_or("max_output_tokens", defaults.max_output_tokens, whole(16..=100_000u32));
    let prices = section.child("prices", prices);
    let mut spending = defaults.limits;
    section.child("limits", |section| {
        spending = limits(section, max_output_tokens, prices.is_some());
    });
    Some(Config {
        base_url: base_url.unwrap_or(defaults.base_url),
        model: model?,
        api_key: api_key?,
        organization: section.value("organization", name),
        project: section.value("project", name),
        tls: section.child_or_empty("tls_config", tls),
        timeout: section.value_or("timeout", defaults.timeout, duration(seconds(1, 300))),
        max_output_tokens,
        reasoning_effort: section.value("reasoning_effort", choice(&EFFORTS)),
        limits: spending,
        prices: prices.unwrap_or_default(),
        redact: section.child_or_empty("redact", redaction),
    })
}

/// Evidence and the key are read by everybody on the way where it is plain HTTP, so that has to be said twice.
fn address(section: &mut Section) -> Option<Url> {
    let url = section.value("base_url", base_url);
    let allowed = section.value_or("allow_plain_http", false, boolean);
    if url.as_ref().is_some_and(is_exposed) && !allowed {
        section.fault(
            "base_url",
            "sends the key and the evidence over the network for everybody to read; use https, or write \
             allow_plain_http: true beside it",
        );
    }
    url
}

/// OpenAI wants a key; a server of one's own may not. `None` after a fault.
fn key(section: &mut Section) -> Option<Option<SecretSource>> {
    let named = ["api_key", "api_key_file", "api_key_env"].iter().any(|key| section.is_written(key));
    if named || !section.has("base_url") {
        return secret(section, &API_KEY).map(Some);
    }
    // Asked for where they are absent, too: so the keys are known, and suggested to whoever misspells them.
    section.file("api_key_file");
    section.value("api_key_env", |_| Ok(()));
    Some(None)
}

fn limits(section: &mut Section, max_output_tokens: u32, has_prices: bool) -> Limits {
    let defaults = Limits::default();
    let per_minute = section.value("requests_per_minute", whole(1..=10_000u32));
    let per_day = section.value("requests_per_day", whole(1..=1_000_000u32));
    let tokens = section.value("tokens_per_day", whole(1..=1_000_000_000_000u64));
    let money_per_day = section.value("dollars_per_day", money);
    let tokens_per_day = tokens.unwrap_or(defaults.tokens_per_day);
    if tokens_per_day <= max_output_tokens.into() {
        let message =
            format!("must be above max_output_tokens ({max_output_tokens}), or no request ever fits");
        section.fault("tokens_per_day", &message);
    }
    if section.has("dollars_per_day") && !has_prices {
        section.fault("dollars_per_day", "needs prices beside limits: nobody else says what a token costs");
    }
    Limits {
        requests_per_minute: per_minute.unwrap_or(defaults.requests_per_minute),
        requests_per_day: per_day.unwrap_or(defaults.requests_per_day),
        tokens_per_day,
        money_per_day,
    }
}

fn prices(section: &mut Section) -> Prices {
    const HINT: &str = "write dollars per million tokens, for example 0.25";
    let input = section.required("input", HINT, money);
    let output = section.required("output", HINT, money);
    Prices { input: input.unwrap_or_default(), output: output.unwrap_or_default() }
}

fn money(node: &Node) -> Parsed<Money> {
    Money::from_dollars(magnitude(node)?).ok_or_else(|| "must be at most 1000000000 dollars".to_owned())
}

fn redaction(section: &mut Section) -> redact::Config {
    let patterns = section.list("patterns", |item: &Item<'_>| item.value(pattern)).unwrap_or_default();
    if patterns.len() > MOST_PATTERNS {
        section.fault("patterns", &format!("has more than {MOST_PATTERNS} patterns; join some with |"));
    }
    redact::Config {
        emails: section.value_or("emails", false, boolean),
        addresses: section.value_or("addresses", false, boolean),
        patterns,
    }
}

fn pattern(node: &Node) -> Parsed<Pattern> {
    // The library shows a fault over several lines, the last of which says what it is.
    Pattern::new(text(node)?).map_err(|error| match error {
        redact::PatternError::Invalid(error) => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim();
            format!("is not a regular expression: {}", reason.trim_start_matches("error: "))
        }
        other => other.to_string(),
    })
}

/// It becomes a part of a header or of a body.
fn name(node: &Node) -> Parsed<String> {
    let name = text(node)?;
    if name.len() <= MAX_NAME && name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(name.to_owned());
    }
    Err(format!("must have letters, digits and signs without spaces, {MAX_NAME} at most"))
}
