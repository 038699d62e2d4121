//! What a language model is asked, and what it answers: plain data, without redaction on either side of the
//! client.

use std::fmt;

use serde_json::Value;

use super::Schema;
use super::limits::Usage;

/// A question whose answer is JSON of a schema.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whatever the question is about, such as a group of alerts. At most one request for it is under way;
    /// it is not sent.
    pub group: String,
    /// What is said, in this order. All of it is redacted before it leaves the host.
    pub messages: Vec<Message>,
    /// What the answer must be.
    pub schema: Schema,
}

/// One text, and who says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// The text.
    pub text: String,
}

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The program: what is to be done with what the user says.
    System,
    /// Whoever asks, and all data.
    User,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// JSON of the schema asked for, with addresses put back; nothing else in it is verified.
    pub value: Value,
    /// What it took, by the server's word, or an estimate where it says nothing.
    pub usage: Usage,
    /// The model that answered, by the server's word: one line of at most 200 characters.
    pub model: String,
    /// The hash of what was sent.
    pub sent: Digest,
    /// Whether it was given before, or to somebody else who asked the same; then nothing was sent or spent.
    pub cached: bool,
}

/// A talk in which the model may call tools.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// What was said so far. All of it is redacted before it leaves the host.
    pub entries: Vec<Entry>,
    /// What may be called.
    pub tools: Vec<Tool>,
    /// What the model's last word must be; `None`: any text.
    pub answer: Option<Schema>,
}

/// One step of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// The program says what is to be done.
    System(String),
    /// The user says something.
    User(String),
    /// The model said something.
    Assistant(String),
    /// The model called tools; a result for each comes next.
    Calls(Vec<Call>),
    /// What a tool returned.
    Result {
        /// The id of the call.
        call: String,
        /// What came back.
        text: String,
    },
}

/// Something a model can ask for. It is the program's own text, so it is not redacted.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// What it does, for the model.
    pub description: &'static str,
    /// Its name and its arguments.
    pub parameters: Schema,
}

/// A model asks for a tool. Nothing of it is verified but that there is such a tool and that the arguments
/// are a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The server's name for this call, to be given back with its result.
    pub id: String,
    /// The name of one of the tools.
    pub name: String,
    /// An object; addresses are put back in it.
    pub arguments: Value,
}

/// What the model does next in a [`Conversation`].
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// What it does.
    pub reply: Reply,
    /// What it took, by the server's word, or an estimate where it says nothing.
    pub usage: Usage,
    /// The model that answered, by the server's word: one line of at most 200 characters.
    pub model: String,
    /// The hash of what was sent.
    pub sent: Digest,
}

/// A model's part in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// It calls tools: at least one, at most [`super::MAX_CALLS`].
    Calls(Vec<Call>),
    /// It says something, with addresses put back; not empty.
    Text(String),
    /// It answers as asked: JSON of [`Conversation::answer`], with addresses put back; nothing else in it is verified.
    Answer(Value),
}

/// The SHA-256 of what was sent, as it was sent. Printed in hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut digest = [0; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        Self(digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Request {
    /// A question with an instruction and the data it is about.
    pub fn new(group: &str, instruction: &str, data: &str, schema: Schema) -> Self {
        let message = |role, text: &str| Message { role, text: text.to_owned() };
        let messages = vec![message(Role::System, instruction), message(Role::User, data)];
        Self { group: group.to_owned(), messages, schema }
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn a_digest_is_sha_256_in_hexadecimal_digits() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), expected);
        assert_eq!(format!("{:?}", Digest::of(b"abc")), expected);
    }
}
