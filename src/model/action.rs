//! What can be done: each action with everything it needs, filled in and checked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SecretSource;

/// What can be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Run a program.
    Command(CommandAction),
    /// Call an HTTP endpoint.
    Http(HttpAction),
    /// Act on an EC2 instance. It can be read in every build, and carried out where the feature `aws` is in.
    Ec2(Ec2Action),
}

impl Action {
    /// The kind, as used in metric labels and the configuration.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Http(_) => "http",
            Self::Ec2(_) => "ec2",
        }
    }
}

/// A program, run without a shell, with a clean environment, in its own process group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandAction {
    /// Absolute path of the program, then its arguments. Never empty.
    pub argv: Vec<String>,
    /// Then the whole process group gets TERM, and KILL five seconds later.
    pub timeout: Duration,
}

/// One HTTP request. It is sent once: whether a retry is safe is not ours to guess.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpAction {
    /// `POST`, `PUT`, `PATCH` or `GET`.
    pub method: String,
    /// `http` or `https`.
    pub url: String,
    /// Sent as `Authorization: Bearer …`; only its place is stored.
    pub bearer: Option<SecretSource>,
    /// Request headers without secrets.
    pub headers: Vec<(String, String)>,
    /// Request body, empty for none.
    pub body: String,
    /// For the whole exchange.
    pub timeout: Duration,
}

/// What is done to one EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ec2Action {
    /// What is done.
    pub operation: Ec2Operation,
    /// `i-` and 8 to 17 hexadecimal digits; see [`Ec2Action::is_instance_id`].
    pub instance_id: String,
    /// For looking at the instance and acting on it; looking may take half of it.
    pub timeout: Duration,
}

impl Ec2Action {
    /// Whether the whole text has the form of an instance's id, such as `i-0123456789abcdef0`.
    pub fn is_instance_id(text: &str) -> bool {
        text.strip_prefix("i-").is_some_and(|digits| {
            (8..=17).contains(&digits.len()) && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    }
}

/// What can be done to an EC2 instance: nothing that stops, deletes or replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ec2Operation {
    /// Reboot it; the system is shut down in order, and by force after four minutes.
    Reboot,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_id_is_a_prefix_and_8_to_17_digits() {
        for (text, expected, claim) in [
            ("i-0123456789abcdef0", true, "as EC2 gives them now"),
            ("i-1234abcd", true, "as EC2 gave them before 2016"),
            ("i-1234abc", false, "a digit too few"),
            ("i-0123456789abcdef01", false, "a digit too many"),
            ("i-0123456789ABCDEF0", false, "capitals"),
            ("i-0123456789abcdefg", false, "not a digit"),
            ("i-0123456789abcdef0\n", false, "a line break at its end"),
            (" i-0123456789abcdef0", false, "a blank at its beginning"),
            ("i-1234abcd,i-1234abce", false, "two of them"),
            ("mi-0123456789abcdef0", false, "another kind of machine"),
            ("10.0.0.1", false, "an address"),
            ("", false, "nothing"),
        ] {
            assert_eq!(Ec2Action::is_instance_id(text), expected, "{claim}");
        }
    }

    #[test]
    fn the_journal_keeps_an_ec2_action_in_this_form() {
        let action = Action::Ec2(Ec2Action {
            operation: Ec2Operation::Reboot,
            instance_id: "i-1234abcd".to_owned(),
            timeout: Duration::from_secs(30),
        });
        let text =
            r#"{"ec2":{"operation":"reboot","instance_id":"i-1234abcd","timeout":{"secs":30,"nanos":0}}}"#;
        assert_eq!(serde_json::to_string(&action).unwrap(), text);
        assert_eq!(serde_json::from_str::<Action>(text).unwrap(), action);
        assert_eq!(action.kind(), "ec2");
    }
}
