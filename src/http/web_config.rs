//! The web configuration file, in exporter-toolkit's format: TLS, security headers, users, rate limit.
//!
//! The whole file is checked before any of it is used, so a bad file leaves the running one. Unlike
//! exporter-toolkit it is read at start and on reload, not on every request; relative paths are relative to the
//! file's folder, as there. `http2` is accepted and has no effect: only HTTP/1.1 is spoken.

mod raw;

pub(super) use self::raw::RawTls;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use tokio_rustls::rustls;

use self::raw::RawFile;
use super::rate_limit::RateLimit;
use super::tls;
use crate::files;

/// Highest bcrypt cost: one check at 16 takes seconds, each step doubles it.
const MAX_BCRYPT_COST: u32 = 16;

/// The headers that may be set, with the values they may have (any, if none is listed).
const HEADERS: [(&str, &[&str]); 5] = [
    ("Content-Security-Policy", &[]),
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
];

/// Why a web configuration file is not used.
#[derive(Debug, thiserror::Error)]
pub enum WebConfigError {
    /// The file cannot be read.
    #[error("cannot read the web configuration file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file is not YAML of the right shape. The source names key, line and column.
    #[error("{path}: {source}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_yaml::Error,
    },
    /// A setting has a value that cannot be used.
    #[error("{path}: {key}: {problem}")]
    Setting {
        /// The file.
        path: PathBuf,
        /// The key path.
        key: String,
        /// What is wrong, and what to write.
        problem: String,
    },
}

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The key path.
    pub(super) key: String,
    /// What is wrong, and what to write.
    pub(super) problem: String,
}

