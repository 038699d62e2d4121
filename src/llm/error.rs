//! Why a language model gave no answer, named by what the caller says instead.
//!
//! No variant holds the key or what was sent. Text of a server or of a model is an excerpt: one line of at
//! most 200 characters without control characters.

use std::time::Duration;

use super::limits::Budget;
use crate::metrics::llm::Outcome;
use crate::model::format_duration;

/// Why there is no answer. Cheap to clone, since those who asked the same share it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// No model is configured.
    #[error("no language model is configured; name one under explain.openai")]
    NotConfigured,
    /// The key cannot be read or sent.
    #[error("no key for the language model: {0}")]
    NoKey(String),
    /// No complete answer in time.
    #[error("the language model gave no answer within {}; see explain.openai.timeout", format_duration(*within))]
    TimedOut {
        /// The time limit.
        within: Duration,
    },
    /// 429, or 503 with `Retry-After`, or a request that was not sent because of an earlier one.
    #[error("the language model takes no requests now{}: {said}", after(*.retry_after))]
    RateLimited {
        /// What is left of what the server asked for; `None` if it asked for nothing.
        retry_after: Option<Duration>,
        /// What the server said.
        said: String,
    },
    /// A limit of our own; nothing was sent.
    #[error("explain.openai.limits.{} is reached{}", budget.setting(), again(*.again_in))]
    BudgetSpent {
        /// Which.
        budget: Budget,
        /// How long until a request like this fits; `None` if it never does.
        again_in: Option<Duration>,
    },
    /// 401 or 403: the key is wrong, or may not use this model.
    #[error("the language model refuses the key (HTTP {status}); check explain.openai.api_key_file: {said}")]
    Unauthorized {
        /// The HTTP status.
        status: u16,
        /// What the server said.
        said: String,
    },
    /// Another 4xx or a redirect: the model, the address or a setting is wrong.
    #[error("the language model's server refuses the request (HTTP {status}); check explain.openai: {said}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// What the server said.
        said: String,
    },
    /// Another 5xx, or a fault that came in the middle of the answer.
    #[error("the language model's server failed: {said}")]
    Server {
        /// What the server said, with its status.
        said: String,
    },
    /// No connection, or it broke before the answer began.
    #[error("the language model's server cannot be reached; check explain.openai.base_url: {0}")]
    Unreachable(String),
    /// The model refuses, or the server's filter keeps its answer back.
    #[error("the language model refuses to answer: {said}")]
    Refused {
        /// What it said.
        said: String,
    },
    /// The answer is incomplete.
    #[error("the answer of the language model is cut off {0}")]
    CutOff(Cut),
    /// The answer is not JSON, not of the schema, or calls what there is not.
    #[error("the answer of the language model is not what was asked for: {0}")]
    Invalid(String),
    /// The answer is larger than allowed.
    #[error("the answer of the language model is larger than {limit} bytes")]
    TooLarge {
        /// Largest answer accepted, in bytes.
        limit: usize,
    },
    /// What was to be sent is larger than allowed; nothing was sent.
    #[error("what was to be sent to the language model is larger than {limit} bytes; send less evidence")]
    RequestTooLarge {
        /// Largest request, in bytes.
        limit: usize,
    },
}

/// Why an answer is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    /// It reached the limit of tokens.
    #[error("at its limit; raise explain.openai.max_output_tokens")]
    Length,
    /// The connection ended.
    #[error("in the middle, as the connection ended")]
    Stream,
}

impl LlmError {
    /// The label value under which this is counted, and the reason's name in an answer of ours.
    pub fn as_str(&self) -> &'static str {
        self.outcome().as_str()
    }

    /// Whether nothing was sent, or nothing is until the server wants to be asked again.
    pub(super) fn is_local(&self) -> bool {
        matches!(
            self,
            Self::NotConfigured
                | Self::NoKey(_)
                | Self::RateLimited { .. }
                | Self::BudgetSpent { .. }
                | Self::RequestTooLarge { .. }
        )
    }

    /// The same for the metric.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotConfigured => Outcome::NotConfigured,
            Self::NoKey(_) => Outcome::NoKey,
            Self::TimedOut { .. } => Outcome::TimedOut,
            Self::RateLimited { .. } => Outcome::RateLimited,
            Self::BudgetSpent { budget: Budget::Minute, .. } => Outcome::MinuteSpent,
            Self::BudgetSpent { budget: Budget::Day, .. } => Outcome::DaySpent,
            Self::BudgetSpent { budget: Budget::Tokens, .. } => Outcome::TokensSpent,
            Self::BudgetSpent { budget: Budget::Money, .. } => Outcome::MoneySpent,
            Self::Unauthorized { .. } => Outcome::Unauthorized,
            Self::Rejected { .. } => Outcome::Rejected,
            Self::Server { .. } => Outcome::Server,
            Self::Unreachable(_) => Outcome::Unreachable,
            Self::Refused { .. } => Outcome::Refused,
            Self::CutOff(_) => Outcome::CutOff,
            Self::Invalid(_) => Outcome::Invalid,
            Self::TooLarge { .. } => Outcome::TooLarge,
            Self::RequestTooLarge { .. } => Outcome::RequestTooLarge,
        }
    }
}

fn after(wait: Option<Duration>) -> String {
    wait.map(|wait| format!(", and again in {}", format_duration(whole(wait)))).unwrap_or_default()
}

fn again(wait: Option<Duration>) -> String {
    match wait {
        Some(wait) => format!(" and leaves room again in {}", format_duration(whole(wait))),
        None => " by this request alone; raise it".to_owned(),
    }
}

/// Whole seconds: nobody waits for the milliseconds.
fn whole(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_to_do() {
        let said = || "slow down".to_owned();
        let day = Some(Duration::from_secs(3_700));
        for (error, expected) in [
            (LlmError::NotConfigured, "no language model is configured; name one under explain.openai"),
            (
                LlmError::TimedOut { within: Duration::from_secs(20) },
                "the language model gave no answer within 20s; see explain.openai.timeout",
            ),
            (
                LlmError::RateLimited { retry_after: Some(Duration::from_millis(6_100)), said: said() },
                "the language model takes no requests now, and again in 7s: slow down",
            ),
            (
                LlmError::RateLimited { retry_after: None, said: said() },
                "the language model takes no requests now: slow down",
            ),
            (
                LlmError::BudgetSpent { budget: Budget::Money, again_in: day },
                "explain.openai.limits.dollars_per_day is reached and leaves room again in 1h1m40s",
            ),
            (
                LlmError::BudgetSpent { budget: Budget::Tokens, again_in: None },
                "explain.openai.limits.tokens_per_day is reached by this request alone; raise it",
            ),
            (
                LlmError::CutOff(Cut::Length),
                "the answer of the language model is cut off at its limit; raise explain.openai.max_output_tokens",
            ),
        ] {
            assert_eq!(error.to_string(), expected);
        }
    }
}
