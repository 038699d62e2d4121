//! The client: one question, one answer within its limits, or the reason why not.
//!
//! The way of a question: redacted; looked up in the cache; one at a time for its group; held back while the
//! server wants to be left alone; reserved in the ledger; sent once; checked; kept; put back. All of it
//! within the time limit. What was reserved stays so where nobody knows what a request has cost.

mod asking;
mod condition;
mod pause;
mod setup;

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::cache::Cache;
use super::gate::Gate;
use super::redact::Session;
use super::spending::Spending;
use super::wire::{self, Prepared, map_texts};
use super::{Answer, Call, Completion, Config, Conversation, LlmError, Reply, Request, Turn, Usage};
use crate::http_client::BuildError;
use crate::metrics::llm::{LlmMetrics, Outcome};

use asking::{Asking, Given};
use condition::Last;
use pause::Pause;
use setup::Setup;

/// Most requests that the server answers at once.
const MAX_IN_FLIGHT: usize = 4;

/// Takes the pieces of an answer as they come. It must not block.
pub type Sink<'a> = &'a mut (dyn FnMut(&str) + Send);

/// Settings that can be used.
pub struct Settings(Option<Setup>);

/// The client of a language model. Cheap to clone; all clones share limits, cache and settings.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    setup: ArcSwapOption<Setup>,
    metrics: LlmMetrics,
    spending: Spending,
    cache: std::sync::Mutex<Cache>,
    gate: Gate<Result<Answer, LlmError>>,
    places: Semaphore,
    pause: Pause,
    last: Last,
}

impl Client {
    /// A client without a model, which [`Self::configure`] gives it. What was spent is kept in `folder`, over
    /// restarts; `None` keeps it in memory.
    pub fn new(folder: Option<&Path>, metrics: LlmMetrics) -> Self {
        Self(Arc::new(Inner {
            setup: ArcSwapOption::empty(),
            metrics,
            spending: Spending::open(folder),
            cache: std::sync::Mutex::default(),
            gate: Gate::new(),
            places: Semaphore::new(MAX_IN_FLIGHT),
            pause: Pause::default(),
            last: Last::default(),
        }))
    }

    /// Takes other settings for all requests from now on; `None` takes the model away. What was spent and
    /// what is cached stays. The error names the setting at fault, and then nothing has changed.
    pub fn configure(&self, config: Option<&Config>) -> Result<(), BuildError> {
        self.take(Self::prepare(config)?);
        Ok(())
    }

    /// Checks other settings; nothing changes until they are taken. The error names the setting at fault.
    pub fn prepare(config: Option<&Config>) -> Result<Settings, BuildError> {
        Ok(Settings(config.map(Setup::new).transpose()?))
    }

    /// Takes settings that were checked, as [`Self::configure`] does.
    pub fn take(&self, Settings(setup): Settings) {
        self.0.setup.store(setup.map(Arc::new));
        self.0.pause.end();
        self.0.last.forget();
    }

    /// The name of the model, or why there is none: no model, or no key.
    pub async fn model(&self) -> Result<String, LlmError> {
        let setup = self.setup()?;
        setup.authorization().await?;
        Ok(setup.config.model.clone())
    }

    /// Asks for one answer.
    pub async fn complete(&self, request: &Request) -> Result<Completion, LlmError> {
        self.answer(request, None).await
    }

    /// The same, with the pieces of its JSON text handed on as they come. They are what the model writes,
    /// neither checked nor complete: only the completion counts. An answer that is there already comes in one
    /// piece. After an error no piece counts.
    pub async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Completion, LlmError> {
        self.answer(request, Some(sink)).await
    }

    /// Asks for the model's next part in a conversation. Nothing of it is cached.
    pub async fn converse(&self, conversation: &Conversation) -> Result<Turn, LlmError> {
        let turn = async {
            let setup = self.setup()?;
            let prepared = wire::turn(&setup.config, &setup.redactor, conversation)?;
            let asking = Asking { inner: &self.0, setup: &setup, prepared: &prepared };
            let answer = setup.within_time(asking.ask(None)).await?;
            let usage = answer.usage.unwrap_or_default();
            let model = answer.model.clone();
            let reply = answer.reply(conversation, &setup.withheld(&prepared).await)?;
            Ok(Turn { reply: put_back(reply, &prepared.session), usage, model, sent: prepared.digest })
        };
        self.ended(turn.await)
    }

    async fn answer(&self, request: &Request, sink: Option<Sink<'_>>) -> Result<Completion, LlmError> {
        let prepared = self.setup().and_then(|setup| {
            let prepared = wire::question(&setup.config, &setup.redactor, request)?;
            Ok((setup, prepared))
        });
        let (setup, prepared) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return self.ended(Err(error)),
        };
        let asking = Asking { inner: &self.0, setup: &setup, prepared: &prepared };
        match setup.within_time(asking.answer(request, sink)).await {
            Ok(Given { answer, cached: true }) => {
                self.0.metrics.cache_hit();
                completed(answer, &prepared, true)
            }
            Ok(Given { answer, cached: false }) => self.ended(completed(answer, &prepared, false)),
            Err(error) => self.ended(Err(error)),
        }
    }

    fn setup(&self) -> Result<Arc<Setup>, LlmError> {
        self.0.setup.load_full().ok_or(LlmError::NotConfigured)
    }

    /// Counts how a request ended. What was not sent is no news in the log: it can be asked for at any rate.
    fn ended<T>(&self, result: Result<T, LlmError>) -> Result<T, LlmError> {
        let outcome = result.as_ref().err().map_or(Outcome::Success, LlmError::outcome);
        self.0.metrics.ended(outcome);
        if result.as_ref().err().is_none_or(|error| !error.is_local()) {
            self.0.last.note(result.as_ref().map(|_| ()).map_err(LlmError::clone));
        }
        match &result {
            Ok(_) => {}
            Err(error) if error.is_local() => {
                tracing::debug!(reason = error.as_str(), %error, "the language model is not asked");
            }
            Err(error) => tracing::warn!(reason = error.as_str(), %error, "no answer of the language model"),
        }
        result
    }
}

fn completed(answer: Answer, prepared: &Prepared, cached: bool) -> Result<Completion, LlmError> {
    let value = restored(&answer.json()?, &prepared.session);
    let usage = answer.usage.unwrap_or_default();
    Ok(Completion { value, usage, model: answer.model, sent: prepared.digest, cached })
}

fn restored(value: &Value, session: &Session) -> Value {
    map_texts(value, &mut |text| session.restore(text))
}

fn put_back(reply: Reply, session: &Session) -> Reply {
    let call = |call: Call| Call { arguments: restored(&call.arguments, session), ..call };
    match reply {
        Reply::Calls(calls) => Reply::Calls(calls.into_iter().map(call).collect()),
        Reply::Text(text) => Reply::Text(session.restore(&text)),
        Reply::Answer(value) => Reply::Answer(restored(&value, session)),
    }
}

/// What an answer took where the server does not say.
fn estimated(prepared: &Prepared, answer: &Answer) -> Usage {
    let written = answer.text.len() + answer.refusal.len();
    Usage { input: prepared.usage.input, output: wire::tokens(written) }
}