impl Fault {
    /// A fault of the setting at this key path.
    pub(super) fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

/// A checked web configuration file; the default is what holds without one.
#[derive(Clone, Debug, Default)]
pub(super) struct WebConfig {
    /// TLS; `None` is plain HTTP.
    pub(super) tls: Option<Arc<rustls::ServerConfig>>,
    /// Whether only verified client certificates get through the handshake.
    pub(super) verifies_clients: bool,
    /// Headers set on every response.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// User names and bcrypt hashes.
    pub(super) users: Vec<(String, String)>,
    /// Limit on requests.
    pub(super) rate_limit: Option<RateLimit>,
}

impl WebConfig {
    /// Reads and checks the file and the certificates it names.
    pub(super) fn load(path: &Path) -> Result<Self, WebConfigError> {
        let text = files::read_text_blocking(path)
            .map_err(|source| WebConfigError::Read { path: path.to_owned(), source })?;
        let raw: Option<RawFile> = serde_yaml::from_str(&text)
            .map_err(|source| WebConfigError::Shape { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::check(raw.unwrap_or_default(), folder).map_err(|fault| WebConfigError::Setting {
            path: path.to_owned(),
            key: fault.key,
            problem: fault.problem,
        })
    }

    fn check(raw: RawFile, folder: &Path) -> Result<Self, Fault> {
        let tls = raw.tls_server_config.map(|settings| tls::load(settings, folder)).transpose()?.flatten();
        let (tls, verifies_clients) =
            tls.map_or((None, false), |tls| (Some(tls.config), tls.verifies_clients));
        Ok(Self {
            tls,
            verifies_clients,
            headers: headers(raw.http_server_config.headers)?,
            users: users(&raw.basic_auth_users)?,
            rate_limit: raw.rate_limit.map(rate_limit).transpose()?.flatten(),
        })
    }
}

fn headers(raw: Vec<(String, String)>) -> Result<Vec<(HeaderName, HeaderValue)>, Fault> {
    let mut checked = Vec::new();
    for (name, value) in raw {
        let key = format!("http_server_config.headers.{name}");
        let Some((known, values)) = HEADERS.iter().find(|(known, _)| *known == name) else {
            let known = HEADERS.map(|(known, _)| known).join(", ");
            return Err(Fault::new(key, format!("this header cannot be set; those that can: {known}")));
        };
        if value.is_empty() {
            continue;
        }
        if !values.is_empty() && !values.contains(&value.as_str()) {
            return Err(Fault::new(key, format!("write {}", values.join(" or "))));
        }
        let value = HeaderValue::from_str(&value)
            .map_err(|_| Fault::new(key, "a header's value is one line of visible ASCII"))?;
        let name = HeaderName::from_bytes(known.as_bytes()).expect("the known headers have valid names");
        checked.push((name, value));
    }
    Ok(checked)
}

fn users(raw: &serde_yaml::Mapping) -> Result<Vec<(String, String)>, Fault> {
    raw.iter().map(|(name, hash)| user(name, hash)).collect()
}

fn user(name: &serde_yaml::Value, hash: &serde_yaml::Value) -> Result<(String, String), Fault> {
    let not_text = || Fault::new("basic_auth_users", "a user's name is text; put it in quotes");
    let name = name.as_str().ok_or_else(not_text)?;
    let key = format!("basic_auth_users.{name}");
    if name.contains(':') {
        return Err(Fault::new(key, "a user's name cannot contain ':'"));
    }
    let not_bcrypt = || Fault::new(&key, "not a bcrypt hash; make one with: htpasswd -nBC 10 NAME");
    let hash = hash.as_str().ok_or_else(not_bcrypt)?;
    let parts: bcrypt::HashParts = hash.parse().map_err(|_| not_bcrypt())?;
    // A version that the check does not know would make every login fail without a word.
    if !["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|version| hash.starts_with(version)) {
        return Err(not_bcrypt());
    }
    if parts.get_cost() > MAX_BCRYPT_COST {
        let problem =
            format!("a bcrypt cost above {MAX_BCRYPT_COST} makes each login take seconds; 10 is usual");
        return Err(Fault::new(key, problem));
    }
    Ok((name.to_owned(), hash.to_owned()))
}

fn rate_limit(raw: raw::RawRateLimit) -> Result<Option<RateLimit>, Fault> {
    let interval = raw.interval.map_or(Ok(Duration::ZERO), |text| {
        crate::model::parse_duration(&text)
            .map_err(|error| Fault::new("rate_limit.interval", error.to_string()))
    })?;
    match (interval, raw.burst) {
        (Duration::ZERO, _) => Ok(None),
        (_, 0) => Err(Fault::new("rate_limit.burst", "a burst of 0 lets nothing through; write at least 1")),
        (interval, burst) => Ok(Some(RateLimit { interval, burst })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<WebConfig, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.yml");
        std::fs::write(&path, text).unwrap();
        let prefix = format!("{}: ", path.display());
        WebConfig::load(&path).map_err(|error| error.to_string().replace(&prefix, ""))
    }

    #[test]
    fn an_empty_file_is_plain_http_for_everybody() {
        for text in ["", "# nothing\n", "{}", "tls_server_config: {}", "http_server_config: {http2: true}"] {
            let config = load(text).unwrap();
            assert!(config.tls.is_none() && config.users.is_empty() && config.headers.is_empty(), "{text}");
        }
    }

    #[test]
    fn headers_users_and_the_rate_limit_are_read() {
        let hash = bcrypt::hash("x", 4).unwrap();
        let config = load(&format!(
            "http_server_config: {{headers: {{X-Frame-Options: deny, X-XSS-Protection: ''}}}}\n\
             basic_auth_users: {{alice: '{hash}'}}\nrate_limit: {{interval: 500ms, burst: 20}}\n"
        ))
        .unwrap();
        assert_eq!(config.headers.len(), 1, "a blank header is unset");
        assert_eq!(config.users, [("alice".to_owned(), hash)]);
        let limit = RateLimit { interval: Duration::from_millis(500), burst: 20 };
        assert_eq!(config.rate_limit, Some(limit));
        assert_eq!(load("rate_limit: {interval: 0, burst: 0}").unwrap().rate_limit, None);
    }

    #[test]
    fn every_bad_setting_is_named_with_what_to_do() {
        for (text, message) in [
            ("tls: {}", "unknown field `tls`, expected one of"),
            ("http_server_config: {http3: true}", "http_server_config: unknown field `http3`"),
            ("tls_server_config: {certfile: x}", "tls_server_config: unknown field `certfile`"),
            ("http_server_config: {http2: maybe}", "http_server_config.http2: invalid type"),
            ("basic_auth_users: {a: x, a: y}", "duplicate entry with key \"a\""),
            (
                "basic_auth_users: {a: geheim}",
                "basic_auth_users.a: not a bcrypt hash; make one with: htpasswd",
            ),
            ("basic_auth_users: {a: 7}", "basic_auth_users.a: not a bcrypt hash"),
            ("basic_auth_users: {7: x}", "basic_auth_users: a user's name is text; put it in quotes"),
            ("basic_auth_users: {'a:b': x}", "basic_auth_users.a:b: a user's name cannot contain ':'"),
            (
                "basic_auth_users: {a: $2y$17$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze}",
                "basic_auth_users.a: a bcrypt cost above 16 makes each login take seconds; 10 is usual",
            ),
            (
                "http_server_config: {headers: {X-Frame-Options: allow}}",
                "http_server_config.headers.X-Frame-Options: write deny or sameorigin",
            ),
            (
                "http_server_config: {headers: {Server: me}}",
                "http_server_config.headers.Server: this header cannot be set; those that can: Content-Security",
            ),
            (
                "http_server_config: {headers: {X-XSS-Protection: \"a\\nb\"}}",
                "http_server_config.headers.X-XSS-Protection: a header's value is one line of visible ASCII",
            ),
            ("rate_limit: {interval: 1s, burst: 0}", "rate_limit.burst: a burst of 0 lets nothing through"),
            ("rate_limit: {interval: soon, burst: 1}", "rate_limit.interval: 'soon' is not a duration"),
            ("rate_limit: {interval: 1s, burst: -1}", "rate_limit.burst: invalid type"),
            ("rate_limit: {interval: 5, burst: 1}", "rate_limit.interval: '5' is not a duration"),
            ("{", "line"),
        ] {
            let error = load(text).err().unwrap_or_else(|| panic!("accepted: {text}"));
            assert!(error.contains(message), "{text}\n  {error}");
            assert!(!error.contains("geheim"), "a value that may be a secret is printed: {error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = WebConfig::load(Path::new("/nonexistent/web.yml")).unwrap_err().to_string();
        assert!(
            error.starts_with("cannot read the web configuration file /nonexistent/web.yml: "),
            "{error}"
        );
    }
}
