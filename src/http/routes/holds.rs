//! Holding learning back on request.

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::{Daemon, clock};
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::http::identity::Identity;
use crate::model::{Matcher, Timestamp, parse_duration};
use crate::scoring::{HoldError, Request, Wish};

/// Matchers at most.
const MOST_MATCHERS: usize = 20;
/// The longest matcher, in bytes.
const LONGEST_MATCHER: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    /// Only this query; absent: all.
    query: Option<String>,
    /// Only series that satisfy all of these; absent: all.
    #[serde(default, rename = "match")]
    matchers: Vec<String>,
    /// RFC 3339; this or `for`.
    until: Option<Timestamp>,
    /// A duration; this or `until`.
    r#for: Option<String>,
    reason: String,
}

/// `POST /api/v1/scoring/hold`: from now on the series teach nothing, for a while.
pub(super) async fn begin(
    State(daemon): State<Daemon>,
    caller: Identity,
    body: Bytes,
) -> Result<Success<Request>, ApiError> {
    let now = clock();
    let body: Body = serde_json::from_slice(&body).map_err(|error| bad(error.to_string()))?;
    let wish = wish(body, &caller.name, now)?;
    blocking(move || daemon.holds.begin(wish, now)).await
}

/// `DELETE /api/v1/scoring/hold/{id}`: the series teach again.
pub(super) async fn release(
    State(daemon): State<Daemon>,
    Path(id): Path<u64>,
) -> Result<Success<Request>, ApiError> {
    let now = clock();
    blocking(move || daemon.holds.release(id, now)).await
}

/// A hold is on disk before it is confirmed.
async fn blocking(
    change: impl FnOnce() -> Result<Request, HoldError> + Send + 'static,
) -> Result<Success<Request>, ApiError> {
    let changed = tokio::task::spawn_blocking(change).await.map_err(|error| ApiError::internal(&error))?;
    changed.map(Success).map_err(|error| {
        let sentence = error.to_string();
        match error {
            HoldError::Refused(_) => bad(sentence),
            HoldError::Unknown(_) => ApiError::new(ErrorKind::NotFound, sentence),
            HoldError::Full => ApiError::new(ErrorKind::Conflict, sentence),
            HoldError::NotStored(_) => {
                ApiError::new(ErrorKind::Unavailable, "the hold cannot be written down now").because(&error)
            }
        }
    })
}

fn wish(body: Body, by: &str, now: Timestamp) -> Result<Wish, ApiError> {
    if body.matchers.len() > MOST_MATCHERS || body.matchers.iter().any(|text| text.len() > LONGEST_MATCHER) {
        return Err(bad(format!("match holds at most {MOST_MATCHERS} matchers of {LONGEST_MATCHER} bytes")));
    }
    let matchers: Result<Vec<Matcher>, _> = body.matchers.iter().map(|text| text.parse()).collect();
    let until = match (body.until, body.r#for) {
        (Some(until), None) => until,
        (None, Some(text)) => now + parse_duration(text.trim()).map_err(|error| bad(error.to_string()))?,
        _ => return Err(bad("give either until, a time, or for, a duration such as 2h".to_owned())),
    };
    Ok(Wish {
        query: body.query,
        matchers: matchers.map_err(|error| bad(error.to_string()))?,
        until,
        reason: body.reason,
        by: by.to_owned(),
    })
}

fn bad(sentence: String) -> ApiError {
    ApiError::new(ErrorKind::BadData, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_ends_at_one_time_and_names_readable_series() {
        let read = |text: &str| {
            let body: Body = serde_json::from_str(text).unwrap();
            wish(body, "me", Timestamp::default()).map(|wish| wish.until.as_millis()).ok()
        };
        for (body, until) in [
            (r#"{"reason":"r","for":"2h"}"#, Some(7_200_000)),
            (r#"{"reason":"r","until":"1970-01-01T00:01:00Z","match":["a=\"b\""]}"#, Some(60_000)),
            (r#"{"reason":"r"}"#, None),
            (r#"{"reason":"r","for":"2h","until":"1970-01-01T00:01:00Z"}"#, None),
            (r#"{"reason":"r","for":"soon"}"#, None),
            (r#"{"reason":"r","for":"2h","match":["a"]}"#, None),
        ] {
            assert_eq!(read(body), until, "{body}");
        }
        let many = vec!["a=\"b\""; 21];
        assert_eq!(read(&serde_json::json!({"reason": "r", "for": "2h", "match": many}).to_string()), None);
        assert!(serde_json::from_str::<Body>(r#"{"reason":"r","til":"2h"}"#).is_err());
    }
}
