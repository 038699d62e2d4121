//! What an answer is worth: whether it names the cause, says what is to be said, and nothing that is false.

use std::time::Duration;

use regex::Regex;
use serde_json::Value;
use smartcloudops::llm::claims::{Known, check};

use super::changes::untrue;
use super::figures::Facts;
use super::file::{Expect, Half, Incident};
use super::run::Told;

/// Bytes of the evidence, and of the text.
const MAX_EVIDENCE: usize = 16 << 10;
const MAX_TEXT: usize = 32 << 10;
/// Prometheus is waited for two seconds at most; the rest is this machine's.
pub const MAX_TIME: Duration = Duration::from_secs(4);

/// What was found.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub name: String,
    pub kind: String,
    pub half: Half,
    /// The cause stands first, or is among the first three.
    pub first: bool,
    pub in_three: bool,
    /// What is missing, unsupported, false; a sentence each.
    pub missing: Vec<String>,
    pub unsupported: Vec<String>,
    pub untrue: Vec<String>,
    /// Who has nothing to do with it and is said to be the likeliest cause.
    pub innocent: Vec<String>,
    /// What is too large or too slow.
    pub beyond: Vec<String>,
    pub seconds: f64,
    /// What was named instead, for people.
    pub named: Vec<String>,
}

pub fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Says that nothing seen explains the alerts.
fn says_nothing_explains(text: &str) -> bool {
    pattern("(?i)nothing (that was |which was )?(seen|found|known)[^.]* explains|no (likely )?cause (was|is) (seen|found|known)").is_match(text)
}

/// Judges the plain explanation.
pub fn judge(incident: &Incident, told: &Told) -> Verdict {
    let causes: Vec<&Value> = told.json["causes"].as_array().into_iter().flatten().collect();
    let expect = &incident.expect;
    let honest = causes.is_empty() && says_nothing_explains(&told.text);
    let within = |count: usize| match expect.cause.is_empty() {
        true => honest,
        false => causes.iter().take(count).any(|cause| is_right(cause, expect)),
    };
    let mut unsupported = Facts::of(incident, told).unsupported(&told.text);
    unsupported.extend(beyond_evidence(told));
    let first = causes.first().and_then(|cause| cause["place"].as_str());
    let mut false_statements = untrue(&told.json, &told.world);
    false_statements.extend(matching(&expect.never, &told.text));
    let named = |cause: &&Value| format!("{} {}: {}", cause["place"], cause["score"], cause["reasons"]);
    Verdict {
        name: incident.name.clone(),
        kind: incident.kind.clone(),
        half: incident.half(),
        first: within(1),
        in_three: within(3),
        missing: expect.say.iter().filter(|said| !pattern(said).is_match(&told.text)).cloned().collect(),
        unsupported,
        untrue: false_statements,
        innocent: expect.innocent.iter().filter(|one| Some(one.as_str()) == first).cloned().collect(),
        beyond: beyond(told),
        seconds: told.took.as_secs_f64(),
        named: causes.iter().map(named).collect(),
    }
}

/// One of the places that are the cause, and for the reason that is so.
fn is_right(cause: &Value, expect: &Expect) -> bool {
    let because = pattern(&expect.because);
    let mut reasons = cause["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
    expect.cause.iter().any(|one| cause["place"] == one.as_str())
        && reasons.any(|reason| because.is_match(reason))
}

/// The part of each line that matches what is never to be said.
pub fn matching(never: &[String], text: &str) -> Vec<String> {
    let lines = |never: &String| {
        let pattern = pattern(never);
        text.lines()
            .filter(|line| pattern.is_match(line))
            .map(|line| format!("says: {}", line.trim()))
            .collect::<Vec<_>>()
    };
    never.iter().flat_map(lines).collect()
}

/// What the daemon's own checker strikes of the text, with the evidence that a model would be given.
fn beyond_evidence(told: &Told) -> Vec<String> {
    let items = told.json["evidence"]["items"].as_array().into_iter().flatten().chain(&told.evidence);
    let mut evidence: Vec<&str> = items.filter_map(|item| item["text"].as_str()).collect();
    let at = told.text.lines().find(|line| line.starts_with("Read at ")).unwrap_or_default();
    evidence.push(at);
    // Whatever did not fit into the evidence cannot be looked up in it.
    if told.json["evidence"]["left_out"].as_object().is_some_and(|left_out| !left_out.is_empty()) {
        return Vec::new();
    }
    // The evidence is of another moment of the same second.
    let whole = |text: &str| pattern(r"\.\d{3}Z").replace_all(text, "Z").into_owned();
    let known = Known::with(&whole(&evidence.join("\n")), [1.0], []);
    let text = whole(&told.text);
    let struck = text.lines().flat_map(|line| check(line.trim(), &known).struck);
    struck.map(|one| format!("beyond the evidence ({}): {}", one.fault.as_str(), one.sentence)).collect()
}

fn beyond(told: &Told) -> Vec<String> {
    let evidence = told.json["evidence"].to_string().len();
    [
        (evidence > MAX_EVIDENCE, format!("{evidence} bytes of evidence")),
        (told.text.len() > MAX_TEXT, format!("{} bytes of text", told.text.len())),
        (told.took > MAX_TIME, format!("{:?} to answer", told.took)),
    ]
    .into_iter()
    .filter_map(|(beyond, what)| beyond.then_some(what))
    .collect()
}
