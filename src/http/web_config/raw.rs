//! The web configuration file as it is written. Unknown keys are refused; nothing is checked yet.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// The whole file.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawFile {
    pub(super) tls_server_config: Option<RawTls>,
    pub(super) http_server_config: RawHttp,
    pub(super) basic_auth_users: serde_yaml::Mapping,
    pub(super) rate_limit: Option<RawRateLimit>,
}

/// `tls_server_config`.
#[derive(Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in super::super) struct RawTls {
    pub(in super::super) cert: Option<String>,
    pub(in super::super) key: Option<Hidden>,
    pub(in super::super) client_ca: Option<String>,
    pub(in super::super) cert_file: Option<String>,
    pub(in super::super) key_file: Option<String>,
    pub(in super::super) client_ca_file: Option<String>,
    pub(in super::super) client_auth_type: Option<String>,
    pub(in super::super) client_allowed_sans: Option<Vec<String>>,
    pub(in super::super) min_version: Option<String>,
    pub(in super::super) max_version: Option<String>,
    pub(in super::super) cipher_suites: Vec<String>,
    pub(in super::super) prefer_server_cipher_suites: Option<bool>,
    pub(in super::super) curve_preferences: Vec<String>,
}

/// A text that does not print.
#[derive(PartialEq, serde::Deserialize)]
#[serde(transparent)]
pub(in super::super) struct Hidden(pub(in super::super) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// `http_server_config`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawHttp {
    /// Accepted for compatibility; read for its type only.
    #[serde(rename = "http2")]
    pub(super) _http2: Option<bool>,
    #[serde(deserialize_with = "pairs")]
    pub(super) headers: Vec<(String, String)>,
}

/// `rate_limit`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRateLimit {
    #[serde(deserialize_with = "text_or_number")]
    pub(super) interval: Option<String>,
    pub(super) burst: u32,
}

/// A map of texts in the order of the file.
fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    struct Pairs;

    impl<'de> Visitor<'de> for Pairs {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of header names to values")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }

    deserializer.deserialize_map(Pairs)
}

/// A duration's text; the number `0` may stand without a unit and without quotes.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_yaml::Value::deserialize(deserializer)? {
        serde_yaml::Value::Null => None,
        serde_yaml::Value::String(text) => Some(text),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        _ => return Err(serde::de::Error::custom("write a duration, for example 1s")),
    })
}
