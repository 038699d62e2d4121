//! `GET /logs`: what the daemon logged last, what remediation's actions printed, what Loki has.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::accept::Form;
use super::{Daemon, clock, unreadable};
use crate::http::error::{ApiError, ErrorKind};
use crate::logs::{Filter, LogsError, Page};
use crate::loki::RequestError;
use crate::model::Timestamp;

/// Forms that the parameter `format` names.
const FORMS: [(&str, Form); 2] = [("text", Form::Text), ("json", Form::Json)];

pub(super) async fn read(
    State(daemon): State<Daemon>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let now = clock();
    let (form, filter) = parameters(&query.unwrap_or_default(), now)?;
    let page = daemon.logs.read(&filter, now).await.map_err(refused)?;
    Ok(Form::wanted(form, &headers).answer(page, Page::render))
}

/// The form that is asked for, and the filter.
fn parameters(query: &str, now: Timestamp) -> Result<(Option<Form>, Filter), ApiError> {
    let bad = |sentence: String| ApiError::new(ErrorKind::BadData, sentence);
    let (forms, rest): (Vec<_>, Vec<_>) =
        url::form_urlencoded::parse(query.as_bytes()).partition(|(name, _)| name == "format");
    let form = match forms.as_slice() {
        [] => None,
        [(_, value)] => {
            Some(form(value).ok_or_else(|| bad("the parameter format is not one of text, json".into()))?)
        }
        _ => return Err(bad("the parameter format is given twice".into())),
    };
    let filter = Filter::read(rest, now).map_err(|error| bad(error.to_string()))?;
    Ok((form, filter))
}

fn form(name: &str) -> Option<Form> {
    FORMS.iter().find(|(one, _)| *one == name).map(|(_, form)| *form)
}

fn refused(error: LogsError) -> ApiError {
    match error {
        LogsError::NoLoki | LogsError::TooLong => ApiError::new(ErrorKind::BadData, error.to_string()),
        LogsError::Journal(cause) => unreadable(cause),
        // The question is at fault: Loki's own limits may be narrower than ours.
        LogsError::Loki(RequestError::Rejected { .. } | RequestError::TooLarge { .. }) => {
            ApiError::new(ErrorKind::BadData, error.to_string())
        }
        LogsError::Loki(_) => ApiError::new(ErrorKind::Unavailable, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_a_form_and_a_filter() {
        let now = Timestamp::from_millis(0);
        let (form, filter) = parameters("format=text&limit=7", now).unwrap();
        assert_eq!((form, filter.limit), (Some(Form::Text), 7));
        assert_eq!(parameters("", now).unwrap(), (None, Filter::default()));
        for (query, expected) in [
            ("format=xml", "the parameter format is not one of text, json"),
            ("format=text&format=json", "the parameter format is given twice"),
            ("colour=red", "there is no parameter 'colour'"),
            ("limit=x", "the parameter limit must be a whole number"),
        ] {
            let error = parameters(query, now).unwrap_err();
            assert!(
                error.sentence().contains(expected) && error.kind() == ErrorKind::BadData,
                "{query}: {error:?}"
            );
        }
    }
}
