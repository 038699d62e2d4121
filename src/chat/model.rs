//! An answer by a language model that can call nothing but look-ups, within bounds on calls and time.

use std::sync::LazyLock;

use serde_json::Value;

use super::answer::{Answer, By};
use super::config::Config;
use super::grounded::ground;
use super::looking::Looking;
use super::memory::Exchange;
use super::plan::Keep;
use super::prompt;
use crate::llm::{Call, Client, Conversation, Entry, LlmError, Reply, Schema, Tool};
use crate::lookup::{Lookup, Lookups};
use crate::metrics::llm::LlmMetrics;
use crate::model::{Timestamp, format_duration};

/// The look-ups as tools, and nothing else.
static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| {
    let tool = |one: &crate::lookup::Description| Tool {
        description: one.sentence,
        parameters: Schema::new(one.name.as_str(), strict(&one.arguments)),
    };
    Lookup::tools().iter().map(tool).collect()
});

/// A model, and whom it may ask.
pub(super) struct Model<'m> {
    pub client: &'m Client,
    pub metrics: &'m LlmMetrics,
    pub lookups: &'m Lookups,
    pub config: &'m Config,
}

impl Model<'_> {
    /// The model's answer, as far as it stands; or why there is none, in a sentence.
    pub async fn answer(
        &self,
        question: &str,
        before: &[Exchange],
        now: Timestamp,
    ) -> Result<Answer, String> {
        let limit = self.config.timeout;
        let asking = self.converse(question, before, now);
        match tokio::time::timeout(limit, asking).await {
            Ok(answer) => answer,
            Err(_) => Err(format!(
                "the language model gave no answer within {}; see chat.timeout",
                format_duration(limit)
            )),
        }
    }

    async fn converse(&self, question: &str, before: &[Exchange], now: Timestamp) -> Result<Answer, String> {
        let zone = self.config.time_zone.iana_name().unwrap_or("UTC");
        let mut looking = Looking::new(self.lookups, now, self.config.timeout);
        let mut talk = Conversation {
            entries: vec![
                Entry::System(prompt::INSTRUCTION.to_owned()),
                Entry::User(prompt::question(question, before, now, zone)),
            ],
            tools: TOOLS.clone(),
            answer: Some(Schema::new(prompt::ANSWER, prompt::schema())),
        };
        // Each turn but the last looks something up, so that there are at most so many.
        for _ in 0..=self.config.max_calls {
            let turn = self.client.converse(&talk).await.map_err(|error: LlmError| error.to_string())?;
            match turn.reply {
                Reply::Calls(calls) => self.look(calls, &mut talk, &mut looking).await,
                Reply::Answer(value) => return self.checked(question, &value, looking),
                Reply::Text(_) => break,
            }
        }
        Err(format!(
            "the language model asks for more than {} look-ups; see chat.max_calls",
            self.config.max_calls
        ))
    }

    /// Looks up what the model asks for, as far as its bound goes; without any left it has no tools.
    async fn look(&self, calls: Vec<Call>, talk: &mut Conversation, looking: &mut Looking<'_>) {
        talk.entries.push(Entry::Calls(calls.clone()));
        for Call { id, name, arguments } in calls {
            let text = match looking.count() < self.config.max_calls {
                true => prompt::result(looking.look(&name, &arguments, &Keep::All).await),
                false => prompt::no_more(),
            };
            talk.entries.push(Entry::Result { call: id, text });
        }
        if looking.count() >= self.config.max_calls {
            talk.tools.clear();
        }
    }

    fn checked(&self, question: &str, value: &Value, looking: Looking<'_>) -> Result<Answer, String> {
        let grounded = ground(value, looking.done(), question);
        grounded.struck.iter().for_each(|fault| self.metrics.struck(fault));
        if grounded.statements.is_empty() {
            return Err("the look-ups bear out nothing of what the language model wrote".to_owned());
        }
        let answer = Answer::by_rules(question).saying(grounded.statements);
        let mut answer = Answer { by: By::Model, lookups: looking.finish(), ..answer };
        if !grounded.struck.is_empty() {
            let count = grounded.struck.len();
            answer.note(&format!(
                "{count} statements of the language model were struck: the look-ups do not say so."
            ));
        }
        Ok(answer)
    }
}

/// A schema as strict mode wants it: everything is required, and what may be left out may be null.
fn strict(schema: &Value) -> Value {
    let mut strict = schema.clone();
    let required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
    let names: Vec<String> =
        schema["properties"].as_object().into_iter().flat_map(|all| all.keys().cloned()).collect();
    for name in names.iter().filter(|name| !required.iter().any(|one| one == name.as_str())) {
        let property = &mut strict["properties"][name];
        if let Some(kind) = property["type"].as_str().map(str::to_owned) {
            property["type"] = serde_json::json!([kind, "null"]);
        }
        if let Some(choices) = property["enum"].as_array_mut() {
            choices.push(Value::Null);
        }
    }
    strict["required"] = names.into();
    strict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_offered_look_ups_alone_and_may_leave_arguments_out() {
        assert_eq!(TOOLS.len(), Lookup::tools().len());
        for tool in TOOLS.iter() {
            let schema = tool.parameters.value();
            let names: Vec<&String> =
                schema["properties"].as_object().into_iter().flat_map(|all| all.keys()).collect();
            assert_eq!(schema["required"].as_array().map(Vec::len), Some(names.len()), "{schema}");
            assert_eq!(schema["additionalProperties"], false, "{schema}");
        }
        let query = TOOLS.iter().find(|tool| tool.parameters.name() == "query").expect("there is one");
        let properties = &query.parameters.value()["properties"];
        assert_eq!(
            (&properties["expr"]["type"], &properties["at"]["type"]),
            (&"string".into(), &serde_json::json!(["string", "null"]))
        );
    }
}
