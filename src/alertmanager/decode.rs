//! Alertmanager's JSON (`gettableAlerts` of its API v2).

use serde::Deserialize;

use super::RequestError;
use crate::http_client::one_line;
use crate::model::{Alert, AlertStatus, Labels, Timestamp};

/// An alert that Alertmanager holds, and what it does about it.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveAlert {
    /// Firing: Alertmanager's API leaves out what is resolved. `ends_at` is `None`, since the time it
    /// has there is only when it will give up waiting for news.
    pub alert: Alert,
    /// Whether notifications go out.
    pub state: AlertState,
    /// Ids of the silences that hold it back.
    pub silenced_by: Vec<String>,
    /// Fingerprints of the alerts that inhibit it.
    pub inhibited_by: Vec<String>,
    /// Names of the time intervals that mute it; always empty before Alertmanager 0.28.
    pub muted_by: Vec<String>,
    /// Names of the receivers it is routed to.
    pub receivers: Vec<String>,
}

/// Whether notifications of an alert go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// They do.
    Active,
    /// Silenced or inhibited.
    Suppressed,
    /// Not decided yet.
    Unprocessed,
}

/// Reads the list. One alert that cannot be read fails all: a caller that missed it might act on what
/// is silenced.
pub(super) fn alerts(body: &str) -> Result<Vec<ActiveAlert>, RequestError> {
    let raw: Vec<RawAlert> =
        serde_json::from_str(body).map_err(|error| RequestError::Malformed(one_line(&error.to_string())))?;
    Ok(raw.into_iter().map(ActiveAlert::from).collect())
}

/// Reads the version out of the status.
pub(super) fn version(body: &str) -> Result<String, RequestError> {
    let status: RawInfo =
        serde_json::from_str(body).map_err(|error| RequestError::Malformed(one_line(&error.to_string())))?;
    Ok(one_line(&status.version_info.version))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawInfo {
    version_info: RawVersion,
}

#[derive(Deserialize)]
struct RawVersion {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAlert {
    labels: Labels,
    #[serde(default)]
    annotations: Labels,
    starts_at: Timestamp,
    #[serde(default, rename = "generatorURL")]
    generator_url: String,
    status: RawStatus,
    #[serde(default)]
    receivers: Vec<RawReceiver>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawStatus {
    state: AlertState,
    silenced_by: Option<Vec<String>>,
    inhibited_by: Option<Vec<String>>,
    muted_by: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RawReceiver {
    name: String,
}

impl From<RawAlert> for ActiveAlert {
    fn from(raw: RawAlert) -> Self {
        let alert = Alert {
            status: AlertStatus::Firing,
            labels: raw.labels,
            annotations: raw.annotations,
            starts_at: raw.starts_at,
            ends_at: None,
            generator_url: raw.generator_url,
        };
        Self {
            alert,
            state: raw.status.state,
            silenced_by: raw.status.silenced_by.unwrap_or_default(),
            inhibited_by: raw.status.inhibited_by.unwrap_or_default(),
            muted_by: raw.status.muted_by.unwrap_or_default(),
            receivers: raw.receivers.into_iter().map(|receiver| receiver.name).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Alertmanager 0.25 writes it.
    const SILENCED: &str = r#"[{"annotations":{"summary":"down"},"endsAt":"2026-11-23T03:22:00.000Z",
        "fingerprint":"90fcac6cd7a1b1b1","receivers":[{"name":"hook"},{"name":"mail"}],
        "startsAt":"2026-11-23T03:17:00.123+02:00","updatedAt":"2026-11-23T03:17:00.000Z",
        "status":{"inhibitedBy":[],"silencedBy":["c0ffee"],"state":"suppressed"},
        "generatorURL":"http://p/graph","labels":{"alertname":"AppDown","instance":"a:1"}}]"#;

    #[test]
    fn a_silenced_alert_says_by_what() {
        let alert = alerts(SILENCED).unwrap().remove(0);
        assert_eq!(alert.state, AlertState::Suppressed);
        assert_eq!(alert.silenced_by, ["c0ffee"]);
        assert_eq!(alert.receivers, ["hook", "mail"]);
        assert_eq!((alert.inhibited_by.len(), alert.muted_by.len()), (0, 0));
        assert_eq!(alert.alert.name(), "AppDown");
        assert_eq!(alert.alert.starts_at.to_string(), "2026-11-23T01:17:00.123Z");
        assert_eq!(alert.alert.ends_at, None);
        assert_eq!(alert.alert.generator_url, "http://p/graph");
    }

    #[test]
    fn what_is_not_understood_fails_the_whole_list() {
        let status = |status: &str| {
            format!(r#"[{{"labels":{{}},"startsAt":"2026-11-23T03:17:00Z","status":{status}}}]"#)
        };
        assert_eq!(alerts("[]").unwrap(), []);
        assert_eq!(alerts(&status(r#"{"state":"unprocessed","mutedBy":null}"#)).unwrap().len(), 1);
        for body in ["", "{}", "<html>", &status(r#"{"state":"snoozed"}"#), &status("{}")] {
            assert!(matches!(alerts(body), Err(RequestError::Malformed(_))), "{body}");
        }
    }
}
