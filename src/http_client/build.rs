//! The `reqwest` client of one server: TLS, fixed headers, redirects.
//!
//! Certificates are read when the client is built, so a renewed file counts from the next reload of
//! the configuration on. Time-outs belong to each request. No proxy is taken from the environment,
//! and no redirect leaves the server that was configured.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, ClientBuilder, Identity};

use super::{Config, TlsConfig};
use crate::files;

/// For the connection alone: a host that drops packets must not use up the whole request's time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Redirects followed in one request, all of them on the same server.
const MAX_REDIRECTS: usize = 3;

/// Why no client can be made of a configuration. Each names the setting to change.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A certificate or key file cannot be read.
    #[error("cannot read {path}: {source}; check tls_config")]
    File {
        /// The file named in the configuration.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file holds no usable PEM.
    #[error("{path} holds no usable PEM {what}; check tls_config")]
    Pem {
        /// The file named in the configuration.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// A certificate without its key, or a key without its certificate.
    #[error("tls_config has only one of cert_file and key_file; set both or neither")]
    HalfIdentity,
    /// A header's name or value cannot be sent. The value is not shown: it may be a secret.
    #[error("the header '{0}' cannot be sent; check its name and value in http_headers")]
    Header(String),
    /// The URL is not one that paths can be appended to.
    #[error("'{0}' is not an http or https URL with a host")]
    Url(String),
    /// The TLS library refuses the certificates.
    #[error("cannot set up TLS: {0}; check tls_config")]
    Tls(String),
}

/// Makes the ring provider the process's TLS cryptography. Harmless when called again, or after
/// another provider was installed.
pub fn install_crypto_provider() {
    // An error means that a provider is there already, which is all that is asked for.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Builds the client of one server, with the configured TLS and headers; [`super::authorize`] adds the
/// secrets to each request. Errors name the setting at fault.
pub fn build(config: &Config) -> Result<reqwest::Client, BuildError> {
    install_crypto_provider();
    let headers = fixed_headers(&config.headers)?;
    let builder = || with_tls(base(headers.clone()), &config.tls);
    let failed = match builder()?.build() {
        Ok(client) => return Ok(client),
        Err(error) => error,
    };
    if config.tls.ca_file.is_some() {
        return Err(BuildError::Tls(super::error::chain(&failed)));
    }
    // A slim image has no certificate authorities; a plain HTTP server needs none.
    let client = builder()?.tls_certs_only([]).build();
    let client = client.map_err(|_| BuildError::Tls(super::error::chain(&failed)))?;
    tracing::warn!(
        error = %super::error::chain(&failed),
        "no system certificate authorities: https servers are refused until ca-certificates is installed or ca_file is set"
    );
    Ok(client)
}

fn base(headers: HeaderMap) -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("smartcloudops/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::custom(same_server))
        .referer(false)
        .no_proxy()
        .gzip(true)
}

/// Follows only what keeps method, body and server: 307 and 308 to the same scheme, host and port.
/// Anything else becomes the answer, and so a typed error.
fn same_server(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let keeps_method =
        matches!(attempt.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let first = attempt.previous().first();
    let stays = first.is_some_and(|first| first.origin() == attempt.url().origin());
    if keeps_method && stays && attempt.previous().len() <= MAX_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

fn fixed_headers(pairs: &[(String, String)]) -> Result<HeaderMap, BuildError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let refuse = || BuildError::Header(name.chars().take(80).collect());
        let key = HeaderName::try_from(name.as_str()).map_err(|_| refuse())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| refuse())?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}

fn with_tls(mut builder: ClientBuilder, tls: &TlsConfig) -> Result<ClientBuilder, BuildError> {
    if let Some(path) = &tls.ca_file {
        builder = builder.tls_certs_only(authorities(path)?);
    }
    if let Some(identity) = identity(tls)? {
        builder = builder.identity(identity);
    }
    Ok(builder.tls_danger_accept_invalid_certs(tls.insecure_skip_verify))
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, BuildError> {
    let found = Certificate::from_pem_bundle(&read(path)?).unwrap_or_default();
    if found.is_empty() {
        return Err(BuildError::Pem { path: path.to_owned(), what: "certificate" });
    }
    Ok(found)
}

fn identity(tls: &TlsConfig) -> Result<Option<Identity>, BuildError> {
    let (cert, key) = match (&tls.cert_file, &tls.key_file) {
        (None, None) => return Ok(None),
        (Some(cert), Some(key)) => (cert, key),
        _ => return Err(BuildError::HalfIdentity),
    };
    let mut pem = read(cert)?;
    pem.push(b'\n');
    pem.extend(read(key)?);
    let what = "private key, or the certificate beside it";
    let identity = Identity::from_pem(&pem).map_err(|_| BuildError::Pem { path: key.clone(), what })?;
    Ok(Some(identity))
}

fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    files::read_blocking(path).map_err(|source| BuildError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut Config)) -> Result<reqwest::Client, BuildError> {
        let mut config = Config::default();
        change(&mut config);
        build(&config)
    }

    #[test]
    fn the_defaults_build_twice() {
        install_crypto_provider();
        assert!(build(&Config::default()).is_ok());
        assert!(build(&Config::default()).is_ok());
    }

    #[test]
    fn a_bad_setting_is_named() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        let path = || Some(empty.path().to_owned());
        let missing = || Some(PathBuf::from("/nonexistent/ca.pem"));
        let name = empty.path().display().to_string();
        let cases = [
            (with(|config| config.tls.ca_file = missing()), "/nonexistent/ca.pem"),
            (with(|config| config.tls.ca_file = path()), name.as_str()),
            (with(|config| config.tls.cert_file = path()), "cert_file and key_file"),
            (with(|config| (config.tls.cert_file, config.tls.key_file) = (path(), path())), name.as_str()),
            (with(|config| config.headers = vec![("a b".into(), "x".into())]), "'a b'"),
            (with(|config| config.headers = vec![("key".into(), "s3cret\n".into())]), "'key'"),
        ];
        for (result, expected) in cases {
            let error = result.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
