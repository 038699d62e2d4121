//! What is sent: a body in OpenAI's terms, made of redacted texts alone.

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage, ChatCompletionRequestToolMessage,
    ChatCompletionRequestUserMessage, ChatCompletionTool, ChatCompletionTools, CreateChatCompletionRequest,
    FunctionCall, FunctionObject, ReasoningEffort, ResponseFormat, ResponseFormatJsonSchema,
};
use serde_json::Value;

use super::redact::{Redacted, Redactor, Session};
use super::{
    Call, Config, Conversation, Digest, Effort, Entry, LlmError, Request, Role, Schema, Tool, Usage,
};

/// Largest body that is sent, in bytes.
pub(super) const MAX_REQUEST: usize = 256 << 10;
/// Bytes of a token at least, on average: fewer than any text has, so that no estimate is too low.
const BYTES_OF_TOKEN: u64 = 3;

/// A request that may leave the host.
pub(super) struct Prepared {
    /// What is sent, not yet as a stream.
    pub body: CreateChatCompletionRequest,
    /// What was taken out of it.
    pub session: Session,
    /// The hash of the body.
    pub digest: Digest,
    /// The most it can take.
    pub usage: Usage,
    /// All texts in it.
    pub texts: Vec<String>,
}

/// Redacts the texts of one body and remembers them.
struct Writer {
    session: Session,
    texts: Vec<String>,
}

impl Writer {
    fn text(&mut self, text: &str) -> String {
        let redacted: Redacted = self.session.redact(text);
        self.texts.push(redacted.to_string());
        redacted.into_string()
    }

    /// Every text in a value, the names of its fields left as they are: they are the schema's.
    fn value(&mut self, value: &Value) -> Value {
        map_texts(value, &mut |text| self.text(text))
    }

    fn finish(self, config: &Config, body: CreateChatCompletionRequest) -> Result<Prepared, LlmError> {
        let Self { session, texts } = self;
        let bytes = serde_json::to_vec(&body)
            .map_err(|_| LlmError::Invalid("the request cannot be written as JSON".to_owned()))?;
        if bytes.len() > MAX_REQUEST {
            return Err(LlmError::RequestTooLarge { limit: MAX_REQUEST });
        }
        let usage = Usage { input: tokens(bytes.len()), output: config.max_output_tokens.into() };
        Ok(Prepared { body, session, digest: Digest::of(&bytes), usage, texts })
    }
}

/// The tokens of so many bytes at most.
pub(super) fn tokens(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(BYTES_OF_TOKEN)
}

/// The body of a question.
pub(super) fn question(config: &Config, redactor: &Redactor, asked: &Request) -> Result<Prepared, LlmError> {
    let mut writer = Writer { session: redactor.session(), texts: Vec::new() };
    let messages = asked.messages.iter().map(|message| match message.role {
        Role::System => system(writer.text(&message.text)),
        Role::User => user(writer.text(&message.text)),
    });
    let messages = messages.collect();
    let response_format = Some(ResponseFormat::JsonSchema { json_schema: format(&asked.schema) });
    let body = CreateChatCompletionRequest { messages, response_format, ..frame(config) };
    writer.finish(config, body)
}

/// The body of one turn of a conversation.
pub(super) fn turn(config: &Config, redactor: &Redactor, talk: &Conversation) -> Result<Prepared, LlmError> {
    let mut writer = Writer { session: redactor.session(), texts: Vec::new() };
    let messages = talk.entries.iter().map(|entry| step(&mut writer, entry)).collect();
    let tools: Vec<_> = talk.tools.iter().map(tool).collect();
    // An empty list is refused by OpenAI.
    let tools = Some(tools).filter(|tools| !tools.is_empty());
    let response_format =
        talk.answer.as_ref().map(|schema| ResponseFormat::JsonSchema { json_schema: format(schema) });
    let body = CreateChatCompletionRequest { messages, tools, response_format, ..frame(config) };
    writer.finish(config, body)
}

fn frame(config: &Config) -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        model: config.model.clone(),
        max_completion_tokens: Some(config.max_output_tokens),
        reasoning_effort: config.reasoning_effort.map(effort),
        ..CreateChatCompletionRequest::default()
    }
}

fn effort(effort: Effort) -> ReasoningEffort {
    match effort {
        Effort::None => ReasoningEffort::None,
        Effort::Minimal => ReasoningEffort::Minimal,
        Effort::Low => ReasoningEffort::Low,
        Effort::Medium => ReasoningEffort::Medium,
        Effort::High => ReasoningEffort::High,
    }
}

fn format(schema: &Schema) -> ResponseFormatJsonSchema {
    ResponseFormatJsonSchema {
        description: None,
        name: schema.name().to_owned(),
        schema: schema.value().clone(),
        strict: Some(true),
    }
}

fn tool(tool: &Tool) -> ChatCompletionTools {
    let function = FunctionObject {
        name: tool.parameters.name().to_owned(),
        description: Some(tool.description.to_owned()),
        parameters: Some(tool.parameters.value().clone()),
        strict: Some(true),
    };
    ChatCompletionTools::Function(ChatCompletionTool { function })
}

fn step(writer: &mut Writer, entry: &Entry) -> ChatCompletionRequestMessage {
    match entry {
        Entry::System(text) => system(writer.text(text)),
        Entry::User(text) => user(writer.text(text)),
        Entry::Assistant(text) => {
            ChatCompletionRequestMessage::Assistant(ChatCompletionRequestAssistantMessage {
                content: Some(writer.text(text).into()),
                ..ChatCompletionRequestAssistantMessage::default()
            })
        }
        Entry::Calls(calls) => {
            ChatCompletionRequestMessage::Assistant(ChatCompletionRequestAssistantMessage {
                tool_calls: Some(calls.iter().map(|call| called(writer, call)).collect()),
                ..ChatCompletionRequestAssistantMessage::default()
            })
        }
        Entry::Result { call, text } => {
            ChatCompletionRequestMessage::Tool(ChatCompletionRequestToolMessage {
                content: writer.text(text).into(),
                tool_call_id: call.clone(),
            })
        }
    }
}

fn called(writer: &mut Writer, call: &Call) -> ChatCompletionMessageToolCalls {
    let arguments = writer.value(&call.arguments).to_string();
    let function = FunctionCall { name: call.name.clone(), arguments };
    ChatCompletionMessageToolCalls::Function(ChatCompletionMessageToolCall { id: call.id.clone(), function })
}

fn system(text: String) -> ChatCompletionRequestMessage {
    ChatCompletionRequestMessage::System(ChatCompletionRequestSystemMessage {
        content: text.into(),
        ..ChatCompletionRequestSystemMessage::default()
    })
}

fn user(text: String) -> ChatCompletionRequestMessage {
    ChatCompletionRequestMessage::User(ChatCompletionRequestUserMessage {
        content: text.into(),
        ..ChatCompletionRequestUserMessage::default()
    })
}

/// The same value with other texts in it.
pub(super) fn map_texts(value: &Value, map: &mut impl FnMut(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(map(text)),
        Value::Array(items) => items.iter().map(|item| map_texts(item, map)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, inner)| (name.clone(), map_texts(inner, map))).collect()
        }
        other => other.clone(),
    }
}
