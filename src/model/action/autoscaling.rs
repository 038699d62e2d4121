//! What can be done to an Auto Scaling group.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Scaling;

/// How the desired capacity of one group changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoscalingAction {
    /// The group's name; see [`AutoscalingAction::is_group`].
    pub group: String,
    /// The change, within the group's own bounds as well.
    #[serde(flatten)]
    pub scaling: Scaling,
    /// Whether it waits until as many instances are in service and healthy.
    #[serde(default)]
    pub wait: bool,
    /// For looking at the group, changing it and waiting; looking may take half of it.
    pub timeout: Duration,
}

/// The longest name of a group, as AWS has it.
const MAX_NAME: usize = 255;

impl AutoscalingAction {
    /// Whether the whole text is a plain name of a group: letters, digits and `-_.:/@+=`.
    pub fn is_group(text: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+=".contains(c);
        (1..=MAX_NAME).contains(&text.len()) && text.chars().all(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, ScaleChange};
    use super::*;

    #[test]
    fn a_group_has_a_plain_name() {
        for (text, expected) in [
            ("web", true),
            ("web-asg_2.blue", true),
            ("eks/nodes:1", true),
            ("web*", false),
            ("web 1", false),
            ("web\n", false),
            ("wéb", false),
            ("{{ 7*7 }}", false),
            ("", false),
        ] {
            assert_eq!(AutoscalingAction::is_group(text), expected, "{text}");
        }
        assert!(!AutoscalingAction::is_group(&"a".repeat(256)));
    }

    #[test]
    fn the_journal_keeps_an_autoscaling_action_in_this_form() {
        let timeout = Duration::from_secs(30);
        for (change, at_most, wait, text) in [
            (ScaleChange::Up(1), Some(9), true, r#""up":1,"at_most":9,"wait":true"#),
            (ScaleChange::Down(2), None, false, r#""down":2,"wait":false"#),
            (ScaleChange::To(4), None, false, r#""to":4,"wait":false"#),
        ] {
            let scaling = Scaling { change, at_least: None, at_most };
            let action =
                Action::Autoscaling(AutoscalingAction { group: "web".to_owned(), scaling, wait, timeout });
            let text =
                format!(r#"{{"autoscaling":{{"group":"web",{text},"timeout":{{"secs":30,"nanos":0}}}}}}"#);
            assert_eq!(serde_json::to_string(&action).unwrap(), text);
            assert_eq!(serde_json::from_str::<Action>(&text).unwrap(), action);
            assert_eq!(action.kind(), "autoscaling");
        }
    }
}
