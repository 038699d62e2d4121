//! A model's texts against the evidence: each is checked once, as it is written or with the whole answer.

use std::collections::HashMap;

use serde_json::Value;

use super::super::pack::Pack;
use super::{Statement, Struck, Summary};
use crate::llm::Completion;
use crate::llm::claims::{Checked, Known, check};

/// What is known, which texts were checked so far, and what was struck.
pub(super) struct Checking<'p> {
    pack: &'p Pack,
    known: Known,
    /// A text comes as it is written, and again with the whole answer; together they are no longer than that.
    checked: HashMap<String, Checked>,
    struck: Vec<Struck>,
}

impl<'p> Checking<'p> {
    /// Reads the pack, once.
    pub fn new(pack: &'p Pack) -> Self {
        let texts: Vec<&str> = pack.items.iter().map(|item| item.text.as_str()).collect();
        let ids = pack.items.iter().map(|item| item.id.as_str());
        // 1 is the alarm line, which every reader of scores knows.
        let known = Known::with(&texts.join("\n"), [1.0, pack.items.len() as f64], ids);
        Self { pack, known, checked: HashMap::new(), struck: Vec::new() }
    }

    /// What stands of an answer.
    pub fn summary(mut self, completion: &Completion) -> Summary {
        let value = &completion.value;
        let headline = self.text(&value["headline"]);
        let impact = self.statement(&value["impact"]);
        let likely_cause = self.statement(&value["likely_cause"]);
        let done = self.statement(&value["done"]);
        let steps = value["next_steps"].as_array().into_iter().flatten();
        let next_steps = steps.map(|step| self.text(step)).filter(|step| !step.is_empty()).collect();
        let sure = !likely_cause.text.is_empty() && !likely_cause.evidence.is_empty();
        let confidence = if sure { value["confidence"].as_str().unwrap_or("low") } else { "low" };
        Summary {
            headline,
            impact,
            likely_cause,
            done,
            next_steps,
            confidence: confidence.to_owned(),
            model: completion.model.clone(),
            sent: completion.sent.to_string(),
            cached: completion.cached,
            struck: self.struck,
        }
    }

    /// What stands of a text, and what is struck of it counts.
    fn text(&mut self, value: &Value) -> String {
        let text = value.as_str().unwrap_or_default();
        let stands = self.stands(text);
        let struck = self.checked.get(text).into_iter().flat_map(|checked| &checked.struck);
        let faults: Vec<&'static str> = struck.map(|struck| struck.fault.as_str()).collect();
        faults.into_iter().for_each(|fault| self.strike(fault));
        stands
    }

    /// What stands of a text, which is checked once however often it comes.
    pub fn stands(&mut self, text: &str) -> String {
        if let Some(checked) = self.checked.get(text) {
            return checked.text.trim().to_owned();
        }
        let checked = check(text, &self.known);
        let stands = checked.text.trim().to_owned();
        self.checked.insert(text.to_owned(), checked);
        stands
    }

    /// An id that the pack does not have is a name that nobody knows.
    fn statement(&mut self, value: &Value) -> Statement {
        let text = self.text(&value["text"]);
        let mut evidence = Vec::new();
        for id in value["evidence"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            match self.pack.items.iter().any(|item| item.id == id) {
                true if !evidence.iter().any(|known| known == id) => evidence.push(id.to_owned()),
                true => {}
                false => self.strike("name"),
            }
        }
        Statement { text, evidence }
    }

    fn strike(&mut self, fault: &'static str) {
        match self.struck.iter_mut().find(|struck| struck.fault == fault) {
            Some(known) => known.sentences += 1,
            None => self.struck.push(Struck { fault, sentences: 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::pack;
    use super::*;

    #[test]
    fn a_text_is_checked_once_and_what_is_struck_of_it_counts_as_often_as_it_is_told() {
        let pack = pack();
        let mut checking = Checking::new(&pack);
        let text = "db-7 is down. Slow fires on a:80.";
        assert_eq!(checking.stands(text), "Slow fires on a:80.");
        assert_eq!(checking.struck, [], "a piece that was handed on is told of again at the end");
        assert_eq!(checking.text(&json!(text)), "Slow fires on a:80.");
        assert_eq!((checking.checked.len(), checking.struck.len()), (1, 1));
        assert_eq!(checking.text(&json!(text)), "Slow fires on a:80.");
        assert_eq!(checking.struck, [Struck { fault: "name", sentences: 2 }]);
    }
}
