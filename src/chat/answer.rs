//! An answer: what it says, what each sentence rests on, and how the question was understood. Pure.

use serde::Serialize;
use serde_json::Value;

use super::question::is_invisible;
use super::request::Call;

/// What was looked up for an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LookedUp {
    /// `l1`, `l2` and so on; unique in the answer.
    pub id: String,
    /// The look-up's name.
    pub name: String,
    /// Its arguments, a JSON object.
    pub arguments: Value,
    /// What was found, in a sentence; or why nothing was.
    pub title: String,
    /// What was found. Untrusted text.
    pub lines: Vec<String>,
    /// How many lines there are beyond these.
    pub left_out: usize,
    /// How long it took.
    pub seconds: f64,
    /// Whether it failed.
    pub failed: bool,
}

/// One sentence of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// What it says. It may quote untrusted text, on one line.
    pub text: String,
    /// The ids of the look-ups it rests on. Empty: it says something of the question or of the program alone.
    pub lookups: Vec<String>,
}

/// Who made an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A language model, sentence by sentence as far as the look-ups bear it out.
    Model,
    /// Rules.
    Rules,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The question, as it was asked.
    pub question: String,
    /// How it was understood; `None` by whom nothing but the answer says so.
    pub understood_as: Option<String>,
    /// All statements, one below the other.
    pub answer: String,
    /// Each of them.
    pub statements: Vec<Statement>,
    /// What they rest on.
    pub lookups: Vec<LookedUp>,
    /// Calls that a person can make, where something is asked to be done. None of them was made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// Who made it.
    pub by: By,
    /// What else whoever asks should know, such as why no language model answered.
    pub note: Option<String>,
}

impl Statement {
    /// A sentence that rests on these look-ups.
    pub fn new(text: &str, lookups: &[&str]) -> Self {
        Self { text: on_one_line(text), lookups: lookups.iter().map(|id| (*id).to_owned()).collect() }
    }
}

impl Answer {
    /// An answer by rules, of nothing yet.
    pub fn by_rules(question: &str) -> Self {
        Self {
            question: question.to_owned(),
            understood_as: None,
            answer: String::new(),
            statements: Vec::new(),
            lookups: Vec::new(),
            calls: Vec::new(),
            by: By::Rules,
            note: None,
        }
    }

    /// The same with these statements.
    pub fn saying(mut self, statements: Vec<Statement>) -> Self {
        let texts: Vec<&str> = statements.iter().map(|statement| statement.text.as_str()).collect();
        self.answer = texts.join("\n");
        self.statements = statements;
        self
    }

    /// Adds to the note.
    pub fn note(&mut self, sentence: &str) {
        let sentence = on_one_line(sentence);
        match &mut self.note {
            Some(note) => *note = format!("{note} {sentence}"),
            None => self.note = Some(sentence),
        }
    }

    /// For people, on a terminal or in a chat: plain lines without control characters.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Statement { text: said, lookups } in &self.statements {
            let rests = if lookups.is_empty() { String::new() } else { format!(" [{}]", lookups.join(", ")) };
            text += &format!("{}{rests}\n", on_one_line(said));
        }
        self.calls.iter().for_each(|call| text += &format!("  {}\n", call.curl));
        if let Some(understood) = &self.understood_as {
            text += &format!("\nUnderstood as: {}.\n", on_one_line(understood));
        }
        self.note.iter().for_each(|note| text += &format!("\nNote: {}\n", on_one_line(note)));
        if !self.lookups.is_empty() {
            text.push_str("\nLooked up:\n");
        }
        for LookedUp { id, name, arguments, title, .. } in &self.lookups {
            text +=
                &format!("  {id} {name} {}: {}\n", on_one_line(&arguments.to_string()), on_one_line(title));
        }
        text
    }
}

/// Untrusted text on one line that shows all it has.
pub(super) fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_told_with_what_it_rests_on() {
        let mut answer = Answer::by_rules("what is firing?").saying(vec![
            Statement::new("1 alert fires.", &["l1"]),
            Statement::new("Down fires\n\u{1b}[2Jsince \u{202e}noon", &["l1"]),
        ]);
        answer.understood_as = Some("which alerts fire".to_owned());
        answer.lookups.push(LookedUp {
            id: "l1".to_owned(),
            name: "alerts".to_owned(),
            arguments: json!({"limit": 20}),
            title: "1 alert fires.".to_owned(),
            lines: vec!["Down".to_owned()],
            left_out: 0,
            seconds: 0.01,
            failed: false,
        });
        answer.note("One.");
        answer.note("Two.");
        let expected = "1 alert fires. [l1]\nDown fires  [2Jsince  noon [l1]\n\nUnderstood as: which alerts fire.\n\n\
                        Note: One. Two.\n\nLooked up:\n  l1 alerts {\"limit\":20}: 1 alert fires.\n";
        assert_eq!(answer.text(), expected);
        let json = serde_json::to_value(&answer).unwrap();
        assert_eq!((&json["by"], &json["calls"]), (&json!("rules"), &Value::Null));
    }
}
