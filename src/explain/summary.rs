//! The evidence in a language model's words, sentence by sentence as far as the evidence bears them out; or why there
//! are none.

mod checking;

use serde::Serialize;

use super::pack::Pack;
use super::parts::Parts;
use super::prompt;
use crate::llm::{Client, LlmError, Request, Schema};
use crate::metrics::llm::LlmMetrics;

use checking::Checking;

/// The fields with texts for people.
const TEXTS: [&str; 5] = ["headline", "impact.text", "likely_cause.text", "done.text", "next_steps"];

/// A model's words, checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// One sentence over all.
    pub headline: String,
    /// Who or what suffers.
    pub impact: Statement,
    /// What it most likely comes from.
    pub likely_cause: Statement,
    /// What was done, or why nothing was.
    pub done: Statement,
    /// What a person could do next.
    pub next_steps: Vec<String>,
    /// How sure the model says it is: `low`, `medium` or `high`; never more than what stands allows.
    pub confidence: String,
    /// The model, by the server's word.
    pub model: String,
    /// The SHA-256 of what was sent, after redaction.
    pub sent: String,
    /// Whether it was given before for the same evidence.
    pub cached: bool,
    /// What the evidence does not say, and was struck: how many sentences for each fault.
    pub struck: Vec<Struck>,
}

/// A text and what it rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Statement {
    /// Sentences, or nothing where none stands.
    pub text: String,
    /// Ids of the pack.
    pub evidence: Vec<String>,
}

/// Sentences that were struck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Struck {
    /// What is wrong with them.
    pub fault: &'static str,
    /// How many.
    pub sentences: usize,
}

/// Why there is no summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoSummary {
    /// From a closed list.
    pub reason: &'static str,
    /// One sentence.
    pub why: String,
}

/// A text of a summary that is still being written, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The field of the summary that it belongs to.
    pub field: String,
    /// What stands of it.
    pub text: String,
}

/// Has a model sum up the evidence, and hands its texts on as they are complete and checked; `group` names what it is
/// about. Whatever goes wrong, the plain explanation stands. What was handed on counts only if a summary follows.
pub async fn summarise(
    client: &Client,
    metrics: &LlmMetrics,
    pack: &Pack,
    group: &str,
    mut parts: impl FnMut(Part) + Send,
) -> Result<Summary, NoSummary> {
    let schema = Schema::new(prompt::ANSWER, prompt::schema());
    let request = Request::new(group, prompt::INSTRUCTION, &prompt::data(pack), schema);
    let (mut written, mut checking) = (Parts::default(), Checking::new(pack));
    let mut sink = |piece: &str| {
        for (field, text) in written.push(piece) {
            let text = if TEXTS.contains(&&*field) { checking.stands(&text) } else { String::new() };
            if !text.is_empty() {
                parts(Part { field, text });
            }
        }
    };
    let completion = client.stream(&request, &mut sink).await.map_err(|error| NoSummary::from(&error))?;
    let summary = checking.summary(&completion);
    for Struck { fault, sentences } in &summary.struck {
        (0..*sentences).for_each(|_| metrics.struck(fault));
    }
    match summary.headline.is_empty() && summary.likely_cause.text.is_empty() {
        true => Err(NoSummary {
            reason: "nothing_stood",
            why: "the evidence bears out nothing of what the language model wrote".to_owned(),
        }),
        false => Ok(summary),
    }
}

impl From<&LlmError> for NoSummary {
    fn from(error: &LlmError) -> Self {
        Self { reason: error.as_str(), why: error.to_string() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::super::samples::{at, episode};
    use super::super::{Evidence, explain};
    use super::*;
    use crate::llm::{Completion, Digest, Usage};

    pub fn pack() -> Pack {
        let evidence = Evidence {
            at: at(110),
            episodes: vec![episode(&[("alertname", "Slow"), ("instance", "a:80")], 100, None)],
            ..Evidence::default()
        };
        explain(&evidence).evidence
    }

    fn summary(cause: &str, ids: &[&str], step: &str) -> Summary {
        let statement = |text: &str, ids: &[&str]| json!({"text": text, "evidence": ids});
        let value = json!({
            "headline": "Slow fires on a:80.",
            "impact": statement("Requests to a:80 suffer.", &["e2"]),
            "likely_cause": statement(cause, ids),
            "done": statement("Nothing was done.", &[]),
            "next_steps": [step],
            "confidence": "high",
        });
        let completion = Completion {
            value,
            usage: Usage::default(),
            model: "m".to_owned(),
            sent: Digest::of(b""),
            cached: false,
        };
        Checking::new(&pack()).summary(&completion)
    }

    #[test]
    fn what_the_evidence_does_not_say_is_struck_and_counted() {
        for (cause, ids, step, text, steps, confidence, struck, sentence) in [
            (
                "The host a is slow.",
                &["e1"][..],
                "Look at a:80.",
                "The host a is slow.",
                1,
                "high",
                0,
                "all stands",
            ),
            (
                "It is 97 % full. The host a is slow.",
                &["e1"],
                "",
                "The host a is slow.",
                0,
                "high",
                1,
                "a number",
            ),
            ("db-7 is down.", &["e1"], "Look at db-7.", "", 0, "low", 2, "a host that there is not"),
            ("The host a is slow.", &["e99", "e1"], "", "The host a is slow.", 0, "high", 1, "an id"),
            ("The host a is slow.", &[], "", "The host a is slow.", 0, "low", 0, "no evidence is cited"),
            (
                "Der Rechner a wird immer langsamer und niemand weiß warum.",
                &["e1"],
                "",
                "",
                0,
                "low",
                1,
                "German",
            ),
        ] {
            let summary = summary(cause, ids, step);
            assert_eq!(summary.likely_cause.text, text, "{sentence}");
            assert_eq!(
                (summary.next_steps.len(), summary.confidence.as_str()),
                (steps, confidence),
                "{sentence}"
            );
            let count: usize = summary.struck.iter().map(|one| one.sentences).sum();
            assert_eq!(count, struck, "{sentence}: {:?}", summary.struck);
        }
    }
}
