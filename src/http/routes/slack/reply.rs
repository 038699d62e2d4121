//! What is said in Slack, and how it gets there.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use crate::slack::{ResponseUrl, message, plain, preformatted};

/// Blocks of an answer at most.
const MAX_ANSWER: usize = 45;
/// Attempts to send a late answer, the time for each, and the pause between them.
const ATTEMPTS: u32 = 3;
const TIMEOUT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(2);

/// For whoever asked alone. The text is shown as it is, whatever it holds.
pub(super) fn ephemeral(text: &str) -> Value {
    said("ephemeral", text)
}

/// For everybody in the channel.
pub(super) fn to_all(text: &str) -> Value {
    said("in_channel", text)
}

fn said(to: &str, text: &str) -> Value {
    // One line is read best as it is; what has several was laid out by whoever wrote it.
    let blocks = match text.trim() {
        "" => Vec::new(),
        line if !line.contains('\n') => vec![plain(line)],
        _ => preformatted(text, MAX_ANSWER),
    };
    let mut message = message(text, blocks);
    message["response_type"] = to.into();
    message["replace_original"] = false.into();
    message
}

/// Sends a message to the place that Slack gave, a few times if need be. The address is a secret and not logged.
pub(super) async fn deliver(client: &reqwest::Client, url: &ResponseUrl, message: &Value) {
    for attempt in 1..=ATTEMPTS {
        let sent = client.post(url.expose().clone()).timeout(TIMEOUT).json(message).send().await;
        let (reason, is_final) = match sent {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => (format!("HTTP {}", answer.status().as_u16()), is_final(answer.status())),
            Err(error) if error.is_timeout() => ("no answer in time".to_owned(), false),
            Err(_) => ("no connection, or a lost one".to_owned(), false),
        };
        if is_final || attempt == ATTEMPTS {
            return tracing::warn!(reason, attempt, "an answer did not reach Slack and is dropped");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// An address that Slack does not take now is taken no sooner later.
fn is_final(status: StatusCode) -> bool {
    status.is_client_error() && !matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::MAX_TEXT;

    #[test]
    fn an_answer_is_shown_as_it_is_within_bounds() {
        let message = ephemeral("up *now* <!channel>");
        let block = &message["blocks"][0]["text"];
        assert_eq!(
            (block["type"].as_str(), block["text"].as_str()),
            (Some("plain_text"), message["text"].as_str())
        );
        assert_eq!(message["text"], "up *now* &lt;!channel&gt;");
        assert_eq!(message["blocks"].as_array().unwrap().len(), 1);
        let message = to_all(&"a line\n".repeat(50_000));
        assert_eq!(message["response_type"], "in_channel");
        assert!(message["blocks"].as_array().unwrap().len() <= MAX_ANSWER);
        assert!(message["text"].as_str().unwrap().chars().count() <= MAX_TEXT);
        for message in [message, ephemeral("")] {
            for key in ["mrkdwn", "unfurl_links", "unfurl_media", "replace_original"] {
                assert_eq!(message[key], false, "{key}");
            }
        }
    }
}
