//! The settings of a language model, checked.

use std::time::Duration;

use url::{Host, Url};

use super::limits::{Limits, Prices};
use super::redact;
use crate::http_client::TlsConfig;
use crate::model::SecretSource;

/// OpenAI's own API.
const OPENAI: &str = "https://api.openai.com/v1";

/// Which model is asked, and within which bounds.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address of an OpenAI-compatible API, up to and without `/chat/completions`. Default
    /// `https://api.openai.com/v1`.
    pub base_url: Url,
    /// The model's name.
    pub model: String,
    /// Where the key is; read for every request. `None` sends none, for a server of one's own.
    pub api_key: Option<SecretSource>,
    /// The organization that is billed. Default the key's own.
    pub organization: Option<String>,
    /// The project that is billed. Default the key's own.
    pub project: Option<String>,
    /// TLS beyond the system's certificate authorities.
    pub tls: TlsConfig,
    /// For a whole answer; the wait for others who ask about the same is included. Default 20 s.
    pub timeout: Duration,
    /// Most tokens of an answer, those of hidden reasoning included. Default 4,096.
    pub max_output_tokens: u32,
    /// How long a reasoning model may think. Without it nothing is sent; some models refuse the setting.
    pub reasoning_effort: Option<Effort>,
    /// How much may be asked and spent. Each holds in every span of its length, over restarts, for each replica.
    pub limits: Limits,
    /// What a million tokens cost, in dollars. Without it no cost is on `/metrics`. Default nothing.
    pub prices: Prices,
    /// What is taken out of texts besides secrets.
    pub redact: redact::Config,
}

/// How much a reasoning model thinks before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Not at all.
    None,
    /// As little as it can.
    Minimal,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

impl Config {
    /// The defaults for a model of OpenAI's, without a key.
    pub fn new(model: &str) -> Self {
        Self {
            base_url: Url::parse(OPENAI).expect("the address of OpenAI is a URL"),
            model: model.to_owned(),
            api_key: None,
            organization: None,
            project: None,
            tls: TlsConfig::default(),
            timeout: Duration::from_secs(20),
            max_output_tokens: 4096,
            reasoning_effort: None,
            limits: Limits::default(),
            prices: Prices::default(),
            redact: redact::Config::default(),
        }
    }
}

/// Whether what is sent there can be read on the way: plain HTTP to another host.
pub fn is_exposed(base_url: &Url) -> bool {
    let stays = match base_url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // RFC 6761: names below localhost are never looked up elsewhere.
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    base_url.scheme() != "https" && !stays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_to_another_host_can_be_read_on_the_way() {
        for (url, expected) in [
            ("https://api.openai.com/v1", false),
            ("http://api.openai.com/v1", true),
            ("http://localhost:11434/v1", false),
            ("http://127.0.0.1:4010/v1", false),
            ("http://127.9.9.9/v1", false),
            ("http://[::1]:4010/v1", false),
            ("http://ollama.localhost/v1", false),
            ("http://localhost.example.org/v1", true),
            ("http://10.0.0.5/v1", true),
            ("http://0.0.0.0/v1", true),
            ("http://[::ffff:10.0.0.5]/v1", true),
            ("https://10.0.0.5/v1", false),
        ] {
            assert_eq!(is_exposed(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
