//! What a server answers, as clean text within a bound.

use reqwest::Response;

use super::super::output::printable;
use super::request::describe;
use crate::model::Secret;

/// The beginning of the body as clean text without the secrets, and whether reading went well so far.
pub(super) async fn read_output(
    response: &mut Response,
    limit: usize,
    secrets: &[Secret],
) -> (String, Result<(), String>) {
    let mut secrets: Vec<&str> = secrets.iter().map(Secret::expose).collect();
    // The longest first: another may be a part of it.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    // So much more is read that a secret which begins within the limit is read whole.
    let window = limit + secrets.first().map_or(0, |longest| longest.len());
    let mut body = Vec::new();
    let mut complete = Ok(());
    while body.len() < window {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => {
                complete = Err(describe(error));
                break;
            }
        }
    }
    let cut = body.len() >= window;
    body.truncate(window);
    (clean(&body, &secrets, cut), complete)
}

/// Text without the secrets, the longest of which comes first. Of a body that was cut, the end may hold a piece of one,
/// and goes.
pub(super) fn clean(body: &[u8], secrets: &[&str], cut: bool) -> String {
    let mut text = printable(body);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "<secret>");
    }
    if let Some(longest) = secrets.first().filter(|_| cut) {
        let end = text.floor_char_boundary(text.len().saturating_sub(longest.len()));
        text.truncate(end);
    }
    text
}
