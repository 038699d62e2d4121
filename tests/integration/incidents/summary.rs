//! What a model's summary is worth: the same questions as to the plain explanation, put to its sentences.

use serde_json::Value;

use super::figures::Facts;
use super::file::Incident;
use super::judge::{Verdict, judge, matching, pattern};
use super::run::Told;

/// The cause is named first where the sentence about it names it, and among the first where any sentence does. Of an
/// incident without a visible cause nothing is to be said with more than little confidence.
pub fn judge_summary(incident: &Incident, told: &Told) -> Verdict {
    let summary = &told.json["summary"];
    let expect = &incident.expect;
    let cause = summary["likely_cause"]["text"].as_str().unwrap_or_default();
    let whole = format!("{cause}\n{}", others(summary).join("\n"));
    let right = |text: &str| match expect.cause.is_empty() {
        true => summary["confidence"] == "low",
        false => expect.cause.iter().any(|place| names(text, place)),
    };
    let accused = |place: &&String| names(cause, place) && !right(cause);
    Verdict {
        first: right(cause),
        in_three: right(&whole),
        missing: told.json["no_summary"]["why"].as_str().map(str::to_owned).into_iter().collect(),
        unsupported: Facts::of(incident, told).unsupported(&whole),
        untrue: matching(&expect.never, &whole),
        innocent: expect.innocent.iter().filter(accused).cloned().collect(),
        named: vec![cause.to_owned()],
        ..judge(incident, told)
    }
}

fn others(summary: &Value) -> Vec<&str> {
    let steps = summary["next_steps"].as_array().into_iter().flatten();
    let texts = [&summary["headline"], &summary["impact"]["text"], &summary["done"]["text"]];
    texts.into_iter().chain(steps).filter_map(Value::as_str).collect()
}

/// Whether a text has the value of a place as a word of its own.
fn names(text: &str, place: &str) -> bool {
    let value = place.split_once('=').map_or(place, |(_, value)| value);
    pattern(&format!(r"(^|[^\w-]){}($|[^\w-])", regex::escape(value))).is_match(text)
}
