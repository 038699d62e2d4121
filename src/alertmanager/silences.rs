//! The silences that Alertmanager holds (`gettableSilences` of its API v2).

use http::Method;
use serde::Deserialize;

use super::{Client, RequestError};
use crate::http_client::{Call, one_line};
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
    /// Whether it has ended, by its time or by somebody.
    pub fn is_expired(&self) -> bool {
        self.status.state == "expired"
    }
}

impl Client {
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
