//! The silences that Alertmanager holds (`gettableSilences` of its API v2).

use std::time::Duration;

use http::Method;
use serde::Deserialize;

use super::{Client, OrderError, RequestError};
use crate::http_client::{Call, Order, one_line};
use crate::metrics::prometheus::Kind;
use crate::model::Timestamp;

/// A silence.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Silence {
    /// Alertmanager's name for it.
    pub id: String,
    /// Whose it is.
    #[serde(default)]
    pub created_by: String,
    /// Why.
    #[serde(default)]
    pub comment: String,
    /// When it ends.
    pub ends_at: Timestamp,
    status: Status,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Status {
    state: String,
}

impl Silence {
    /// Whether its name is one that Alertmanager gives: it is part of a path.
    pub fn has_plain_id(&self) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=64).contains(&self.id.len()) && self.id.bytes().all(plain)
    }

    /// Whether it has ended, by its time or by somebody.
    pub fn is_expired(&self) -> bool {
        self.status.state == "expired"
    }
}

impl Client {
    /// Ends a silence at once. One that has ended is refused, as one that never was.
    pub async fn expire_silence(&self, id: &str, timeout: Duration) -> Result<(), OrderError> {
        let (method, body) = (Method::DELETE, String::new());
        let path = format!("api/v2/silence/{id}");
        let order = Order { kind: Kind::Expire, method, path: &path, body, timeout };
        self.api.order(&order, |_| Ok(())).await
    }

    /// Every silence, those that have ended a while ago included.
    pub async fn silences(&self) -> Result<Vec<Silence>, RequestError> {
        let call = Call {
            kind: Kind::Silences,
            method: Method::GET,
            path: "api/v2/silences",
            parameters: Vec::new(),
            gzip: true,
        };
        self.api.ask(&call, silences).await
    }
}

fn silences(body: &str) -> Result<Vec<Silence>, RequestError> {
    serde_json::from_str(body).map_err(|error| RequestError::Malformed(one_line(&error.to_string())))
}
