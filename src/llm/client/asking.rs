//! One question on its way.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use async_openai::types::chat::ChatCompletionStreamOptions;
use futures::StreamExt;
use serde_json::Value;

use super::super::cache::Cache;
use super::super::deltas::Deltas;
use super::super::gate::Entered;
use super::super::limits::Reservation;
use super::super::transport::Transport;
use super::super::wire::Prepared;
use super::super::{Answer, Cut, LlmError, Request, Usage};
use super::{Inner, Setup, Sink, estimated};
use crate::metrics::llm::LlmMetrics;

/// A question that may leave the host, and whom to ask.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub inner: &'a Inner,
    pub setup: &'a Setup,
    pub prepared: &'a Prepared,
}

/// An answer, and whether it was there already.
pub(super) struct Given {
    pub answer: Answer,
    pub cached: bool,
}

/// A request that the server is answering, for the metrics.
struct InFlight<'a> {
    metrics: &'a LlmMetrics,
    begun: Instant,
}

impl<'a> InFlight<'a> {
    fn begin(metrics: &'a LlmMetrics) -> Self {
        metrics.sent();
        Self { metrics, begun: Instant::now() }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.metrics.over(self.begun.elapsed());
    }
}

impl Asking<'_> {
    /// An answer of the schema asked for, of the cache, of somebody who asks the same, or of the model.
    pub async fn answer(&self, request: &Request, sink: Option<Sink<'_>>) -> Result<Given, LlmError> {
        let digest = self.prepared.digest;
        if let Some(answer) = self.cache(|cache| cache.find(&digest, Instant::now())) {
            return Ok(self.given(answer, sink));
        }
        let pass = match self.inner.gate.enter(&request.group, digest).await {
            Entered::Shared(result) => return result.map(|answer| self.given(answer, sink)),
            Entered::Alone(pass) => pass,
        };
        // Somebody else may have been told between the two looks.
        if let Some(answer) = self.cache(|cache| cache.find(&digest, Instant::now())) {
            return Ok(self.given(answer, sink));
        }
        let result = self.checked(request, sink).await;
        if let Ok(answer) = &result {
            self.cache(|cache| cache.keep(digest, answer.clone(), Instant::now()));
        }
        pass.tell(result.clone());
        result.map(|answer| Given { answer, cached: false })
    }

    async fn checked(&self, request: &Request, sink: Option<Sink<'_>>) -> Result<Answer, LlmError> {
        let answer = self.ask(sink).await?;
        request.schema.check(&answer.json()?).map_err(LlmError::Invalid)?;
        Ok(answer)
    }

    /// An answer that is there already comes in one piece.
    fn given(&self, answer: Answer, sink: Option<Sink<'_>>) -> Given {
        if let Some(sink) = sink {
            let mut deltas = Deltas::new(&self.prepared.session);
            let text = deltas.push(&answer.text) + &deltas.finish();
            sink(&text);
        }
        Given { answer, cached: true }
    }

    /// Asks the model, within all limits but that of time.
    pub async fn ask(&self, sink: Option<Sink<'_>>) -> Result<Answer, LlmError> {
        let Inner { metrics, places, pause, spending, .. } = self.inner;
        let _place = places.acquire().await.expect("the semaphore is never closed");
        pause.check()?;
        let transport = self.transport(sink.is_some()).await?;
        let reserved = spending.reserve(&self.setup.config, self.prepared.usage).await;
        let reserved = reserved
            .map_err(|spent| LlmError::BudgetSpent { budget: spent.budget, again_in: spent.again_in })?;
        let in_flight = InFlight::begin(metrics);
        let result = match sink {
            None => self.whole(&transport).await,
            Some(sink) => self.pieces(&transport, sink).await,
        };
        drop(in_flight);
        if let Err(error) = &result {
            pause.note(error);
        }
        let answer = self.settled(reserved, result).await?;
        answer.judge(&transport.withheld)?;
        Ok(answer)
    }

    async fn transport(&self, streams: bool) -> Result<Transport, LlmError> {
        let authorization = self.setup.authorization().await?;
        Ok(Transport {
            http: self.setup.http.clone(),
            authorization: authorization.map(|(_, header)| header),
            withheld: Arc::new(self.setup.withheld(self.prepared).await),
            streams,
            overflow: Arc::new(AtomicBool::new(false)),
        })
    }

    async fn whole(&self, transport: &Transport) -> Result<Answer, LlmError> {
        let api = transport.api(&self.setup.config);
        let body: Result<Value, _> = api.chat().create_byot(&self.prepared.body).await;
        Answer::read(body.map_err(|error| transport.failure(error))?, &transport.withheld)
    }

    async fn pieces(&self, transport: &Transport, sink: Sink<'_>) -> Result<Answer, LlmError> {
        let api = transport.api(&self.setup.config);
        let mut body = self.prepared.body.clone();
        body.stream = Some(true);
        body.stream_options =
            Some(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None });
        let events = api.chat().create_stream_byot::<_, Value>(body).await;
        let mut events = events.map_err(|error| transport.failure(error))?;
        let (mut answer, mut deltas) = (Answer::default(), Deltas::new(&self.prepared.session));
        while let Some(event) = events.next().await {
            let event = event.map_err(|error| transport.failure(error))?;
            let piece = deltas.push(&answer.add(event, &transport.withheld)?);
            if !piece.is_empty() {
                sink(&piece);
            }
        }
        // The library does not tell an end from a connection that was closed; the model's last word does.
        if answer.finish.is_none() {
            return Err(LlmError::CutOff(Cut::Stream));
        }
        let rest = deltas.finish();
        if !rest.is_empty() {
            sink(&rest);
        }
        Ok(answer)
    }

    /// Puts down what the request has cost, if anybody knows.
    async fn settled(
        &self,
        reserved: Reservation,
        result: Result<Answer, LlmError>,
    ) -> Result<Answer, LlmError> {
        let actual = match &result {
            Ok(answer) => answer.usage.unwrap_or_else(|| estimated(self.prepared, answer)),
            Err(error) if is_free(error) => Usage::default(),
            Err(_) => return result,
        };
        let cost = self.inner.spending.settle(&self.setup.config, reserved, actual).await;
        self.inner.metrics.spent(actual.input, actual.output, cost.as_dollars());
        result.map(|answer| Answer { usage: Some(actual), ..answer })
    }

    fn cache<T>(&self, work: impl FnOnce(&mut Cache) -> T) -> T {
        work(&mut self.inner.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether the server bills nothing: it has refused before the model wrote anything.
fn is_free(error: &LlmError) -> bool {
    matches!(
        error,
        LlmError::RateLimited { .. }
            | LlmError::Unauthorized { .. }
            | LlmError::Rejected { .. }
            | LlmError::Unreachable(_)
    )
}
