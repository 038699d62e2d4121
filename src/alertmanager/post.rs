//! What is posted to Alertmanager (`postableAlerts` and `postableSilence` of its API v2).

use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{Client, OrderError, RequestError};
use crate::http_client::{Order, one_line};
use crate::metrics::prometheus::Kind;
use crate::model::{Labels, Matcher, Operator, Timestamp};

/// An alert to post. Alertmanager takes one with the same labels for the same alert.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAlert {
    /// Its identity.
    pub labels: Labels,
    /// Text for people.
    pub annotations: Labels,
    /// When it began.
    pub starts_at: Timestamp,
    /// When it counts as resolved.
    pub ends_at: Timestamp,
}

/// A silence to create. Each one that is posted is another silence.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSilence {
    /// All of them must match an alert.
    #[serde(serialize_with = "as_objects")]
    pub matchers: Vec<Matcher>,
    /// When it begins; Alertmanager takes a past time as the present.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Whose it is.
    pub created_by: String,
    /// Why.
    pub comment: String,
}

impl Client {
    /// Posts an alert, once.
    pub async fn post_alert(&self, alert: &NewAlert, timeout: Duration) -> Result<(), OrderError> {
        let order = order("api/v2/alerts", &[alert], timeout);
        self.api.order(&order, |_| Ok(())).await
    }

    /// Creates a silence, once, and gives back its id.
    pub async fn create_silence(
        &self,
        silence: &NewSilence,
        timeout: Duration,
    ) -> Result<String, OrderError> {
        self.api.order(&order("api/v2/silences", silence, timeout), created).await
    }
}

fn order<'a>(path: &'a str, body: &(impl Serialize + ?Sized), timeout: Duration) -> Order<'a> {
    let body = serde_json::to_string(body).expect("labels, texts and times are JSON");
    Order { kind: Kind::Post, method: Method::POST, path, body, timeout }
}

fn created(body: &str) -> Result<String, RequestError> {
    #[derive(Deserialize)]
    struct Created {
        #[serde(rename = "silenceID")]
        id: String,
    }
    let created = serde_json::from_str::<Created>(body);
    created
        .map(|created| one_line(&created.id))
        .map_err(|error| RequestError::Malformed(one_line(&error.to_string())))
}

fn as_objects<S: serde::Serializer>(matchers: &[Matcher], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Object<'a> {
        name: &'a str,
        value: &'a str,
        is_regex: bool,
        is_equal: bool,
    }
    serializer.collect_seq(matchers.iter().map(|matcher| Object {
        name: matcher.name(),
        value: matcher.value(),
        is_regex: matches!(matcher.operator(), Operator::Matches | Operator::NotMatches),
        is_equal: matches!(matcher.operator(), Operator::Equal | Operator::Matches),
    }))
}
