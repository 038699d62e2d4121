//! What comes back, read leniently: servers that speak OpenAI's API leave fields out and invent others.

use serde::Deserialize;
use serde_json::Value;

use super::excerpt::Withheld;
use super::{Call, Conversation, Cut, LlmError, Reply, Schema, Tool, Usage};
use crate::http_client::one_line;

/// Largest text of an answer, in bytes.
pub(super) const MAX_ANSWER: usize = 64 << 10;
/// Most tools that are called in one turn.
pub const MAX_CALLS: usize = 16;
/// Longest id of a call, in bytes.
const MAX_ID: usize = 256;

/// A whole answer, with its placeholders.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    pub text: String,
    pub refusal: String,
    pub calls: Vec<RawCall>,
    /// Why it ended; `None` if the server does not say.
    pub finish: Option<String>,
    pub usage: Option<Usage>,
    pub model: String,
}

/// A call whose arguments are still text.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct RawCall {
    id: Option<String>,
    function: Option<RawFunction>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct RawFunction {
    name: Option<String>,
    arguments: Option<Value>,
}

/// A body, or one event of a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Raw {
    model: Option<String>,
    choices: Option<Vec<RawChoice>>,
    usage: Option<RawUsage>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawChoice {
    #[serde(alias = "delta")]
    message: Option<RawMessage>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawMessage {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<RawCall>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
}

impl Answer {
    /// A body that is the whole answer.
    pub fn read(body: Value, withheld: &Withheld) -> Result<Self, LlmError> {
        let mut answer = Self::default();
        answer.add(body, withheld)?;
        Ok(answer)
    }

    /// Takes in a body or the next event of a stream; returns the text that is new.
    pub fn add(&mut self, body: Value, withheld: &Withheld) -> Result<String, LlmError> {
        let raw: Raw = serde_json::from_value(body).map_err(|error| invalid(&error.to_string(), withheld))?;
        if let Some(error) = raw.error.filter(|error| !error.is_null()) {
            let said = error["message"].as_str().or(error.as_str()).unwrap_or("no reason given");
            return Err(LlmError::Server { said: withheld.excerpt(said) });
        }
        if let Some(usage) = raw.usage {
            let [input, output] =
                [usage.prompt_tokens, usage.completion_tokens].map(Option::unwrap_or_default);
            self.usage = Some(Usage { input, output });
        }
        if let Some(model) = raw.model {
            self.model = one_line(&model);
        }
        let choice = raw.choices.into_iter().flatten().next().unwrap_or_default();
        self.finish = choice.finish_reason.or(self.finish.take());
        self.say(choice.message.unwrap_or_default())
    }

    fn say(&mut self, message: RawMessage) -> Result<String, LlmError> {
        let text = message.content.unwrap_or_default();
        self.text.push_str(&text);
        self.refusal.push_str(&message.refusal.unwrap_or_default());
        self.calls.extend(message.tool_calls.into_iter().flatten());
        if self.text.len() + self.refusal.len() > MAX_ANSWER {
            return Err(LlmError::TooLarge { limit: MAX_ANSWER });
        }
        Ok(text)
    }

    /// Whether the model has said all that it was going to.
    pub fn judge(&self, withheld: &Withheld) -> Result<(), LlmError> {
        match self.finish.as_deref() {
            _ if !self.refusal.is_empty() => Err(LlmError::Refused { said: withheld.excerpt(&self.refusal) }),
            Some("content_filter") => {
                Err(LlmError::Refused { said: "the server's filter keeps the answer back".to_owned() })
            }
            Some("length") => Err(LlmError::CutOff(Cut::Length)),
            _ => Ok(()),
        }
    }

    /// The text as JSON.
    pub fn json(&self) -> Result<Value, LlmError> {
        serde_json::from_str(&self.text).map_err(|error| {
            // The library's sentence names a place and never repeats the text.
            LlmError::Invalid(format!("not JSON: {error}"))
        })
    }

    /// The model's part in a conversation.
    pub fn reply(self, talk: &Conversation, withheld: &Withheld) -> Result<Reply, LlmError> {
        let invalid = |what: &str| Err(LlmError::Invalid(what.to_owned()));
        match self.calls.len() {
            0 if self.text.trim().is_empty() => invalid("neither a text nor a call"),
            0 => self.last_word(talk.answer.as_ref()),
            1..=MAX_CALLS => {
                let calls = self.calls.into_iter().map(|call| call.checked(&talk.tools, withheld));
                calls.collect::<Result<_, _>>().map(Reply::Calls)
            }
            _ => invalid("too many calls at once"),
        }
    }

    fn last_word(self, schema: Option<&Schema>) -> Result<Reply, LlmError> {
        let Some(schema) = schema else { return Ok(Reply::Text(self.text)) };
        let value = self.json()?;
        schema.check(&value).map_err(LlmError::Invalid)?;
        Ok(Reply::Answer(value))
    }
}

impl RawCall {
    fn checked(self, tools: &[Tool], withheld: &Withheld) -> Result<Call, LlmError> {
        let function = self.function.unwrap_or_default();
        let (id, name) = (self.id.unwrap_or_default(), function.name.unwrap_or_default());
        if !tools.iter().any(|tool| tool.parameters.name() == name) {
            return Err(invalid(&format!("there is no tool '{name}'"), withheld));
        }
        if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid("a call has no id that can be given back", withheld));
        }
        let arguments = match function.arguments.unwrap_or_default() {
            // Some servers leave out the text of an empty object, and some send the object itself.
            Value::Null => Some(Value::Object(serde_json::Map::new())),
            Value::String(text) if text.trim().is_empty() => Some(Value::Object(serde_json::Map::new())),
            Value::String(text) => serde_json::from_str(&text).ok(),
            other => Some(other),
        };
        let arguments = arguments.filter(Value::is_object);
        let arguments =
            arguments.ok_or_else(|| invalid("the arguments of a call are no JSON object", withheld))?;
        Ok(Call { id, name, arguments })
    }
}

