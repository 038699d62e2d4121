//! What is said in Slack, and how it gets there.

use std::time::Duration;

use serde_json::{Value, json};

use crate::slack::{MAX_TEXT, ResponseUrl, cut, escape, preformatted};

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
    let mut message =
        json!({"response_type": to, "replace_original": false, "text": cut(&escape(text), MAX_TEXT)});
    // One line is read best as it is; what has several was laid out by whoever wrote it.
    if text.trim().contains('\n') {
        message["blocks"] = preformatted(text, MAX_ANSWER).into();
    }
    message
}

/// Sends a message to the place that Slack gave, a few times if need be. The address is a secret and not logged.
pub(super) async fn deliver(client: &reqwest::Client, url: &ResponseUrl, message: &Value) {
    for attempt in 1..=ATTEMPTS {
        let sent = client.post(url.expose().clone()).timeout(TIMEOUT).json(message).send().await;
        let reason = match sent {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => format!("HTTP {}", answer.status().as_u16()),
            Err(error) if error.is_timeout() => "no answer in time".to_owned(),
            Err(_) => "no connection, or a lost one".to_owned(),
        };
        if attempt == ATTEMPTS {
            tracing::warn!(reason, attempt, "an answer did not reach Slack and is dropped");
        } else {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_shown_as_it_is_within_bounds() {
        let message = ephemeral("up <!channel>");
        assert_eq!(
            (message["text"].as_str(), message["blocks"].is_null()),
            (Some("up &lt;!channel&gt;"), true)
        );
        let message = to_all(&"a line\n".repeat(50_000));
        assert_eq!(message["response_type"], "in_channel");
        assert!(message["blocks"].as_array().unwrap().len() <= MAX_ANSWER);
        assert!(message["text"].as_str().unwrap().chars().count() <= MAX_TEXT);
    }
}
