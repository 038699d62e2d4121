//! What can be run on an instance through Systems Manager.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::InstanceLookup;

/// A document of kind Command, run on one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsmAction {
    /// The document's name; see [`SsmAction::is_document`].
    pub document: String,
    /// Its parameters, each with its values.
    pub parameters: Vec<(String, Vec<String>)>,
    /// On which instance.
    #[serde(flatten)]
    pub instance: InstanceLookup,
    /// The id to which anything but an id led when it was decided on; `None`: nobody has looked, or it is an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// From looking at the instance to the end of the command; looking may take half of it.
    pub timeout: Duration,
}

/// AWS's document that runs commands in a shell.
pub const SHELL_SCRIPT: &str = "AWS-RunShellScript";
/// Names of parameters at most, and values of one.
const MAX_NAME: usize = 64;
/// The longest value that comes of an alert, in bytes.
const MAX_VALUE: usize = 256;

impl SsmAction {
    /// Whether the whole text is the name of a document, or the ARN of one that somebody shares.
    pub fn is_document(text: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
        (3..=128).contains(&text.len()) && text.chars().all(plain)
    }

    /// Whether the whole text is the name of a parameter.
    pub fn is_parameter(text: &str) -> bool {
        (1..=MAX_NAME).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    }

    /// Whether the whole text may become a parameter though it comes of an alert: letters, digits and
    /// `-_.:@`, a letter or digit first. Whatever a document makes of it, even a shell, takes it for one word;
    /// it is no option, no path, and no reference that Systems Manager would resolve.
    pub fn is_value(text: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:@".contains(c);
        text.len() <= MAX_VALUE
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(plain)
    }

    /// Whether a document is one of AWS's that run what their parameters say.
    pub fn runs_its_parameters(document: &str) -> bool {
        let name = document.rsplit('/').next().unwrap_or(document);
        let begins =
            |prefix: &str| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        begins("AWS-Run") || begins("AWS-Apply")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Action;
    use super::*;

    #[test]
    fn a_value_from_an_alert_is_one_plain_word() {
        for (text, expected) in [
            ("app", true),
            ("app@web-1.service", true),
            ("10.0.0.1:9100", true),
            ("", false),
            ("; rm -rf /", false),
            ("$(reboot)", false),
            ("`id`", false),
            ("a b", false),
            ("a\nb", false),
            ("a|b", false),
            ("--force", false),
            ("-x", false),
            ("../etc", false),
            ("a/b", false),
            ("{{ssm:password}}", false),
            ("{{ 7*7 }}", false),
            ("a'b", false),
            ("a\"b", false),
            ("a\\b", false),
            ("é", false),
            ("a*", false),
            ("~root", false),
        ] {
            assert_eq!(SsmAction::is_value(text), expected, "{text}");
        }
        assert!(!SsmAction::is_value(&"a".repeat(257)));
    }

    #[test]
    fn documents_that_run_their_parameters_are_known_by_name_and_arn() {
        for (document, expected) in [
            (SHELL_SCRIPT, true),
            ("AWS-RunPowerShellScript", true),
            ("aws-runremotescript", true),
            ("AWS-ApplyAnsiblePlaybooks", true),
            ("arn:aws:ssm:us-east-1::document/AWS-RunShellScript", true),
            ("AWS-ConfigureAWSPackage", false),
            ("My-RunShellScript", false),
            ("AWS", false),
        ] {
            assert_eq!(SsmAction::runs_its_parameters(document), expected, "{document}");
            assert!(SsmAction::is_document(document), "{document}");
        }
        for text in ["", "ab", "My Document", "My-Document\n", "{{ labels.a }}"] {
            assert!(!SsmAction::is_document(text), "{text}");
        }
        assert!(SsmAction::is_parameter("Service_1") && !SsmAction::is_parameter("a-b"));
    }

    #[test]
    fn the_journal_keeps_an_ssm_action_in_this_form() {
        let action = Action::Ssm(SsmAction {
            document: SHELL_SCRIPT.to_owned(),
            parameters: vec![("commands".to_owned(), vec!["systemctl restart app".to_owned()])],
            instance: InstanceLookup::InstanceId("i-1234abcd".to_owned()),
            found: None,
            timeout: Duration::from_secs(60),
        });
        let text = r#"{"ssm":{"document":"AWS-RunShellScript","parameters":[["commands",["systemctl restart app"]]],"instance_id":"i-1234abcd","timeout":{"secs":60,"nanos":0}}}"#;
        assert_eq!(serde_json::to_string(&action).unwrap(), text);
        assert_eq!(serde_json::from_str::<Action>(text).unwrap(), action);
        assert_eq!((action.kind(), action.class()), ("ssm", None));
    }
}
