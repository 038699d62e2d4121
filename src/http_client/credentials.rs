//! The secrets of one request. They are read each time, so a rotated password counts from the next
//! request on, and never kept, logged or put into an error.

use http::HeaderValue;
use http::header::AUTHORIZATION;
use reqwest::RequestBuilder;

use super::Config;
use crate::files;
use crate::model::SecretError;

/// Why a request cannot be authenticated. Names the place, never the value.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The secret cannot be read.
    #[error(transparent)]
    Unreadable(#[from] SecretError),
    /// The secret holds a character that no header can carry, such as a newline within it.
    #[error("the secret in {0} holds a character that an HTTP header cannot carry")]
    Unsendable(String),
}

/// Adds the configured authentication to a request. The configured headers are part of the client
/// already.
pub async fn authorize(config: &Config, request: RequestBuilder) -> Result<RequestBuilder, CredentialsError> {
    if let Some(basic) = &config.basic_auth {
        let password = files::secret(&basic.password).await?;
        return Ok(request.basic_auth(&basic.username, Some(password.expose())));
    }
    let Some(authorization) = &config.authorization else {
        return Ok(request);
    };
    let source = &authorization.credentials;
    let text = format!("{} {}", authorization.scheme, files::secret(source).await?.expose());
    let value = HeaderValue::from_str(&text).map_err(|_| CredentialsError::Unsendable(source.to_string()))?;
    Ok(request.header(AUTHORIZATION, sensitive(value)))
}

fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_client::{Authorization, build};
    use crate::model::SecretSource;

    async fn bearer(source: SecretSource) -> Result<RequestBuilder, CredentialsError> {
        let authorization = Authorization { scheme: "Bearer".into(), credentials: source };
        let config = Config { authorization: Some(authorization), ..Config::default() };
        authorize(&config, build(&config).unwrap().get("http://localhost/")).await
    }

    #[tokio::test]
    async fn a_rotated_secret_counts_at_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for token in ["one", "two"] {
            std::fs::write(file.path(), format!("{token}\n")).unwrap();
            let request = bearer(SecretSource::File(file.path().to_owned())).await.unwrap().build().unwrap();
            let value = &request.headers()[AUTHORIZATION];
            assert_eq!(value.to_str().unwrap(), format!("Bearer {token}"));
            assert!(value.is_sensitive());
        }
    }

    #[tokio::test]
    async fn a_bad_secret_is_named_by_its_place_alone() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3c\nret").unwrap();
        let error = bearer(SecretSource::File(file.path().to_owned())).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(&file.path().display().to_string()), "{text}");
        assert!(!text.contains("s3c"), "{text}");
        let error = bearer(SecretSource::Environment("SMARTCLOUDOPS_UNSET_TOKEN".into())).await.unwrap_err();
        assert!(error.to_string().contains("SMARTCLOUDOPS_UNSET_TOKEN"), "{error}");
    }
}
