//! Alertmanager's webhook message, version 4.
//!
//! Unknown fields are accepted; a bad alert is set aside and never costs the others their place; the whole
//! message is refused only where nothing in it could ever be accepted, because a refusal is re-sent without
//! end.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::{Alert, AlertStatus, Delivery, DeliverySource, Labels, Timestamp};

/// Labels, or annotations, of one alert.
const MAX_PAIRS: usize = 128;
/// Bytes of a label or annotation name.
const MAX_NAME: usize = 1024;
/// Bytes of a label's value.
const MAX_VALUE: usize = 8 << 10;
/// Bytes of all annotations of an alert.
const MAX_ANNOTATIONS: usize = 64 << 10;
/// Bytes of a generator URL that are kept.
const MAX_URL: usize = 8 << 10;
/// Alerts set aside per message; further ones are only counted by their absence.
const MAX_QUARANTINED: usize = 100;
/// Bytes kept of each.
const MAX_QUARANTINED_BYTES: usize = 4 << 10;

/// Why a message as a whole cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The body is not text.
    #[error("the body is not UTF-8 at byte {0}")]
    NotText(usize),
    /// The body is not JSON, or not the JSON of a webhook message.
    #[error("the body is not a webhook message: {0}")]
    NotAMessage(String),
    /// There is no version: the receiver has a `payload` of its own.
    #[error(
        "the field 'version' is missing; remove 'payload' from the receiver, only Alertmanager's own message is read"
    )]
    NoVersion,
    /// Another version of the message.
    #[error("version '{0}' of the webhook message is not known, only '4' is")]
    Version(String),
}

#[derive(Deserialize)]
struct Message<'a> {
    version: Option<serde_json::Value>,
    #[serde(rename = "truncatedAlerts", default)]
    truncated: Option<serde_json::Value>,
    #[serde(borrow)]
    alerts: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct RawAlert {
    status: AlertStatus,
    labels: Labels,
    #[serde(default)]
    annotations: Option<Labels>,
    #[serde(rename = "startsAt", default)]
    starts_at: Option<String>,
    #[serde(rename = "endsAt", default)]
    ends_at: Option<String>,
    #[serde(rename = "generatorURL", default)]
    generator_url: Option<String>,
}

/// Reads a message received at `now`.
pub fn parse(body: &[u8], now: Timestamp) -> Result<Delivery, ParseError> {
    let text = std::str::from_utf8(body).map_err(|error| ParseError::NotText(error.valid_up_to()))?;
    let message: Message =
        serde_json::from_str(text).map_err(|error| ParseError::NotAMessage(error.to_string()))?;
    match message.version {
        None => return Err(ParseError::NoVersion),
        Some(serde_json::Value::String(version)) if version == "4" => {}
        Some(other) => return Err(ParseError::Version(shortened(&other.to_string(), 40).replace('"', ""))),
    }
    let raw =
        message.alerts.ok_or_else(|| ParseError::NotAMessage("the field 'alerts' is missing".to_owned()))?;
    // Not with the capacity of all of them: a message of tiny values would take a hundred times its size.
    let (mut alerts, mut quarantined) = (Vec::new(), Vec::new());
    for one in raw {
        match read(one.get(), now) {
            Some(alert) => alerts.push(alert),
            None if quarantined.len() < MAX_QUARANTINED => {
                quarantined.push(shortened(one.get(), MAX_QUARANTINED_BYTES).to_owned());
            }
            None => {}
        }
    }
    let truncated = message.truncated.and_then(|count| count.as_u64()).unwrap_or(0);
    Ok(Delivery { received_at: now, source: DeliverySource::Webhook, alerts, quarantined, truncated })
}

/// `None`: the alert cannot be read or exceeds a bound.
fn read(text: &str, now: Timestamp) -> Option<Alert> {
    let raw: RawAlert = serde_json::from_str(text).ok()?;
    let annotations = raw.annotations.unwrap_or_default();
    let total: usize = annotations.iter().map(|(name, value)| name.len() + value.len()).sum();
    let short = |(name, value): (&str, &str)| name.len() <= MAX_NAME && value.len() <= MAX_VALUE;
    let bounded = raw.labels.len() <= MAX_PAIRS && annotations.len() <= MAX_PAIRS && total <= MAX_ANNOTATIONS;
    if !bounded || raw.labels.is_empty() || !raw.labels.iter().all(short) {
        return None;
    }
    let time = |text: Option<String>| text?.parse::<Timestamp>().ok();
    let ends_at = match raw.status {
        AlertStatus::Firing => None,
        AlertStatus::Resolved => {
            Some(time(raw.ends_at).filter(|at| *at > Timestamp::default()).unwrap_or(now))
        }
    };
    let starts_at = time(raw.starts_at).filter(|at| *at > Timestamp::default()).unwrap_or(now);
    let generator_url = shortened(&raw.generator_url.unwrap_or_default(), MAX_URL).to_owned();
    Some(Alert { status: raw.status, labels: raw.labels, annotations, starts_at, ends_at, generator_url })
}

