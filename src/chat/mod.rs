//! Questions of people, answered: by rules always, by a language model where one is configured; never acted upon.
//!
//! [`Chat::answer`] first looks whether a [`Question`] asks for something to be done (`request`): then the answer is the
//! exact call to make. Else a language model may answer (`model`), which can call nothing but the look-ups of
//! [`crate::lookup`]; each statement is checked against the look-ups it cites (`grounded`). Without a model, and whenever
//! it fails, the question is read by rules (`parser`), what it asks is looked up (`plan`), and that is the answer. A
//! [`ClientId`] has a bounded memory of its own (`memory`). Nothing here can act, and nothing waits on what acts.

mod answer;
mod client;
mod computed;
mod config;
mod grounded;
mod intent;
mod known;
mod looking;
mod memory;
mod model;
mod names;
mod parser;
mod plan;
mod prompt;
mod question;
mod request;
mod requests;
mod rules;
mod vocabulary;
mod when;
mod words;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;

use crate::exporter::Exporter;
use crate::llm;
use crate::lookup::Lookups;
use crate::metrics::chat::{self, ChatMetrics, Outcome};
use crate::metrics::llm::LlmMetrics;
use crate::model::Timestamp;

pub use answer::{Answer, By, LookedUp, Statement};
pub use client::ClientId;
pub use config::{Config, Limits};
pub use question::{Question, QuestionError};
pub use request::Call;

use intent::Asked;
use looking::Looking;
use memory::{Exchange, Memory};
use names::Names;
use parser::{Context, Understood};

/// What questions are answered from: none of it can act.
#[derive(Clone)]
pub struct Sources {
    /// What may be looked up.
    pub lookups: Lookups,
    /// The names of series that are scored.
    pub exporter: Exporter,
    /// Answers where one is configured.
    pub llm: llm::Client,
    /// Counts what of its answers is struck.
    pub llm_metrics: LlmMetrics,
    /// Counts questions.
    pub metrics: ChatMetrics,
}

/// Answers questions, whoever asks. Cheap to clone; all clones share memory and settings.
#[derive(Clone)]
pub struct Chat {
    sources: Sources,
    config: Arc<ArcSwap<Config>>,
    memory: Arc<Mutex<Memory>>,
}

impl Chat {
    /// With these settings, which may be replaced while it runs.
    pub fn new(sources: Sources, config: Arc<ArcSwap<Config>>) -> Self {
        Self { sources, config, memory: Arc::default() }
    }

    /// Checks a text as a question, by the length that is configured.
    pub fn question(&self, text: &str) -> Result<Question, QuestionError> {
        Question::new(text, self.config.load().max_question)
    }

    /// Answers a question of a client. There is always an answer: one that says that something cannot be looked up, or
    /// that a question is not understood, is one too. A model has `chat.timeout`; the rules have as long for the names
    /// that are known, and as long for what they look up. Dropping the future forgets the question.
    pub async fn answer(&self, question: Question, client: &ClientId, now: Timestamp) -> Answer {
        let begun = Instant::now();
        let (answer, asked, outcome) = self.find(question.as_str(), client, now).await;
        let by = match answer.by {
            By::Model => chat::By::Model,
            By::Rules => chat::By::Rules,
        };
        self.sources.metrics.answered(by, outcome, begun.elapsed());
        let said =
            Exchange { question: answer.question.clone(), answer: answer.answer.clone(), asked, at: now };
        self.memory().keep(client, said, &self.config.load().memory);
        answer
    }

    /// Forgets what a client has asked; whether there was anything.
    pub fn forget(&self, client: &ClientId) -> bool {
        self.memory().forget(client)
    }

    async fn find(
        &self,
        question: &str,
        client: &ClientId,
        now: Timestamp,
    ) -> (Answer, Option<Asked>, Outcome) {
        let config = self.config.load_full();
        let Sources { lookups, llm, llm_metrics, .. } = &self.sources;
        if let Some(request) = request::find(question) {
            let looking = Looking::new(lookups, now, config.timeout);
            return (requests::answer(question, &request, looking).await, None, Outcome::Request);
        }
        let before = self.memory().recall(client, &config.memory, now);
        let model = model::Model { client: llm, metrics: llm_metrics, lookups, config: &config };
        let why_not = match llm.model().await {
            Err(llm::LlmError::NotConfigured) => None,
            Err(error) => Some(error.to_string()),
            Ok(_) => match model.answer(question, &before, now).await {
                Ok(answer) => return (answer, None, Outcome::Answered),
                Err(why) => Some(why),
            },
        };
        let (mut answer, asked, outcome) = self.by_rules(question, &before, (now, &config)).await;
        if let Some(why) = why_not {
            answer.note(&format!("Answered without a language model: {why}."));
        }
        (answer, asked, outcome)
    }

    async fn by_rules(
        &self,
        question: &str,
        before: &[Exchange],
        (now, config): (Timestamp, &Config),
    ) -> (Answer, Option<Asked>, Outcome) {
        let Sources { lookups, exporter, .. } = &self.sources;
        let zone = &config.time_zone;
        let names = match parser::may_name(question, now, zone) {
            true => known::names(lookups, exporter, now, config.timeout).await,
            false => Names::default(),
        };
        let before = before.iter().rev().find_map(|one| one.asked.as_ref());
        let understood = parser::understand(question, &Context { names: &names, before, now, zone });
        let (answer, outcome) =
            rules::answer(question, &understood, Looking::new(lookups, now, config.timeout), (now, zone))
                .await;
        let asked = match understood {
            Understood::Asked { asked, .. } => Some(asked),
            Understood::Ambiguous(_) | Understood::Nothing => None,
        };
        (answer, asked, outcome)
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
