//! The settings in use, and what is made of them once.

use std::future::Future;

use http::HeaderValue;

use super::super::excerpt::Withheld;
use super::super::redact::Redactor;
use super::super::wire::Prepared;
use super::super::{Config, LlmError};
use crate::files;
use crate::http_client::{self, BuildError, CredentialsError};
use crate::model::Secret;

/// The settings in use.
pub(super) struct Setup {
    pub config: Config,
    pub redactor: Redactor,
    pub http: reqwest::Client,
}

impl Setup {
    pub fn new(config: &Config) -> Result<Self, BuildError> {
        let settings = http_client::Config { tls: config.tls.clone(), ..http_client::Config::default() };
        let http = http_client::build(&settings)?;
        Ok(Self { config: config.clone(), redactor: Redactor::new(&config.redact), http })
    }

    /// The key as a header, read now, so that a new key counts at once; `None` where none is configured.
    pub async fn authorization(&self) -> Result<Option<(Secret, HeaderValue)>, LlmError> {
        let Some(source) = &self.config.api_key else { return Ok(None) };
        let none = |error: CredentialsError| LlmError::NoKey(error.to_string());
        let key = files::secret(source).await.map_err(|error| none(error.into()))?;
        let mut header = HeaderValue::from_str(&format!("Bearer {}", key.expose()))
            .map_err(|_| none(CredentialsError::Unsendable(source.to_string())))?;
        header.set_sensitive(true);
        Ok(Some((key, header)))
    }

    /// What no error about a request may repeat.
    pub async fn withheld(&self, prepared: &Prepared) -> Withheld {
        let key = self.authorization().await.ok().flatten().map(|(key, _)| key);
        Withheld::new(key, prepared.texts.clone())
    }

    /// The result, or that it took too long.
    pub async fn within_time<T>(
        &self,
        work: impl Future<Output = Result<T, LlmError>>,
    ) -> Result<T, LlmError> {
        let within = self.config.timeout;
        let result = tokio::time::timeout(within, work).await;
        result.unwrap_or(Err(LlmError::TimedOut { within }))
    }
}
