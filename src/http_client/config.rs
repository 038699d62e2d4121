//! Client settings as in Prometheus's `http_config`.

use std::path::PathBuf;

use crate::model::SecretSource;

/// How requests to one server are authenticated and secured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// HTTP basic authentication; excludes `authorization`.
    pub basic_auth: Option<BasicAuth>,
    /// An `Authorization` header; excludes `basic_auth`.
    pub authorization: Option<Authorization>,
    /// TLS beyond the system's certificate authorities: other ones, a client certificate.
    pub tls: TlsConfig,
    /// Extra request headers, for example `X-Scope-OrgID`; no secrets, for they are shown as they are.
    pub headers: Vec<(String, String)>,
}

/// HTTP basic authentication.
#[derive(Clone, Debug, PartialEq)]
pub struct BasicAuth {
    /// The user's name, without a colon.
    pub username: String,
    /// Where the password is.
    pub password: SecretSource,
}

/// An `Authorization` header.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization {
    /// The scheme before the credentials; `Basic` goes into `basic_auth`. Default `Bearer`.
    pub scheme: String,
    /// Where the credentials are.
    pub credentials: SecretSource,
}

/// TLS settings of a client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TlsConfig {
    /// A PEM file of authorities trusted instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// A PEM file with the client certificate; goes with `key_file`.
    pub cert_file: Option<PathBuf>,
    /// A PEM file with the client key; goes with `cert_file`.
    pub key_file: Option<PathBuf>,
    /// Accept any server certificate: the server may be anybody. Default false.
    pub insecure_skip_verify: bool,
}
