//! `GET /api/v1/openapi.json`: the description of every route, kept in a file beside this one.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// The document. A test holds it against [`super::ROUTES`].
const DOCUMENT: &str = include_str!("openapi.json");

pub(super) async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::metrics::http::MethodLabel;

    #[test]
    fn the_document_and_the_routes_agree() {
        let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let described: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().keys().map(|method| (path.clone(), method.to_uppercase()))
            })
            .filter(|(_, method)| method != "PARAMETERS")
            .collect();
        let method = |method: &MethodLabel| match method {
            MethodLabel::Post => "POST",
            MethodLabel::Delete => "DELETE",
            MethodLabel::Get | MethodLabel::Other => "GET",
        };
        let served: BTreeSet<(String, String)> = super::super::ROUTES
            .iter()
            .flat_map(|route| {
                route.methods.iter().map(move |one| (route.path.to_owned(), method(one).to_owned()))
            })
            .collect();
        assert_eq!(described, served);
    }

    #[test]
    fn the_document_names_this_version() {
        let document: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}
