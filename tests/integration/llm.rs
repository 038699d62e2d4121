//! The client of a language model against a real server that speaks OpenAI's API, and against one that
//! misbehaves as that one cannot.

mod faults;
mod limits;
mod real;
mod redaction;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use smartcloudops::llm::limits::{Money, Prices};
use smartcloudops::llm::{Client, Completion, Config, LlmError, Request, Schema};
use smartcloudops::metrics::llm::LlmMetrics;
use smartcloudops::model::SecretSource;
use tempfile::TempDir;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Answer, ModelServer};

/// What a request may take where it is not to take too long.
const WITHIN: Duration = Duration::from_secs(60);
/// What it may take where it is.
const SHORT: Duration = Duration::from_secs(1);
/// How much later an answer may come on a loaded machine.
const GRACE: Duration = Duration::from_secs(5);

/// A client with a key, and everything it tells: its metrics and its log.
struct Scene {
    client: Client,
    config: Config,
    folder: TempDir,
    registry: Registry,
    log: Log,
    _logging: tracing::subscriber::DefaultGuard,
}

impl Scene {
    /// A client of a server; what it logs on this thread is kept, as the daemon would log it at its most talkative.
    fn new(url: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("key"), format!("{}\n", ModelServer::KEY)).unwrap();
        let log = Log::default();
        let filter = tracing_subscriber::EnvFilter::new(smartcloudops::log::directives("trace"));
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        let logging = tracing::subscriber::set_default(subscriber);
        let mut registry = Registry::default();
        let client = Client::new(Some(folder.path()), LlmMetrics::register(&mut registry));
        let config = Config {
            base_url: url.parse().unwrap(),
            api_key: Some(SecretSource::File(folder.path().join("key"))),
            timeout: WITHIN,
            prices: Prices { input: Money::from_micros(1_000_000), output: Money::from_micros(2_000_000) },
            ..Config::new("gpt-5-mini")
        };
        let scene = Self { client, config, folder, registry, log, _logging: logging };
        scene.client.configure(Some(&scene.config)).unwrap();
        scene
    }

    /// The same with other settings.
    fn with(url: &str, change: impl FnOnce(&mut Config)) -> Self {
        let mut scene = Self::new(url);
        change(&mut scene.config);
        scene.client.configure(Some(&scene.config)).unwrap();
        scene
    }

    /// Asks, in one piece or as a stream; the pieces are dropped.
    async fn ask(&self, request: &Request, streams: bool) -> Result<Completion, LlmError> {
        match streams {
            false => self.client.complete(request).await,
            true => self.client.stream(request, &mut |_| ()).await,
        }
    }

    /// The reason why there is no answer, which comes in time.
    async fn refusal(&self, request: &Request, streams: bool) -> LlmError {
        let begun = Instant::now();
        let error = self.ask(request, streams).await.expect_err("there is no answer");
        assert!(begun.elapsed() < self.config.timeout + GRACE, "{error}: {:?}", begun.elapsed());
        error
    }

    /// The page of metrics.
    fn page(&self) -> String {
        let mut page = String::new();
        prometheus_client::encoding::text::encode(&mut page, &self.registry).unwrap();
        page
    }

    /// The value of one metric.
    fn metric(&self, name: &str) -> f64 {
        let page = self.page();
        let line = page.lines().find_map(|line| line.strip_prefix(&format!("smartcloudops_llm_{name} ")));
        line.unwrap_or_else(|| panic!("{name} is missing in\n{page}")).parse().unwrap()
    }

    /// How many requests ended so.
    fn outcome(&self, outcome: &str) -> f64 {
        self.metric(&format!("requests_total{{outcome=\"{outcome}\"}}"))
    }

    /// Nothing that the client tells holds any of these texts, nor the key, nor a part of it.
    fn tells_nothing_of(&self, error: &LlmError, texts: &[&str]) {
        let told = format!("{error}\n{error:?}\n{}\n{}", self.page(), self.log.text());
        let key = [ModelServer::KEY, &ModelServer::KEY[8..], &ModelServer::KEY[..20]];
        for text in key.iter().chain(texts) {
            assert!(!told.contains(text), "'{text}' is told:\n{told}");
        }
        assert!(!told.contains('\u{1b}'), "{told}");
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A question about some data, with an answer that has a headline and steps.
fn question(data: &str) -> Request {
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["headline", "steps"],
    "properties": {
        "headline": {"type": "string"},
        "steps": {"type": "array", "items": {"type": "string"}},
    }});
    Request::new(data, "Put this into words.", data, Schema::new("explanation", schema))
}

/// A right answer to it.
fn explanation(headline: &str) -> Value {
    json!({"headline": headline, "steps": ["look at the host"]})
}

/// An answer in one piece, as OpenAI sends it.
fn body(message: Value, finish: &str) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5-mini-2025-08-07",
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish}],
        "usage": {"prompt_tokens": 30, "completion_tokens": 20, "total_tokens": 50}})
}

/// The same as one of a server's scripted answers.
fn said(text: &str) -> Answer {
    Answer::new(200, body(json!({"role": "assistant", "content": text, "refusal": null}), "stop").to_string())
}

/// A stream of events.
fn events(events: &[Value]) -> Answer {
    let lines: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    Answer::new(200, lines).header("content-type", "text/event-stream")
}

/// An event with the next piece of a text.
fn piece(text: &str) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-5-mini-2025-08-07",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
}
