//! What can be done to a unit of systemd.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is done to one unit of this host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemdAction {
    /// What is done.
    pub operation: SystemdOperation,
    /// The unit's full name; see [`SystemdAction::is_unit`].
    pub unit: String,
    /// From connecting to the bus to the end of the job.
    pub timeout: Duration,
}

/// The longest name of a unit, as systemd has it, in bytes.
const MAX_NAME: usize = 255;
/// Kinds of units. A target is none of them: to start one can end the machine.
const SUFFIXES: [&str; 7] = ["service", "socket", "timer", "path", "mount", "automount", "swap"];

impl SystemdAction {
    /// Whether the whole text is the name of one unit, such as `app.service` or `app@a.service`: no pattern,
    /// no path, no option, no template without its instance, and of a kind that can be restarted.
    pub fn is_unit(text: &str) -> bool {
        let Some((name, suffix)) = text.rsplit_once('.') else { return false };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.' | '\\');
        let (prefix, instance) = name.split_once('@').unwrap_or((name, "-"));
        let parts = [prefix, instance];
        text.len() <= MAX_NAME
            && SUFFIXES.contains(&suffix)
            && parts.iter().all(|part| !part.is_empty() && part.chars().all(plain))
            && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
    }
}

/// What can be done to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemdOperation {
    /// Stop it, where it runs, and start it.
    Restart,
    /// Start it.
    Start,
    /// Stop it.
    Stop,
    /// Have it read its configuration again.
    Reload,
}

impl SystemdOperation {
    /// The word for it, as in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Reload => "reload",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_one_plain_name_and_a_known_suffix() {
        for (text, expected, claim) in [
            ("app.service", true, "a service"),
            ("app@web-1.service", true, "an instance"),
            ("dev-disk\\x2d1.swap", true, "an escaped name"),
            ("a.b.socket", true, "a dot within"),
            ("app", false, "no suffix"),
            ("app.conf", false, "another suffix"),
            ("reboot.target", false, "a target"),
            ("app@.service", false, "a template without its instance"),
            ("@a.service", false, "an instance of nothing"),
            ("a@b@c.service", false, "two instances"),
            (".service", false, "no name"),
            ("app*.service", false, "a pattern"),
            ("app?.service", false, "a pattern of one character"),
            ("app[12].service", false, "a pattern of a set"),
            ("/etc/systemd/system/app.service", false, "a path"),
            ("../app.service", false, "a way up"),
            ("-H.service", false, "an option"),
            ("a.service b.service", false, "two units"),
            ("app.service\n", false, "a line break"),
            ("äpp.service", false, "not ASCII"),
            ("", false, "nothing"),
        ] {
            assert_eq!(SystemdAction::is_unit(text), expected, "{claim}");
        }
        assert!(!SystemdAction::is_unit(&format!("{}.service", "a".repeat(248))));
    }
}
