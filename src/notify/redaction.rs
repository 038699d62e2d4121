//! Secrets are taken out of what is sent, as before a language model sees it: a label or the output of a program may hold
//! one, or a name beside it may say that it is one. Addresses of hosts and people stay, since a message that does not name the host helps nobody.

use serde_json::Value;

use crate::llm::redact::{self, Redactor};

/// What is taken out: secrets always, and what the patterns of `explain.openai.redact` find.
pub struct Redaction(Redactor);

impl Redaction {
    /// What these settings take out, but for addresses.
    pub fn new(config: &redact::Config) -> Self {
        Self(Redactor::new(&redact::Config { emails: false, addresses: false, ..config.clone() }))
    }

    /// The text without secrets; a placeholder stands for each.
    pub fn apply(&self, text: &str) -> String {
        self.0.session().redact(text).into_string()
    }

    /// JSON without secrets, be they named by a field, by the text before them or in the text itself.
    pub fn json(&self, value: Value) -> Value {
        self.0.session().redact_json(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_addresses_stay() {
        let redaction =
            Redaction::new(&redact::Config { addresses: true, emails: true, ..Default::default() });
        let sent = redaction.apply("10.0.0.7:9100 of ann@example.org says password=hunter2hunter2");
        assert!(sent.contains("10.0.0.7:9100") && sent.contains("ann@example.org"), "{sent}");
        assert!(!sent.contains("hunter2"), "{sent}");
    }
}
