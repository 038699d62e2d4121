//! Why a request brought no answer, named by what the caller does next.
//!
//! Text that comes from a server is untrusted: it is cut and freed of control characters before it
//! enters an error, a log line or an answer of ours.

use std::error::Error;
use std::time::Duration;

use super::CredentialsError;
use crate::metrics::prometheus::Outcome;

/// Longest text taken from a server, in characters.
const MAX_TEXT: usize = 200;

/// Why a request brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No connection, or it broke before the answer was complete: try again later.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// Too slow: try again later, or ask for less.
    #[error("the request timed out: {0}")]
    TimedOut(String),
    /// 429 or 503: try again later, and not before `retry_after`.
    #[error("the server is overloaded: {message}")]
    Overloaded {
        /// What the server asked for in `Retry-After`.
        retry_after: Option<Duration>,
        /// What the server said.
        message: String,
    },
    /// The request itself is at fault, for example bad PromQL: change it, a retry cannot help.
    #[error("the server refuses the request ({kind}): {message}")]
    Rejected {
        /// The server's name for the fault, for example `bad_data`.
        kind: String,
        /// What the server said.
        message: String,
    },
    /// 401, 403 or 407: change the credentials.
    #[error("the server refuses the credentials (HTTP {0}); check basic_auth or authorization")]
    Unauthorized(u16),
    /// The answer is larger than allowed: ask for less, or raise the limit.
    #[error("the answer is larger than {limit} bytes; ask for less or raise the limit")]
    TooLarge {
        /// Largest answer accepted, in bytes.
        limit: usize,
    },
    /// Not the expected JSON: check that the URL is the right server's.
    #[error("the answer is not what the API promises: {0}")]
    Malformed(String),
    /// Another 5xx: the server's log says why.
    #[error("the server failed (HTTP {status}): {message}")]
    Server {
        /// The HTTP status.
        status: u16,
        /// What the server said.
        message: String,
    },
    /// Nothing was sent: the credentials cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}

impl RequestError {
    /// The label value under which this is counted.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Unreachable(_) => Outcome::Unreachable,
            Self::TimedOut(_) => Outcome::TimedOut,
            Self::Overloaded { .. } => Outcome::Overloaded,
            Self::Rejected { .. } => Outcome::Rejected,
            Self::Unauthorized(_) => Outcome::Unauthorized,
            Self::TooLarge { .. } => Outcome::TooLarge,
            Self::Malformed(_) => Outcome::Malformed,
            Self::Server { .. } => Outcome::Server,
            Self::Credentials(_) => Outcome::Credentials,
        }
    }

    /// An error of the transport: nothing was received, or not all of it. `timeout` is what the request had.
    pub fn transport(error: reqwest::Error, timeout: Duration) -> Self {
        let error = error.without_url();
        if error.is_timeout() && !error.is_connect() {
            return Self::TimedOut(format!("no complete answer within {} s", timeout.as_secs_f64()));
        }
        if error.is_decode() && !is_connection_fault(&error) {
            return Self::Malformed(chain(&error));
        }
        Self::Unreachable(chain(&error))
    }
}

/// A body that cannot be unpacked and a connection that breaks within the body look alike from the
/// outside; only the second has an error of the connection among its causes.
fn is_connection_fault(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<hyper::Error>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// An error and its causes on one line, each text once.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        cause = inner.source();
    }
    one_line(&parts.join(": "))
}

/// Untrusted text made fit for an error or a log line: at most 200 characters, no control
/// characters, none that change the direction of reading, whitespace as single spaces.
pub fn one_line(text: &str) -> String {
    let words = text.split_whitespace().flat_map(|word| [" ", word]).skip(1);
    let hidden = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    words.flat_map(str::chars).filter(|c| !hidden(c)).take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_text_is_cut_and_made_one_line() {
        for (text, expected) in [
            ("plain", "plain"),
            ("  two\r\nlines\t", "two lines"),
            ("a\u{1b}[31mred\u{0}", "a[31mred"),
            ("left\u{202e}right", "leftright"),
            ("", ""),
        ] {
            assert_eq!(one_line(text), expected, "{text:?}");
        }
        assert_eq!(one_line(&"é".repeat(1000)).chars().count(), MAX_TEXT);
    }
}
