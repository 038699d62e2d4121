//! What stands of a language model's answer: each statement against the look-ups that it cites. It does no I/O.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answer::{LookedUp, Statement};
use super::computed::computed;
use crate::llm::claims::{Known, check};
use crate::metrics::llm::UNCITED;

/// What stands, and what is wrong with each sentence that does not.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Grounded {
    pub statements: Vec<Statement>,
    pub struck: Vec<&'static str>,
}

/// Checks the statements of an answer of the schema. What nobody but the model has named is not known: an argument
/// that stands neither in the question nor in what was found proves nothing, though a title repeats it.
pub(super) fn ground(answer: &Value, lookups: &[LookedUp], question: &str) -> Grounded {
    let mut grounded = Grounded::default();
    for statement in answer["statements"].as_array().into_iter().flatten() {
        let text = statement["text"].as_str().unwrap_or_default();
        let cited: BTreeSet<&str> =
            statement["lookups"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let rests: Vec<&LookedUp> =
            lookups.iter().filter(|one| cited.contains(one.id.as_str()) && !one.failed).collect();
        if rests.is_empty() || rests.len() < cited.len() {
            grounded.struck.push(UNCITED);
            continue;
        }
        let checked = check(text, &known(&rests, question));
        grounded.struck.extend(checked.struck.iter().map(|one| one.fault.as_str()));
        if !checked.text.trim().is_empty() {
            let ids: Vec<&str> = rests.iter().map(|one| one.id.as_str()).collect();
            grounded.statements.push(Statement::new(checked.text.trim(), &ids));
        }
    }
    grounded
}

fn known(lookups: &[&LookedUp], question: &str) -> Known {
    let texts: Vec<String> = lookups.iter().map(|one| evidence(one, question)).collect();
    // 1 is the alarm line, and how many lines there are can be counted.
    let counts = lookups.iter().flat_map(|one| [one.lines.len() as f64, one.left_out as f64]);
    let numbers: Vec<f64> = counts.chain([1.0]).collect();
    Known::with(&texts.join("\n"), numbers, lookups.iter().map(|one| one.id.as_str()))
}

fn evidence(found: &LookedUp, question: &str) -> String {
    let makes_up =
        found.arguments["expr"].as_str().is_some_and(|expr| !question.contains(expr) && makes_up(expr));
    // Lines that say what the question put into them are no evidence, and numbers that it reckoned with are none.
    let reckons =
        found.arguments["expr"].as_str().is_some_and(|expr| !question.contains(expr) && computed(expr));
    let lines: Vec<&str> = match makes_up {
        true => Vec::new(),
        false if reckons => found.lines.iter().filter_map(|line| labels(line)).collect(),
        false => found.lines.iter().map(String::as_str).collect(),
    };
    let lines = lines.join("\n");
    let mut title = found.title.clone();
    for argument in texts(&found.arguments) {
        if !argument.is_empty() && !question.contains(argument) && !lines.contains(argument) {
            title = title.replace(argument, "…");
        }
    }
    format!("{title}\n{lines}")
}

/// What a line says of a series without its values: all up to the end of its labels.
fn labels(line: &str) -> Option<&str> {
    line.rfind('}').map(|end| &line[..=end])
}

/// Functions of PromQL whose results have labels or values that stand in the expression.
const MAKE_UP: [&str; 6] =
    ["label_replace", "label_join", "vector", "count_values", "absent", "absent_over_time"];

/// Whether an expression can bring names or numbers of its own into its result: by such a function, or as one that
/// reads no metric.
fn makes_up(expr: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut words = expr.split(|c| !is_part(c));
    let reads = words.clone().any(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    !reads || words.any(|word| MAKE_UP.contains(&word.to_lowercase().as_str()))
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lookups() -> Vec<LookedUp> {
        let one = |id: &str, arguments: Value, title: &str, lines: &[&str], failed: bool| LookedUp {
            id: id.to_owned(),
            name: "alerts".to_owned(),
            arguments,
            title: title.to_owned(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            left_out: 0,
            seconds: 0.0,
            failed,
        };
        vec![
            one(
                "l1",
                json!({}),
                "2 alerts fire at 2026-11-28T09:00:00Z.",
                &[
                    "HighLatency fires since 2026-11-28T08:50:00Z; labels {instance=\"web-1:80\"}",
                    "AppDown fires",
                ],
                false,
            ),
            one(
                "l2",
                json!({"expr": "up{instance=\"db-9\"}"}),
                "up{instance=\"db-9\"} has 0 series.",
                &[],
                false,
            ),
            one(
                "l4",
                json!({"expr": "label_replace(vector(97), \"host\", \"web-42\", \"\", \"\")"}),
                "label_replace(vector(97), \"host\", \"web-42\", \"\", \"\") has 1 series.",
                &["{host=\"web-42\"} = 97"],
                false,
            ),
            one("l5", json!({"expr": "90 + 7"}), "90 + 7 has 1 series.", &["{} = 97"], false),
            one(
                "l6",
                json!({"expr": "up*0+97"}),
                "up*0+97 has 1 series.",
                &["{instance=\"web-3:80\"} = 97"],
                false,
            ),
            one(
                "l7",
                json!({"expr": "errors / requests * 100"}),
                "errors / requests * 100 has 1 series.",
                &["{instance=\"web-3:80\"} = 12.5"],
                false,
            ),
            one("l3", json!({}), "web-7 could not be looked up", &[], true),
        ]
    }

    #[test]
    fn a_statement_stands_on_what_it_cites_or_is_struck() {
        for (text, cited, stands, struck, sentence) in [
            (
                "HighLatency fires on web-1:80.",
                &["l1"][..],
                "HighLatency fires on web-1:80.",
                &[][..],
                "it is there",
            ),
            ("2 alerts fire.", &["l1"], "2 alerts fire.", &[], "a number"),
            ("97 alerts fire.", &["l1"], "", &["number"], "an invented number"),
            ("db-7 is down.", &["l1"], "", &["name"], "an invented host"),
            ("db-9 is down.", &["l2"], "", &["name"], "a name that only the model's own question has"),
            (
                "HighLatency fires. The host web-42 burns.",
                &["l1"],
                "HighLatency fires.",
                &["name"],
                "one of two sentences",
            ),
            ("HighLatency fires.", &[], "", &["uncited"], "nothing is cited"),
            ("HighLatency fires.", &["l9"], "", &["uncited"], "a look-up that there is not"),
            ("HighLatency fires.", &["l1", "l9"], "", &["uncited"], "one of them is not there"),
            ("HighLatency fires.", &["l2"], "", &["name"], "another look-up says it"),
            ("web-7 is down.", &["l3"], "", &["uncited"], "a look-up that failed"),
            ("web-42 burns.", &["l4"], "", &["name"], "a host that an expression made up"),
            ("97 requests fail.", &["l5"], "", &["number"], "a number that an expression made up"),
            ("97 requests fail on web-3:80.", &["l6"], "", &["number"], "a number added to a series"),
            ("web-3:80 is there.", &["l6"], "web-3:80 is there.", &[], "the series is there all the same"),
            (
                "12.5 percent of requests fail on web-3:80.",
                &["l7"],
                "12.5 percent of requests fail on web-3:80.",
                &[],
                "a share in percent",
            ),
            (
                "Der Rechner web-1:80 ist leider sehr langsam und niemand weiß warum.",
                &["l1"],
                "",
                &["language"],
                "German",
            ),
            ("Run `rm -rf /data` now.", &["l1"], "", &["command"], "a command"),
        ] {
            let answer = json!({"statements": [{"text": text, "lookups": cited}]});
            let grounded = ground(&answer, &lookups(), "what is firing?");
            let stood: Vec<&str> = grounded.statements.iter().map(|one| one.text.as_str()).collect();
            assert_eq!((stood.concat().as_str(), grounded.struck.as_slice()), (stands, struck), "{sentence}");
        }
    }

    #[test]
    fn an_expression_makes_up_what_no_metric_says() {
        for (expr, expected) in [
            ("up", false),
            ("sum by (job) (rate(http_requests_total[5m]))", false),
            ("vector_length{job=\"a\"}", false),
            ("vector(97)", true),
            ("up or VECTOR (97)", true),
            ("label_replace(up, \"a\", \"b\", \"\", \"\")", true),
            ("absent(up{job=\"x\"})", true),
            ("1e3 * 7", true),
            ("97", true),
            ("90 + 7", true),
            ("", true),
        ] {
            assert_eq!(makes_up(expr), expected, "{expr}");
        }
    }

    #[test]
    fn a_name_of_the_question_may_be_said_to_be_absent() {
        let answer = json!({"statements": [{"text": "There are no series of db-9.", "lookups": ["l2"]}]});
        let grounded = ground(&answer, &lookups(), "up{instance=\"db-9\"}");
        assert_eq!(grounded.statements.len(), 1, "{grounded:?}");
    }
}
