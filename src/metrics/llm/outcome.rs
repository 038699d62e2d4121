//! How a request to a language model ended.

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

/// How a request ended; the label `outcome`. One for each reason of `LlmError`, and success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// An answer of the form asked for.
    Success,
    /// No model is configured; nothing was sent.
    NotConfigured,
    /// The key cannot be read; nothing was sent.
    NoKey,
    /// Too slow.
    TimedOut,
    /// 429, or 503 with `Retry-After`, or held back because of one.
    RateLimited,
    /// The requests of a minute are spent; nothing was sent.
    MinuteSpent,
    /// The requests of a day are spent; nothing was sent.
    DaySpent,
    /// The tokens of a day are spent; nothing was sent.
    TokensSpent,
    /// The money of a day is spent; nothing was sent.
    MoneySpent,
    /// The key is refused.
    Unauthorized,
    /// The request is at fault.
    Rejected,
    /// A 5xx, or an error within the answer.
    Server,
    /// No connection.
    Unreachable,
    /// The model refuses, or a filter does.
    Refused,
    /// The answer is incomplete.
    CutOff,
    /// The answer is not of the form asked for.
    Invalid,
    /// The answer is too large.
    TooLarge,
    /// What was to be sent is too large; nothing was sent.
    RequestTooLarge,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 18] = [
        Self::Success,
        Self::NotConfigured,
        Self::NoKey,
        Self::TimedOut,
        Self::RateLimited,
        Self::MinuteSpent,
        Self::DaySpent,
        Self::TokensSpent,
        Self::MoneySpent,
        Self::Unauthorized,
        Self::Rejected,
        Self::Server,
        Self::Unreachable,
        Self::Refused,
        Self::CutOff,
        Self::Invalid,
        Self::TooLarge,
        Self::RequestTooLarge,
    ];

    /// The label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::NotConfigured => "not_configured",
            Self::NoKey => "no_key",
            Self::TimedOut => "timed_out",
            Self::RateLimited => "rate_limited",
            Self::MinuteSpent => "minute_spent",
            Self::DaySpent => "day_spent",
            Self::TokensSpent => "tokens_spent",
            Self::MoneySpent => "money_spent",
            Self::Unauthorized => "unauthorized",
            Self::Rejected => "rejected",
            Self::Server => "server_error",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::CutOff => "cut_off",
            Self::Invalid => "invalid_answer",
            Self::TooLarge => "too_large",
            Self::RequestTooLarge => "request_too_large",
        }
    }
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        self.as_str().encode(encoder)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_outcomes_share_a_name() {
        let names: BTreeSet<&str> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        assert_eq!(names.len(), Outcome::ALL.len());
    }
}
