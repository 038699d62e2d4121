//! How the language model does, as far as that is known without asking it: a question costs money, and even a list of
//! models would be a request for everybody who looks at a page.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::super::LlmError;
use super::Client;
use super::setup::Setup;
use crate::model::Timestamp;

/// How the last request ended that was sent; nothing before the first.
#[derive(Default)]
pub(super) struct Last(Mutex<Option<(Timestamp, Result<(), LlmError>)>>);

impl Last {
    /// A request that was sent has ended.
    pub fn note(&self, result: Result<(), LlmError>) {
        *self.lock() = Some((SystemTime::now().into(), result));
    }

    /// Forgets it: another server may be asked now.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Timestamp, Result<(), LlmError>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Which model is asked, how its last request ended, and what is left of the limits of a day; the error is why none
    /// can be asked now, or how the last request failed. Nothing is sent. `None`: no model is configured.
    pub fn condition(&self) -> Option<impl Future<Output = Result<String, String>> + Send + '_> {
        let setup = self.0.setup.load_full()?;
        Some(async move { self.condition_of(&setup).await })
    }

    async fn condition_of(&self, setup: &Setup) -> Result<String, String> {
        let ready = setup.authorization().await.map(|_| ()).and_then(|()| self.0.pause.check());
        ready.map_err(|error| error.to_string())?;
        let told = match &*self.0.last.lock() {
            Some((at, Err(error))) => return Err(format!("at {at}: {error}")),
            Some((at, Ok(()))) => format!("last answered at {at}"),
            None => "not asked yet".to_owned(),
        };
        let (requests, tokens) = self.0.spending.left(&setup.config.limits);
        let model = &setup.config.model;
        Ok(format!("{model}; {told}; {requests} requests and {tokens} tokens left within 24h"))
    }
}
