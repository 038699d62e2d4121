//! Whom to tell what, and how.

use std::time::Duration;

use url::Url;

use crate::http_client::TlsConfig;
use crate::metrics::notify::Lane;
use crate::model::{Matcher, SecretSource};

/// Settings of what is told to others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Who is told; default nobody. Names differ.
    pub receivers: Vec<Receiver>,
}

/// Somebody who is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Receiver {
    /// The name in the journal, in metrics and in logs.
    pub name: String,
    /// Where messages go.
    pub address: Address,
    /// What is told: alerts that begin, explained; alerts that end; requests for approval; runs that have ended.
    pub topics: Vec<Topic>,
    /// In which form.
    pub format: Format,
    /// The key that signs messages, by Standard Webhooks; `None`: they are not signed.
    pub signing_key: Option<SecretSource>,
    /// Only what is about alerts that all these match. Without it, about all.
    pub matchers: Vec<Matcher>,
    /// TLS beyond the system's certificate authorities.
    pub tls: TlsConfig,
    /// How long alerts that begin or end are gathered into one message; requests for approval and the ends of runs do
    /// not wait. Default 5 s, at most 5 min.
    pub group_wait: Duration,
    /// For one attempt. Default 10 s, from 100 ms to 1 min.
    pub timeout: Duration,
    /// How long a message is tried before it is dropped, from the first attempt, or the first one after a restart or a
    /// reload; a request for approval no longer than it can be answered. Default 15 min, from 1 s to a day. Pauses grow
    /// from 1 s to a minute, or up to 5 min where the receiver asks for it, so these are some 25 attempts.
    /// What happens meanwhile waits in the journal, for a day and as long as no more than 100,000 things happen.
    pub give_up_after: Duration,
}

impl Receiver {
    /// The defaults beside a name and an address: everything is told, as JSON.
    pub fn new(name: &str, address: Address) -> Self {
        Self {
            name: name.to_owned(),
            address,
            topics: Topic::ALL.to_vec(),
            format: Format::Json,
            signing_key: None,
            matchers: Vec::new(),
            tls: TlsConfig::default(),
            group_wait: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            give_up_after: Duration::from_secs(15 * 60),
        }
    }
}

/// Where messages go.
#[derive(Clone, Debug, PartialEq)]
pub enum Address {
    /// An address that may be shown.
    Plain(Url),
    /// An address that is a secret, read for each attempt.
    Secret(SecretSource),
}

/// What may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Alerts that begin, explained.
    Firing,
    /// Alerts that end.
    Resolved,
    /// Requests for approval.
    Approval,
    /// Runs that have ended.
    Remediation,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 4] = [Self::Firing, Self::Resolved, Self::Approval, Self::Remediation];

    /// How it is told.
    pub(super) fn lane(self) -> Lane {
        match self {
            Self::Approval => Lane::Urgent,
            Self::Firing | Self::Resolved | Self::Remediation => Lane::Grouped,
        }
    }
}

/// The form of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, as `/api/v1/openapi.json` describes it under `webhooks`.
    Json,
    /// Blocks, for an incoming webhook of Slack.
    Slack,
}
