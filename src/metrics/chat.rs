//! Self-metrics of answers to questions.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// In seconds: from rules over what is in memory to a model that asks for many look-ups.
const DURATION_BUCKETS: [f64; 9] = [0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Who answered; the label `by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// A language model, checked.
    Model,
    /// Rules alone.
    Rules,
}

/// What came of a question; the label `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was answered.
    Answered,
    /// It asks for something to be done; the call to make was named.
    Request,
    /// A name fits several, and was asked back.
    Ambiguous,
    /// It is none of the questions that can be answered.
    NotUnderstood,
    /// What would have had to be looked up could not be.
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QuestionLabels {
    by: By,
    outcome: Outcome,
}

impl By {
    /// Everybody who answers.
    pub const ALL: [Self; 2] = [Self::Model, Self::Rules];

    /// The label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Rules => "rules",
        }
    }
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] =
        [Self::Answered, Self::Request, Self::Ambiguous, Self::NotUnderstood, Self::Failed];

    /// The label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Request => "request",
            Self::Ambiguous => "ambiguous",
            Self::NotUnderstood => "not_understood",
            Self::Failed => "failed",
        }
    }
}

impl EncodeLabelValue for By {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        self.as_str().encode(encoder)
    }
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        self.as_str().encode(encoder)
    }
}

/// What is counted of questions and answers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ChatMetrics {
    questions: Family<QuestionLabels, Counter>,
    durations: Histogram,
}

impl ChatMetrics {
    /// Registers everything, at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self { questions: Family::default(), durations: Histogram::new(DURATION_BUCKETS) };
        for (by, outcome) in By::ALL.into_iter().flat_map(|by| Outcome::ALL.map(|outcome| (by, outcome))) {
            metrics.questions.get_or_create_owned(&QuestionLabels { by, outcome });
        }
        registry.register(
            "smartcloudops_chat_questions",
            "Questions by who answered them and what came of them",
            metrics.questions.clone(),
        );
        registry.register(
            "smartcloudops_chat_answer_duration_seconds",
            "Time from a question to its answer",
            metrics.durations.clone(),
        );
        metrics
    }

    /// A question was answered.
    pub fn answered(&self, by: By, outcome: Outcome, took: Duration) {
        self.questions.get_or_create(&QuestionLabels { by, outcome }).inc();
        self.durations.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_exists_at_zero_and_is_counted() {
        let mut registry = Registry::default();
        let metrics = ChatMetrics::register(&mut registry);
        metrics.answered(By::Rules, Outcome::Request, Duration::from_millis(20));
        let mut page = String::new();
        prometheus_client::encoding::text::encode(&mut page, &registry).unwrap();
        let questions = page.lines().filter(|line| line.starts_with("smartcloudops_chat_questions_total{"));
        assert_eq!(questions.count(), 10);
        for line in [
            r#"smartcloudops_chat_questions_total{by="model",outcome="answered"} 0"#,
            r#"smartcloudops_chat_questions_total{by="rules",outcome="request"} 1"#,
            "smartcloudops_chat_answer_duration_seconds_count 1",
        ] {
            assert!(page.contains(line), "{line} is missing in:\n{page}");
        }
    }
}
