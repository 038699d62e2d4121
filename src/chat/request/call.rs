//! A call that a person can make, as a route and as a line for a shell. Pure.

use serde::Serialize;
use serde_json::Value;

/// Longest text of a caller's that stands in a command line, in bytes.
const MAX_PLAIN: usize = 128;

/// A call of the daemon's own API. Nothing makes it but whoever reads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    /// `POST` or `DELETE`.
    pub method: &'static str,
    /// The path of a route.
    pub path: String,
    /// The body, where the route takes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The same for a shell, where `SMARTCLOUDOPS_URL` is the daemon's address and `SMARTCLOUDOPS_TOKEN` a token with
    /// the scope `operate`.
    pub curl: String,
}

impl Call {
    /// A call. The path and the texts of the body have to be plain, by `is_plain`, or the program's own.
    pub fn new(method: &'static str, path: &str, body: Option<Value>) -> Self {
        let data = body.as_ref().map_or(String::new(), |body| format!(" -d {}", quoted(&body.to_string())));
        let curl = format!(
            "curl -X {method} -H \"Authorization: Bearer $SMARTCLOUDOPS_TOKEN\"{data} \"$SMARTCLOUDOPS_URL{path}\""
        );
        Self { method, path: path.to_owned(), body, curl }
    }
}

/// Whether a text may stand in a command line: letters, digits, `.`, `_`, `:` and `-` alone, and no option.
pub fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
    !text.is_empty() && text.len() <= MAX_PLAIN && text.bytes().all(plain) && !text.starts_with('-')
}

/// In single quotes, within which a shell reads nothing.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_one_line_for_a_shell() {
        let call = Call::new("POST", "/api/v1/approvals/12", Some(json!({"answer": "approve"})));
        assert_eq!(
            call.curl,
            r#"curl -X POST -H "Authorization: Bearer $SMARTCLOUDOPS_TOKEN" -d '{"answer":"approve"}' "$SMARTCLOUDOPS_URL/api/v1/approvals/12""#
        );
        let call = Call::new("POST", "/-/reload", None);
        assert!(!call.curl.contains(" -d "), "{}", call.curl);
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn only_plain_names_stand_in_a_command_line() {
        for (text, expected) in [
            ("web-1:9100", true),
            ("node_cpu.busy", true),
            ("", false),
            ("-rf", false),
            ("a b", false),
            ("$(reboot)", false),
            ("`id`", false),
            ("a'b", false),
            ("a;b", false),
            ("a/b", false),
            ("é", false),
        ] {
            assert_eq!(is_plain(text), expected, "{text}");
        }
        assert!(!is_plain(&"x".repeat(129)));
    }
}