fn shortened(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn message(alerts: &str) -> String {
        format!(r#"{{"version":"4","truncatedAlerts":2,"receiver":"x","alerts":[{alerts}]}}"#)
    }

    #[test]
    fn an_ordinary_message_is_read() {
        let body = message(
            r#"{"status":"firing","labels":{"alertname":"A"},"annotations":{"summary":"s"},"startsAt":"2026-01-01T00:00:00.123456789Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p/g","fingerprint":"x"},
               {"status":"resolved","labels":{"alertname":"B"},"startsAt":"2026-01-01T00:00:00Z","endsAt":"2026-01-01T00:05:00+01:00"}"#,
        );
        let delivery = parse(body.as_bytes(), NOW).unwrap();
        assert_eq!(delivery.truncated, 2);
        assert_eq!(delivery.alerts[0].starts_at.to_string(), "2026-01-01T00:00:00.123Z");
        assert_eq!(delivery.alerts[0].ends_at, None);
        assert_eq!(delivery.alerts[1].ends_at.unwrap().to_string(), "2025-12-31T23:05:00Z");
    }

    #[test]
    fn a_bad_alert_is_set_aside_and_the_others_stay() {
        let many = format!(r#"{{"status":"firing","labels":{{"a":"{}"}}}}"#, "x".repeat(MAX_VALUE + 1));
        for (bad, sentence) in [
            ("{}", "nothing in it"),
            (r#"{"status":"sideways","labels":{"a":"b"}}"#, "an unknown status"),
            (r#"{"status":"firing"}"#, "no labels"),
            (r#"{"status":"firing","labels":{}}"#, "empty labels"),
            (r#"{"status":"firing","labels":{"a":1}}"#, "a label that is no text"),
            (r#"7"#, "no object"),
            (&many, "a value that is too long"),
        ] {
            let body = message(&format!(r#"{bad},{{"status":"firing","labels":{{"good":"one"}}}}"#));
            let delivery = parse(body.as_bytes(), NOW).unwrap();
            assert_eq!((delivery.alerts.len(), delivery.quarantined.len()), (1, 1), "{sentence}");
        }
    }

    #[test]
    fn odd_times_fall_back_to_now() {
        for (times, starts_at, ends_at) in [
            (r#""startsAt":"yesterday""#, NOW, NOW),
            (r#""startsAt":"0001-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00Z""#, NOW, NOW),
            ("\"x\":1", NOW, NOW),
        ] {
            let body = message(&format!(r#"{{"status":"resolved","labels":{{"a":"b"}},{times}}}"#));
            let alert = parse(body.as_bytes(), NOW).unwrap().alerts.remove(0);
            assert_eq!((alert.starts_at, alert.ends_at), (starts_at, Some(ends_at)), "{times}");
        }
    }

    #[test]
    fn only_what_can_never_be_accepted_is_refused() {
        let deep = "[".repeat(100_000);
        for (body, sentence) in [
            ("", "not a webhook message"),
            ("null", "not a webhook message"),
            ("[]", "not a webhook message"),
            (r#"{"version":"4"}"#, "'alerts' is missing"),
            (r#"{"version":"4","alerts":{}}"#, "not a webhook message"),
            (r#"{"alerts":[]}"#, "remove 'payload'"),
            (r#"{"version":"3","alerts":[]}"#, "version '3'"),
            (r#"{"version":4,"alerts":[]}"#, "version '4' of"),
            (deep.as_str(), "not a webhook message"),
        ] {
            let error = parse(body.as_bytes(), NOW).unwrap_err().to_string();
            assert!(error.contains(sentence), "{error}");
        }
        assert_eq!(parse(b"{\"a\xff", NOW), Err(ParseError::NotText(3)));
    }
}
