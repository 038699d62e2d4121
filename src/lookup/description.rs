//! What a look-up is called, does and takes, for whoever may call it.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::arguments::Limit;
use super::range::{MAX_EXPR, MAX_POINTS};
use super::{Lookup, Name};

/// One look-up as it is offered.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its name.
    pub name: Name,
    /// What it finds, in a sentence or two.
    pub sentence: &'static str,
    /// The JSON schema of its arguments, an object that knows all of its properties.
    pub arguments: Value,
}

static DESCRIPTIONS: LazyLock<Vec<Description>> =
    LazyLock::new(|| Name::ALL.into_iter().map(Description::of).collect());

impl Lookup {
    /// Every look-up there is.
    pub fn tools() -> &'static [Description] {
        &DESCRIPTIONS
    }
}

impl Description {
    fn of(name: Name) -> Self {
        let (sentence, required, properties): (_, &[&str], _) = match name {
            Name::Alerts => (
                "The alerts that fire, since when, with their labels; with include_resolved also those that ended lately.",
                &[],
                json!({"name": text("Only alerts of this alertname."), "matchers": matchers(),
                       "include_resolved": flag("Also alerts that are over."), "limit": limit()}),
            ),
            Name::Anomalies => (
                "The watched series whose anomaly score is 1 or more now, the highest first: value, expected value, band, since when.",
                &[],
                json!({"query": text("Only series of this configured query."), "matchers": matchers(),
                       "min_score": {"type": "number", "minimum": 0, "description": "Scores below this are left out; 1 is the alarm line and the default."},
                       "limit": limit()}),
            ),
            Name::WhyScore => (
                "The latest anomaly score of one series taken apart: the evidence, the alarm line, what kept it from a notification, when it was like this before.",
                &["query"],
                json!({"query": text("The name of a configured query or model, as anomalies has it."), "matchers": matchers()}),
            ),
            Name::Decisions => (
                "Why remediation acted on an alert or did not: the decision of each policy, and what every guard said.",
                &[],
                json!({"alert": text("Only decisions about alerts of this alertname."),
                       "about": text("Only decisions about this target, or about alerts with a label of this value, such as a host."),
                       "limit": limit()}),
            ),
            Name::Remediations => (
                "What remediation did, the latest first: policy, target, each step, whether it helped.",
                &[],
                json!({"policy": text("Only runs of this policy."), "target": text("Only runs on this target."),
                       "since": time("Only runs begun since."), "until": time("Only runs begun until."), "limit": limit()}),
            ),
            Name::Approvals => (
                "What waits for a person's approval: what would be done, for whom, until when it can be answered.",
                &[],
                json!({}),
            ),
            Name::Explain => (
                "What fires, explained: likely causes, what changed just before, a timeline, scores beside it, earlier episodes.",
                &[],
                json!({"alertname": text("Only alerts of this alertname.")}),
            ),
            Name::Query => (
                "The value of a PromQL expression at one time, for each of its series.",
                &["expr"],
                json!({"expr": expr(), "at": time("When; now if left out.")}),
            ),
            Name::QueryRange => (
                "The values of a PromQL expression over a time: for each series first, last, least, greatest and mean value, and the samples of the first series.",
                &["expr"],
                json!({"expr": expr(), "since": time("The beginning; an hour before the end if left out, 14 days at most."),
                       "until": time("The end; now if left out."),
                       "step": text(&format!("From one sample to the next, such as 1m; chosen if left out, at most {MAX_POINTS} samples a series."))}),
            ),
            Name::Logs => (
                "Log records, oldest first: of this daemon, of what remediation's actions printed, or of Loki where it is configured.",
                &[],
                json!({"source": {"type": "string", "enum": ["daemon", "remediation", "loki"], "description": "Whose log; the daemon's if left out."},
                       "service": text("Who speaks: a module of the daemon, a policy or target, a service in Loki."),
                       "level": {"type": "string", "enum": ["error", "warn", "info", "debug", "trace"], "description": "How severe at least."},
                       "since": time("The first time."), "until": time("The last time."),
                       "contains": text("A text that the record holds, whatever its case."),
                       "limit": limit()}),
            ),
            Name::Targets => (
                "What Prometheus scrapes: each target with its health and its last error.",
                &[],
                json!({"job": text("Only this job's."), "down_only": flag("Only targets that cannot be scraped."), "limit": limit()}),
            ),
            Name::Rules => (
                "The alerting and recording rules that Prometheus evaluates: expression, state, and why an evaluation failed.",
                &[],
                json!({"name": text("Only rules whose name holds this."),
                       "active_only": flag("Only alerting rules that are pending or firing, and rules that fail."), "limit": limit()}),
            ),
        };
        let arguments = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        Self { name, sentence, arguments }
    }
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

fn time(description: &str) -> Value {
    text(&format!("{description} RFC 3339, or so long ago, such as 15m or 2h."))
}

fn expr() -> Value {
    json!({"type": "string", "maxLength": MAX_EXPR, "description": "A PromQL expression."})
}

fn matchers() -> Value {
    json!({"type": "array", "items": {"type": "string"}, "maxItems": 16,
           "description": "Matchers that all must hold, such as instance=\"a:9100\" or job=~\"node.*\"."})
}

fn limit() -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": Limit::MAX, "description": "At most so many lines."})
}
