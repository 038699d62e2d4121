//! What can be done to an EC2 instance, and how the instance is found.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is done to one EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ec2Action {
    /// What is done.
    pub operation: Ec2Operation,
    /// To which one.
    #[serde(flatten)]
    pub instance: InstanceLookup,
    /// The id to which anything but an id led when it was decided on; `None`: nobody has looked, or it is an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What is waited for once it is done; `None`: nothing, but that a restart always ends with running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Ec2Wait>,
    /// For looking at the instance, acting on it and waiting; looking may take half of it.
    pub timeout: Duration,
}

/// Which instance is meant. Whatever it says must be true of exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceLookup {
    /// `i-` and 8 to 17 hexadecimal digits; see [`InstanceLookup::is_instance_id`].
    InstanceId(String),
    /// It carries this tag.
    Tag {
        /// The tag's name.
        key: String,
        /// The tag's whole value; see [`InstanceLookup::is_tag_value`].
        value: String,
    },
    /// It has this private IPv4 address; see [`InstanceLookup::is_address`].
    PrivateIp(String),
}

impl Ec2Action {
    /// What it was decided on for, by its id where that is known.
    pub fn decided_on(&self) -> InstanceLookup {
        self.found.clone().map_or_else(|| self.instance.clone(), InstanceLookup::InstanceId)
    }
}

impl InstanceLookup {
    /// Whether the whole text has the form of an instance's id, such as `i-0123456789abcdef0`.
    pub fn is_instance_id(text: &str) -> bool {
        text.strip_prefix("i-").is_some_and(|digits| {
            (8..=17).contains(&digits.len()) && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    }

    /// Whether the text means itself alone: EC2 takes `*`, `?` and `\` in a filter for patterns.
    pub fn is_tag_value(text: &str) -> bool {
        (1..=256).contains(&text.chars().count()) && !text.contains(['*', '?', '\\'])
    }

    /// Whether the whole text is an IPv4 address in its usual form.
    pub fn is_address(text: &str) -> bool {
        let is_part = |part: &str| {
            part.bytes().all(|b| b.is_ascii_digit())
                && part.parse::<u8>().is_ok_and(|value| value.to_string() == part)
        };
        text.split('.').count() == 4 && text.split('.').all(is_part)
    }
}

impl fmt::Display for InstanceLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InstanceId(id) => f.write_str(id),
            Self::Tag { key, value } => write!(f, "the instance with the tag {key}={value}"),
            Self::PrivateIp(address) => write!(f, "the instance with the private address {address}"),
        }
    }
}

/// What can be done to an EC2 instance: nothing that deletes or replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ec2Operation {
    /// Reboot it; the system is shut down in order, and by force after four minutes.
    Reboot,
    /// Start it.
    Start,
    /// Stop it; what its instance store holds is lost, as AWS says. Not a member of an Auto Scaling group, which
    /// would terminate it.
    Stop,
    /// Stop it, and start it once it has stopped: it may come up on other hardware. Not a member of an Auto
    /// Scaling group, nor an instance with an instance store.
    Restart,
}

/// What EC2 itself says of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ec2Wait {
    /// It runs.
    Running,
    /// It runs, and the checks of the instance and of its system pass.
    StatusOk,
    /// It has stopped.
    Stopped,
}

#[cfg(test)]
mod tests {
    use super::super::Action;
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
            assert_eq!(InstanceLookup::is_instance_id(text), expected, "{claim}");
        }
    }

    #[test]
    fn an_address_has_four_numbers_and_nothing_else() {
        for (text, expected) in [
            ("10.0.0.1", true),
            ("255.255.255.255", true),
            ("10.0.0.256", false),
            ("10.0.0", false),
            ("10.0.0.1.2", false),
            ("10.0.0.+1", false),
            ("10.0.0.01", false),
            ("10.0.0.*", false),
            ("10.0.0.1 ", false),
            ("::1", false),
            ("", false),
        ] {
            assert_eq!(InstanceLookup::is_address(text), expected, "{text}");
        }
    }

    #[test]
    fn a_tag_s_value_is_no_pattern() {
        for (text, expected) in
            [("web 1", true), ("web*", false), ("web?", false), ("a\\b", false), ("", false)]
        {
            assert_eq!(InstanceLookup::is_tag_value(text), expected, "{text}");
        }
        assert!(!InstanceLookup::is_tag_value(&"x".repeat(257)));
    }

    #[test]
    fn the_journal_keeps_an_ec2_action_in_this_form() {
        let timeout = Duration::from_secs(30);
        let id = InstanceLookup::InstanceId("i-1234abcd".to_owned());
        let tag = InstanceLookup::Tag { key: "Name".to_owned(), value: "web".to_owned() };
        let address = InstanceLookup::PrivateIp("10.0.0.1".to_owned());
        for (operation, instance, wait, text) in [
            (Ec2Operation::Reboot, id, None, r#""operation":"reboot","instance_id":"i-1234abcd""#),
            (
                Ec2Operation::Restart,
                tag,
                Some(Ec2Wait::StatusOk),
                r#""operation":"restart","tag":{"key":"Name","value":"web"},"wait":"status_ok""#,
            ),
            (Ec2Operation::Stop, address, None, r#""operation":"stop","private_ip":"10.0.0.1""#),
        ] {
            let action = Action::Ec2(Ec2Action { operation, instance, found: None, wait, timeout });
            let text = format!(r#"{{"ec2":{{{text},"timeout":{{"secs":30,"nanos":0}}}}}}"#);
            assert_eq!(serde_json::to_string(&action).unwrap(), text);
            assert_eq!(serde_json::from_str::<Action>(&text).unwrap(), action);
            assert_eq!(action.kind(), "ec2");
        }
    }
}
