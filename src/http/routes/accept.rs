//! Which form of an answer is wanted: what the parameter `format` says, else the header `Accept`.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::http::error::Success;

/// A form that is for people or for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// Lines for a terminal.
    Text,
    /// The JSON of the API.
    #[default]
    Json,
}

impl Form {
    /// The parameter's, else the header's, else JSON.
    pub(super) fn wanted(parameter: Option<Self>, headers: &HeaderMap) -> Self {
        let known = [("application/json", Self::Json), ("text/plain", Self::Text)];
        parameter.or_else(|| accepted(headers, &known)).unwrap_or_default()
    }

    /// An answer in this form.
    pub(super) fn answer<T: Serialize>(self, data: T, render: impl FnOnce(&T) -> String) -> Response {
        match self {
            Self::Json => Success(data).into_response(),
            Self::Text => ([(CONTENT_TYPE, "text/plain; charset=utf-8")], render(&data)).into_response(),
        }
    }
}

/// What the first type of `Accept` stands for that is known.
pub(super) fn accepted<T: Copy>(headers: &HeaderMap, known: &[(&str, T)]) -> Option<T> {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').find_map(|part| {
        let name = part.split(';').next().unwrap_or_default().trim();
        known.iter().find(|(one, _)| *one == name).map(|(_, form)| *form)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_the_parameter_then_the_header() {
        for (parameter, accept, expected) in [
            (None, "*/*", Form::Json),
            (None, "text/plain", Form::Text),
            (None, "text/html, text/plain;q=0.9, application/json;q=0.8", Form::Text),
            (Some(Form::Json), "text/plain", Form::Json),
            (Some(Form::Text), "application/json", Form::Text),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(Form::wanted(parameter, &headers), expected, "{accept}");
        }
        assert_eq!(Form::wanted(None, &HeaderMap::new()), Form::Json);
    }
}
