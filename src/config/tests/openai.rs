//! What is accepted of the language model, and what it means.

use std::time::Duration;

use crate::llm::limits::{Limits, Money};
use crate::llm::{self, Effort};
use crate::model::SecretSource;

use super::*;

fn model(settings: &str) -> llm::Config {
    let text = format!("explain: {{openai: {{model: gpt-5-mini, {settings}}}}}");
    let config = parse(&text, &with_url()).unwrap_or_else(|faults| panic!("{text}\n{faults}"));
    config.llm.expect("a model is configured")
}

#[test]
fn a_name_and_a_key_are_enough() {
    let config = model("api_key_file: /etc/openai.key");
    let defaults = llm::Config::new("gpt-5-mini");
    assert_eq!(config.base_url.as_str(), "https://api.openai.com/v1");
    assert_eq!(config.api_key, Some(SecretSource::File("/etc/openai.key".into())));
    assert_eq!((config.timeout, config.max_output_tokens), (Duration::from_secs(20), 4096));
    assert_eq!((config.limits, config.prices), (defaults.limits, defaults.prices));
    assert!(!config.redact.emails && !config.redact.addresses && config.redact.patterns.is_empty());
}

#[test]
fn without_the_section_there_is_no_model() {
    for text in ["scoring: {}", "explain:", "explain: {}", "explain: {openai: }"] {
        assert!(parse(text, &with_url()).unwrap().llm.is_none(), "{text}");
    }
}

#[test]
fn a_server_of_ones_own_needs_no_key_and_other_hosts_need_https() {
    for (settings, key) in [
        ("base_url: 'http://localhost:11434/v1'", None),
        ("base_url: 'https://models.example.org/v1'", None),
        ("base_url: 'http://10.0.0.5/v1', allow_plain_http: true, api_key_env: KEY", Some("KEY")),
    ] {
        let key = key.map(|name| SecretSource::Environment(name.to_owned()));
        assert_eq!(model(settings).api_key, key, "{settings}");
    }
}

#[test]
fn every_setting_is_read() {
    let config = model(
        "api_key_env: KEY, organization: org-1, project: proj_1, timeout: 5s, max_output_tokens: 500, \
         reasoning_effort: minimal, prices: {input: 0.25, output: 2}, tls_config: {ca_file: /ca.pem}, \
         limits: {requests_per_minute: 2, requests_per_day: 20, tokens_per_day: 30000, dollars_per_day: 0.5}, \
         redact: {emails: true, addresses: true, patterns: ['CUST-\\d+']}",
    );
    assert_eq!(config.organization.as_deref(), Some("org-1"));
    assert_eq!(config.project.as_deref(), Some("proj_1"));
    assert_eq!((config.timeout, config.max_output_tokens), (Duration::from_secs(5), 500));
    assert_eq!(config.reasoning_effort, Some(Effort::Minimal));
    assert_eq!(config.tls.ca_file, Some("/ca.pem".into()));
    let money_per_day = Money::from_dollars(0.5);
    let limits =
        Limits { requests_per_minute: 2, requests_per_day: 20, tokens_per_day: 30_000, money_per_day };
    assert_eq!(config.limits, limits);
    let prices = (Money::from_micros(250_000), Money::from_micros(2_000_000));
    assert_eq!((config.prices.input, config.prices.output), prices);
    assert!(config.redact.emails && config.redact.addresses);
    assert_eq!(config.redact.patterns[0].as_str(), "CUST-\\d+");
}

#[test]
fn every_fault_is_found_at_once() {
    let faults = faults_of(
        "explain:\n  openai:\n    models: m\n    base_url: ftp://hunter2@h\n    timeout: 1h\n    limits:\n      \
         tokens_per_day: none\n    redact: {patterns: ['(']}\n",
    );
    let places: Vec<&str> = faults.iter().map(|fault| fault.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["line 3", "line 4", "line 5", "line 7", "line 8"], "{faults:#?}");
    assert!(!faults.concat().contains("hunter2"), "{faults:#?}");
}
