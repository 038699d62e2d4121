//! A message and its blocks, within Slack's bounds. What comes from outside stands in plain text or between fences, where
//! nothing of it is formatted.

use serde_json::{Value, json};

use super::mrkdwn::{cut, escape};

/// Blocks of a message at most.
pub const MAX_BLOCKS: usize = 50;
/// Characters of a text at most, after escaping.
pub const MAX_TEXT: usize = 3000;
/// Characters of the fences around a text.
const FENCES: usize = 8;

/// A message: `text` is what notifications say, `blocks` is what is shown. No link in it is unfolded, which would have
/// Slack fetch what an alert names.
pub fn message(text: &str, blocks: Vec<Value>) -> Value {
    json!({
        "text": cut(&escape(text), MAX_TEXT),
        "mrkdwn": false,
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": blocks,
    })
}

/// A section of text that is mrkdwn already: what came from outside is [`fenced`].
pub fn section(mrkdwn: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "verbatim": true, "text": cut(mrkdwn, MAX_TEXT)}})
}

/// A section of one line from outside, as it stands.
pub fn plain(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "plain_text", "emoji": false, "text": cut(&escape(text), MAX_TEXT)}})
}

/// An escaped text between fences: it holds none itself.
pub fn fenced(escaped: &str) -> String {
    format!("```\n{escaped}\n```")
}

/// A text from outside, as it stands, in at most `limit` sections; what does not fit is said to be left out.
pub fn preformatted(text: &str, limit: usize) -> Vec<Value> {
    let mut pieces = pieces(&escape(text), MAX_TEXT - FENCES);
    if pieces.len() > limit {
        pieces.truncate(limit.saturating_sub(1));
        pieces.push("… the rest does not fit; see /explain".to_owned());
    }
    pieces.truncate(limit);
    pieces.iter().map(|piece| section(&fenced(piece))).collect()
}

/// Lines together, as many as fit; a line that is too long is cut.
fn pieces(escaped: &str, limit: usize) -> Vec<String> {
    let (mut pieces, mut piece, mut length) = (Vec::new(), String::new(), 0);
    for line in escaped.trim_end().lines() {
        let line = cut(line, limit);
        let needed = line.chars().count() + 1;
        if length + needed > limit + 1 && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        if !piece.is_empty() {
            piece.push('\n');
        }
        piece.push_str(&line);
        length += needed;
    }
    pieces.extend(Some(piece).filter(|piece| !piece.trim().is_empty()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(block: &Value) -> &str {
        block["text"]["text"].as_str().unwrap()
    }

    #[test]
    fn long_texts_become_bounded_sections() {
        let long = "word ".repeat(2000);
        let storm = "<!channel> line\n".repeat(20_000);
        for (given, limit, blocks, sentence) in [
            ("", 5, 0, "nothing"),
            ("a\nb\n", 5, 1, "two lines"),
            (long.as_str(), 5, 1, "one long line is cut"),
            (storm.as_str(), 5, 5, "many lines are left out"),
            (storm.as_str(), 0, 0, "no room"),
        ] {
            let made = preformatted(given, limit);
            assert_eq!(made.len(), blocks, "{sentence}");
            for block in &made {
                assert!(text(block).chars().count() <= MAX_TEXT, "{sentence}");
                assert!(!text(block).contains("<!"), "{sentence}");
                assert!(text(block).starts_with("```\n") && text(block).ends_with("\n```"), "{sentence}");
            }
        }
    }

    #[test]
    fn a_message_is_not_formatted_and_unfolds_no_link() {
        let line = format!("*a* <!here> https://evil.example/ {}", "x".repeat(5000));
        let message = message(&line, vec![plain(&line)]);
        for key in ["mrkdwn", "unfurl_links", "unfurl_media"] {
            assert_eq!(message[key], false, "{key}");
        }
        let block = &message["blocks"][0];
        assert_eq!((&block["text"]["type"], &block["text"]["emoji"]), (&json!("plain_text"), &json!(false)));
        for text in [text(block), message["text"].as_str().unwrap()] {
            assert!(text.starts_with("*a* &lt;!here&gt; https://evil.example/ x"), "{text}");
            assert_eq!(text.chars().count(), MAX_TEXT);
        }
    }
}
