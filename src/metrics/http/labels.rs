//! The label values of the HTTP server's self-metrics: closed lists.

use std::fmt::{self, Write};

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// The status codes the daemon answers; any other is counted as `other`.
pub(super) const CODES: [(u16, &str); 14] = [
    (200, "200"),
    (202, "202"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (408, "408"),
    (409, "409"),
    (413, "413"),
    (415, "415"),
    (422, "422"),
    (500, "500"),
    (503, "503"),
];

/// A request method as a label; only those the daemon serves have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodLabel {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `DELETE`.
    Delete,
    /// Everything else, `HEAD` and methods that a route does not serve included.
    Other,
}

/// Why a caller was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthenticationFailure {
    /// No credentials came with the request.
    Missing,
    /// The bearer token is not one of the configured ones.
    Token,
    /// User name or password is wrong, or the header cannot be read.
    Basic,
    /// The client certificate is missing, not trusted or not among the allowed names.
    Certificate,
    /// The caller is known but lacks the scope, or is a user of Slack who may not do this.
    Scope,
    /// The request's signature is missing, too old, used or wrong.
    Signature,
}

/// Why a connection did not come about or ended badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionError {
    /// The operating system could not hand over a connection.
    Accept,
    /// The TLS handshake failed.
    Handshake,
    /// The TLS handshake took too long.
    HandshakeTimeout,
    /// The first request's headers took too long; giving up an idle connection is no error.
    HeaderTimeout,
    /// What came is not HTTP.
    Protocol,
    /// The peer broke off, or did not read its response.
    Io,
    /// Still busy when the time to drain was over.
    Drained,
}

macro_rules! label {
    ($type:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, for creating the series at zero.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The label's text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl EncodeLabelValue for $type {
            fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), fmt::Error> {
                encoder.write_str(self.as_str())
            }
        }
    };
}

label!(MethodLabel { Get => "GET", Post => "POST", Delete => "DELETE", Other => "other" });
label!(AuthenticationFailure {
    Missing => "missing",
    Token => "token",
    Basic => "basic",
    Certificate => "certificate",
    Scope => "scope",
    Signature => "signature",
});
label!(ConnectionError {
    Accept => "accept",
    Handshake => "handshake",
    HandshakeTimeout => "handshake_timeout",
    HeaderTimeout => "header_timeout",
    Protocol => "protocol",
    Io => "io",
    Drained => "drained",
});

/// The labels of an answered request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestLabels {
    pub(super) route: &'static str,
    pub(super) method: MethodLabel,
    pub(super) code: &'static str,
}

/// The label of a route.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RouteLabel {
    pub(super) route: &'static str,
}

/// The label of a connection that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ConnectionLabel {
    pub(super) kind: ConnectionError,
}

/// The label of a caller not let in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct FailureLabel {
    pub(super) kind: AuthenticationFailure,
}
