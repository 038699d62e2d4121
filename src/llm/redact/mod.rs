//! What has to be taken out of a text before it leaves the host, and put back in an answer.
//!
//! Secrets are always taken out and never put back: what follows a name such as `password` (`named`),
//! be it in the text before them or in the field, header or flag that they stand behind in JSON (`json`),
//! tokens known by their shape (`shapes`), private keys (`pem`), and the user part of a URL (`url`).
//! Where configured, e-mail addresses and network addresses (`addresses`) are taken out as well, and put
//! back. A [`Session`] holds what was taken out of one conversation, so that a value has one placeholder in
//! all of it. When in doubt a text is taken out: what is missing costs an explanation, a secret that gets
//! away costs more.
//!
//! It takes time linear in the text. It does not find a secret that neither looks like one nor follows a
//! name, and in a sentence (`prose`) not one that is a word which passwords are described with.

mod addresses;
mod entropy;
mod json;
mod name;
mod named;
mod pattern;
mod pem;
mod placeholder;
mod prose;
mod separator;
mod session;
mod shapes;
mod span;
mod url;
mod value;

pub use pattern::{Pattern, PatternError};
pub use placeholder::Kind;
pub use session::{Redacted, Session};

use span::Span;

/// What is taken out besides secrets. By default nothing is.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Whether e-mail addresses are taken out, and put back in answers.
    pub emails: bool,
    /// Whether IPv4 and IPv6 addresses are taken out, and put back in answers; ports stay.
    pub addresses: bool,
    /// What else is taken out, and never put back. At most 50.
    pub patterns: Vec<Pattern>,
}

/// Finds what has to be taken out. One serves all conversations; each has a [`Session`] of its own.
#[derive(Clone, Debug)]
pub struct Redactor {
    config: Config,
}

impl Redactor {
    /// A redactor for these settings.
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone() }
    }

    /// The beginning of a conversation, in which nothing was taken out yet.
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }

    /// Everything that has to be taken out, in the order in which it stands, nothing of it twice.
    fn spans(&self, text: &str, forged: Vec<Span>) -> Vec<Span> {
        let mut secrets = named::find(text);
        secrets.extend(shapes::find(text));
        secrets.extend(pem::find(text));
        secrets.extend(url::find(text));
        secrets.extend(self.config.patterns.iter().flat_map(|pattern| pattern.find(text)));
        let mut others = forged;
        if self.config.emails {
            others.extend(addresses::emails(text));
        }
        if self.config.addresses {
            others.extend(addresses::networks(text));
        }
        span::settle(secrets, others)
    }
}

#[cfg(test)]
mod tests;
