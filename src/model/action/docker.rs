//! What can be done to a container.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is done to one container of this host's engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DockerAction {
    /// What is done.
    pub operation: DockerOperation,
    /// Which container is meant.
    pub container: ContainerLookup,
    /// The name of the container to which a label led when it was decided on; `None`: nobody has looked, or it is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// From TERM to KILL, in whole seconds; `None`: as the container itself says, else ten seconds.
    pub kill_after: Option<Duration>,
    /// From connecting to the engine to having seen the container's new state.
    pub timeout: Duration,
}

/// Which container is meant; it must be the only one, those that do not run included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContainerLookup {
    /// By its whole name; see [`ContainerLookup::is_name`].
    Name(String),
    /// By a label with its whole value; see [`ContainerLookup::is_value`].
    Label {
        /// The label's name.
        key: String,
        /// The label's value.
        value: String,
    },
}

/// The longest name or value, in bytes.
const MAX_LENGTH: usize = 256;

impl ContainerLookup {
    /// Whether the whole text is the name of a container, as engines allow them: no path, no option, no pattern
    /// but for the dot, which is compared and not matched.
    pub fn is_name(text: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        (2..=MAX_LENGTH).contains(&text.len())
            && text.chars().all(plain)
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
    }

    /// Whether the text can be the value of a label that tells containers apart.
    pub fn is_value(text: &str) -> bool {
        (1..=MAX_LENGTH).contains(&text.len()) && !text.chars().any(char::is_control)
    }
}

impl std::fmt::Display for ContainerLookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "the name {name}"),
            Self::Label { key, value } => write!(f, "the label {key}={value}"),
        }
    }
}

/// What can be done to a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DockerOperation {
    /// Stop it, where it runs, and start it.
    Restart,
    /// Start one that does not run.
    Start,
    /// Stop one that runs.
    Stop,
}

impl DockerOperation {
    /// The word for it, as in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Start => "start",
            Self::Stop => "stop",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_word() {
        for (text, expected) in [
            ("app", true),
            ("app-1.web_2", true),
            ("1a", true),
            ("a", false),
            ("", false),
            ("/app", false),
            ("-app", false),
            (".app", false),
            ("app*", false),
            ("app web", false),
            ("app/../../x", false),
            ("app?all=1", false),
            ("app\n", false),
            ("äpp", false),
        ] {
            assert_eq!(ContainerLookup::is_name(text), expected, "{text:?}");
        }
        assert!(!ContainerLookup::is_name(&"a".repeat(MAX_LENGTH + 1)));
    }

    #[test]
    fn a_value_is_there_and_printable() {
        for (text, expected) in [("web", true), ("web app=1", true), ("", false), ("a\nb", false)] {
            assert_eq!(ContainerLookup::is_value(text), expected, "{text:?}");
        }
        assert!(!ContainerLookup::is_value(&"a".repeat(MAX_LENGTH + 1)));
    }
}
