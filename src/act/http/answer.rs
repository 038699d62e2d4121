//! What a server answers, as clean text within a bound.

use reqwest::Response;

use super::super::output::printable;
use super::request::describe;
use crate::model::Secret;

/// The beginning of the body as clean text without the secret, and whether reading went well so far.
pub(super) async fn read_output(
    response: &mut Response,
    limit: usize,
    bearer: Option<&Secret>,
) -> (String, Result<(), String>) {
    let secret = bearer.map_or("", |secret| secret.expose());
    // So much more is read that a secret which begins within the limit is read whole.
    let window = limit + secret.len();
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
    (clean(&body, secret, cut), complete)
}

/// Text without the secret. Of a body that was cut, the end may hold a piece of it, and goes.
pub(super) fn clean(body: &[u8], secret: &str, cut: bool) -> String {
    let mut text = printable(body);
    if secret.is_empty() {
        return text;
    }
    text = text.replace(secret, "<secret>");
    if cut {
        let end = text.floor_char_boundary(text.len().saturating_sub(secret.len()));
        text.truncate(end);
    }
    text
}
