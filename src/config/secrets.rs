//! Secrets are named by place. One that stands in the file itself is refused, and never repeated.

use crate::model::SecretSource;

use super::section::Section;
use super::values::text;

/// The keys of one secret.
pub(super) struct SecretKeys {
    inline: &'static str,
    file: &'static str,
    environment: &'static str,
    hint: &'static str,
    refusal: &'static str,
}

macro_rules! secret_keys {
    ($name:ident, $key:literal) => {
        pub(super) const $name: SecretKeys = SecretKeys {
            inline: $key,
            file: concat!($key, "_file"),
            environment: concat!($key, "_env"),
            hint: concat!("name a file, or with ", $key, "_env an environment variable, that holds it"),
            refusal: concat!(
                "must not stand in the file; put it in a file of its own and name that with ",
                $key,
                "_file, or in an environment variable and name that with ",
                $key,
                "_env"
            ),
        };
    };
}

secret_keys!(PASSWORD, "password");
secret_keys!(CREDENTIALS, "credentials");
secret_keys!(TOKEN, "token");
secret_keys!(KEY, "key");
secret_keys!(API_KEY, "api_key");
secret_keys!(VALUE, "value");
secret_keys!(SECRET, "secret");
secret_keys!(SIGNING_SECRET, "signing_secret");
secret_keys!(SLACK_WEBHOOK_URL, "slack_webhook_url");
secret_keys!(URL, "url");

impl SecretKeys {
    /// Whether any of the keys is there.
    pub fn is_written(&self, section: &Section) -> bool {
        section.is_written(self.inline) || self.is_placed(section)
    }

    /// Whether a place is named, whatever the key of the secret itself holds.
    pub fn is_placed(&self, section: &Section) -> bool {
        section.is_written(self.file) || section.is_written(self.environment)
    }

    /// Where the secret is read from, if a place is named; the keys are known, and suggested to whoever misspells them.
    pub fn place(&self, section: &mut Section) -> Option<SecretSource> {
        if section.has(self.file) && section.has(self.environment) {
            section.fault(self.environment, &format!("excludes {}; keep one of the two", self.file));
        }
        let environment = section.value(self.environment, |node| variable(text(node)?));
        section.file(self.file).map(SecretSource::File).or(environment.map(SecretSource::Environment))
    }
}

/// Where a secret that must be there is read from.
pub(super) fn secret(section: &mut Section, keys: &SecretKeys) -> Option<SecretSource> {
    let inline = section.is_written(keys.inline);
    section.refuse(keys.inline, keys.refusal);
    let both = section.has(keys.file) && section.has(keys.environment);
    let environment = section.value(keys.environment, |node| variable(text(node)?));
    if both {
        section.fault(keys.environment, &format!("excludes {}; keep one of the two", keys.file));
    }
    if inline || section.is_written(keys.environment) {
        let file = section.file(keys.file).map(SecretSource::File);
        return file.or(environment.map(SecretSource::Environment));
    }
    section.required_file(keys.file, keys.hint).map(SecretSource::File)
}

fn variable(name: &str) -> Result<String, String> {
    let head = |c: char| c.is_ascii_alphabetic() || c == '_';
    if name.starts_with(head) && name.chars().all(|c| head(c) || c.is_ascii_digit()) {
        return Ok(name.to_owned());
    }
    // The name is not repeated: it may be the secret itself.
    Err("is not the name of an environment variable; write letters, digits and _".to_owned())
}