fn invalid(what: &str, withheld: &Withheld) -> LlmError {
    LlmError::Invalid(withheld.excerpt(what))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Schema;
    use super::*;

    fn read(body: Value) -> Result<Answer, LlmError> {
        Answer::read(body, &Withheld::default())
    }

    fn said(message: Value, finish: &str) -> Value {
        json!({"choices": [{"message": message, "finish_reason": finish}]})
    }

    #[test]
    fn what_servers_leave_out_is_not_missed() {
        for (what, body, text, usage) in [
            (
                "OpenAI's own",
                json!({"id": "x", "object": "chat.completion", "model": "m", "service_tier": "odd",
                    "choices": [{"index": 0, "message": {"role": "assistant", "content": "a", "refusal": null},
                        "finish_reason": "stop", "logprobs": null}],
                    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "odd": {}}}),
                "a",
                Some(Usage { input: 3, output: 4 }),
            ),
            ("no usage", said(json!({"content": "a"}), "stop"), "a", None),
            ("null usage", json!({"choices": null, "usage": null}), "", None),
            ("an unknown reason to end", said(json!({"content": "a"}), "eos"), "a", None),
            ("nothing at all", json!({}), "", None),
        ] {
            let answer = read(body).unwrap();
            assert_eq!((answer.text.as_str(), answer.usage), (text, usage), "{what}");
            assert_eq!(answer.judge(&Withheld::default()), Ok(()), "{what}");
        }
    }

    #[test]
    fn an_answer_that_is_none_is_named() {
        let judged = |body| read(body).and_then(|answer| answer.judge(&Withheld::default())).unwrap_err();
        let long = "x".repeat(MAX_ANSWER + 1);
        for (body, expected) in [
            (said(json!({"refusal": "I cannot."}), "stop"), "refused"),
            (said(json!({"content": "half"}), "content_filter"), "refused"),
            (said(json!({"content": "half"}), "length"), "cut_off"),
            (said(json!({"content": long}), "stop"), "too_large"),
            (json!({"error": {"message": "overloaded"}}), "server_error"),
            (json!({"error": "overloaded"}), "server_error"),
            (json!({"choices": 1}), "invalid_answer"),
            (json!("text"), "invalid_answer"),
        ] {
            assert_eq!(judged(body.clone()).as_str(), expected, "{body}");
        }
    }

    #[test]
    fn calls_are_of_tools_there_are_with_objects_for_arguments() {
        let parameters = Schema::new("look", json!({"type": "object"}));
        let tools = vec![Tool { description: "looks", parameters }];
        let call = |id: Value, name: &str, arguments: Value| {
            let call =
                json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
            let answer = read(said(json!({"content": null, "tool_calls": [call]}), "tool_calls")).unwrap();
            let talk = Conversation { tools: tools.clone(), ..Conversation::default() };
            answer.reply(&talk, &Withheld::default())
        };
        let fine = |arguments: Value| {
            Ok(Reply::Calls(vec![Call { id: "c1".to_owned(), name: "look".to_owned(), arguments }]))
        };
        assert_eq!(call(json!("c1"), "look", json!("{\"a\":1}")), fine(json!({"a": 1})));
        assert_eq!(call(json!("c1"), "look", json!({"a": 1})), fine(json!({"a": 1})));
        assert_eq!(call(json!("c1"), "look", json!("")), fine(json!({})));
        assert_eq!(call(json!("c1"), "look", Value::Null), fine(json!({})));
        for (id, name, arguments, expected) in [
            (json!("c1"), "approve", json!("{}"), "there is no tool 'approve'"),
            (json!("c1"), "look", json!("[1]"), "the arguments of a call are no JSON object"),
            (json!("c1"), "look", json!("{"), "the arguments of a call are no JSON object"),
            (json!(""), "look", json!("{}"), "a call has no id that can be given back"),
            (json!("a b"), "look", json!("{}"), "a call has no id that can be given back"),
            (Value::Null, "look", json!("{}"), "a call has no id that can be given back"),
        ] {
            let error = call(id, name, arguments).unwrap_err();
            assert_eq!(error, LlmError::Invalid(expected.to_owned()));
        }
    }

    #[test]
    fn a_reply_says_something_or_calls_a_bounded_number_of_tools() {
        let talk = Conversation::default();
        let reply = |message| read(said(message, "stop")).unwrap().reply(&talk, &Withheld::default());
        assert_eq!(reply(json!({"content": "a"})), Ok(Reply::Text("a".to_owned())));
        assert!(reply(json!({"content": " "})).is_err());
        let many: Vec<Value> = (0..=MAX_CALLS).map(|_| json!({})).collect();
        let error = reply(json!({"tool_calls": many})).unwrap_err();
        assert_eq!(error, LlmError::Invalid("too many calls at once".to_owned()));
    }

    #[test]
    fn a_last_word_is_of_the_schema_that_was_asked_for() {
        let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}});
        let talk = Conversation { answer: Some(Schema::new("answer", schema)), ..Conversation::default() };
        let reply = |text: &str| {
            read(said(json!({"content": text}), "stop")).unwrap().reply(&talk, &Withheld::default())
        };
        assert_eq!(reply(r#"{"a": "b"}"#), Ok(Reply::Answer(json!({"a": "b"}))));
        for (text, expected) in [
            ("I think so.", "not JSON: expected value at line 1 column 1"),
            (r#"{"a": 1}"#, "$.a must be of type string"),
            ("[]", "$ must be of type object"),
        ] {
            assert_eq!(reply(text), Err(LlmError::Invalid(expected.to_owned())), "{text}");
        }
    }
}
