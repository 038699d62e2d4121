//! Signs a request as the Standard Webhooks specification has it: HMAC-SHA-256 over the message's id, the time
//! and the body, so that a receiver knows who sent it, that nothing was changed, and what comes twice.

use std::fmt;

use ::http::{HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::files;
use crate::model::{Secret, SecretError, SecretSource, Timestamp};

/// How keys begin by that specification; it is not part of the key.
const PREFIX: &str = "whsec_";
/// Bytes of a key.
const LENGTH: std::ops::RangeInclusive<usize> = 24..=64;

/// A key to sign with. `Debug` does not show it.
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Reads a key: base64 of 24 to 64 bytes, with or without `whsec_` before it. The error names the place and
    /// what to do, and never the key.
    pub async fn read(source: &SecretSource) -> Result<Self, String> {
        Self::of(source, files::secret(source).await)
    }

    /// [`Self::read`], for those who may block.
    pub fn read_blocking(source: &SecretSource) -> Result<Self, String> {
        Self::of(source, files::secret_blocking(source))
    }

    fn of(source: &SecretSource, secret: Result<Secret, SecretError>) -> Result<Self, String> {
        let secret = secret.map_err(|error| error.to_string())?;
        let text = secret.expose().trim();
        let remedy = "make one with: openssl rand -base64 32";
        let key = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text));
        let key = key.map_err(|_| format!("the signing key in {source} is not base64; {remedy}"))?;
        if !LENGTH.contains(&key.len()) {
            let (least, most, length) = (LENGTH.start(), LENGTH.end(), key.len());
            return Err(format!(
                "the signing key in {source} has {length} bytes and must have {least} to {most}; {remedy}"
            ));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The headers that sign a message.
    pub fn sign(&self, id: &str, at: Timestamp, body: &str) -> [(HeaderName, HeaderValue); 3] {
        let seconds = at.as_millis().div_euclid(1000);
        let tag = hmac::sign(&self.0, format!("{id}.{seconds}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(tag));
        [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signature),
        ]
        .map(|(name, value)| {
            let mut value = HeaderValue::try_from(value).expect("an id, digits and base64 fit a header");
            value.set_sensitive(name == "webhook-signature");
            (HeaderName::from_static(name), value)
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<SigningKey, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let path = file.path().display().to_string();
        let key = SigningKey::read_blocking(&SecretSource::File(file.path().to_owned()));
        key.map_err(|error| error.replace(&path, "FILE"))
    }

    #[test]
    fn a_known_message_has_its_known_signature() {
        // The example of the specification's reference implementations.
        let text = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for text in [text.to_owned(), format!("{PREFIX}{text}\n")] {
            let at = Timestamp::from_millis(1_614_265_330_999);
            let headers =
                key(&text).unwrap().sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
            let sent: Vec<_> =
                headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
            let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
            assert_eq!(
                sent,
                [
                    ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                    ("webhook-timestamp", "1614265330"),
                    ("webhook-signature", expected)
                ]
            );
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        let (short, long) = (STANDARD.encode([1; 23]), STANDARD.encode([1; 65]));
        for (text, expected) in [
            ("hunter2 hunter2", "the signing key in FILE is not base64"),
            (short.as_str(), "the signing key in FILE has 23 bytes and must have 24 to 64"),
            (long.as_str(), "the signing key in FILE has 65 bytes and must have 24 to 64"),
            ("", "the secret in FILE is empty"),
        ] {
            let error = key(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
        let missing = SigningKey::read_blocking(&SecretSource::File("/nonexistent/key".into())).unwrap_err();
        assert!(missing.starts_with("cannot read the secret file /nonexistent/key"), "{missing}");
        assert_eq!(format!("{:?}", key(&STANDARD.encode([1; 24])).unwrap()), "<secret>");
    }
}
