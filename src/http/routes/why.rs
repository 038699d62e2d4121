//! `GET /api/v1/anomalies/why`: the latest score of one series or group, taken apart.

use std::borrow::Cow;

use axum::extract::{RawQuery, State};
use serde::Serialize;

use super::Daemon;
use super::anomalies::{Contributor, OwnScores};
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::model::{Matcher, parse_selector};
use crate::scoring::{Why, WhyError};

/// Selectors in one question.
const MAX_SELECTORS: usize = 16;

/// The answer.
#[derive(Serialize)]
pub(super) struct Answer {
    #[serde(flatten)]
    why: Why,
    /// Of a group's score: what it is made of, by the onsets of the members' own episodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    contributors: Option<Vec<Contributor>>,
}

pub(super) async fn why(
    State(daemon): State<Daemon>,
    RawQuery(text): RawQuery,
) -> Result<Success<Answer>, ApiError> {
    let Question { query, selectors } = Question::read(&text.unwrap_or_default())?;
    let why = daemon.inquiries.why(&query, selectors).await.map_err(refused)?;
    let snapshot = daemon.exporter.snapshot();
    let by_onset = |parts| OwnScores::of([parts], snapshot.series()).contributors(parts);
    let contributors = why.contributions.as_deref().map(by_onset);
    Ok(Success(Answer { why, contributors }))
}

/// The parameters.
#[derive(Debug)]
struct Question {
    query: String,
    selectors: Vec<Vec<Matcher>>,
}

impl Question {
    fn read(text: &str) -> Result<Self, ApiError> {
        let bad = |sentence: Cow<'static, str>| ApiError::new(ErrorKind::BadData, sentence);
        let (mut query, mut selectors) = (None, Vec::new());
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            match &*name {
                "query" if query.is_none() => query = Some(value.into_owned()),
                "query" => return Err(bad("the parameter query is given twice".into())),
                "match[]" if selectors.len() == MAX_SELECTORS => {
                    return Err(bad(format!("more than {MAX_SELECTORS} parameters match[]").into()));
                }
                "match[]" => {
                    selectors.push(parse_selector(&value).map_err(|error| bad(error.to_string().into()))?)
                }
                _ => return Err(bad("the parameters are query and match[]".into())),
            }
        }
        let query =
            query.ok_or_else(|| bad("the parameter query is missing; write the name of a query".into()))?;
        Ok(Self { query, selectors })
    }
}

fn refused(error: WhyError) -> ApiError {
    let kind = match error {
        WhyError::UnknownQuery { .. } | WhyError::UnknownSeries { .. } => ErrorKind::NotFound,
        WhyError::Ambiguous { .. } => ErrorKind::BadData,
        WhyError::Busy(_) => ErrorKind::Unavailable,
    };
    ApiError::new(kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_a_query_and_selectors() {
        let Question { query, selectors } =
            Question::read("query=cpu&match[]=%7Ba%3D%22b%22,c%3D~%22d,e%22%7D&match%5B%5D=f%3D%22g%22")
                .unwrap();
        assert_eq!((query.as_str(), selectors[0].len(), selectors[1].len()), ("cpu", 2, 1));
        for (text, expected) in [
            ("", "the parameter query is missing"),
            ("query=a&query=b", "twice"),
            ("query=a&limit=1", "the parameters are query and match[]"),
            ("query=a&match[]=up", "is not a matcher"),
            (&format!("query=a{}", "&match[]=a=b".repeat(17)), "more than 16"),
        ] {
            let error = Question::read(text).unwrap_err();
            assert!(
                error.sentence().contains(expected) && error.kind() == ErrorKind::BadData,
                "{text}: {error:?}"
            );
        }
    }
}
