//! Where a late answer goes: to Slack, and to nobody whom a request merely names.

use std::fmt;

use url::Url;

use super::config::SLACK_HOST;

/// An address that Slack gave for one answer. It is a secret: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseUrl(Url);

impl ResponseUrl {
    /// Takes an `https` address on one of the hosts, at the usual port and without a user. Another host than Slack's own
    /// that is this machine may be plain HTTP, and at any port.
    pub fn read(text: &str, hosts: &[String]) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let host = url.host_str()?;
        let is_local = host != SLACK_HOST && matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        let is_safe = url.scheme() == "https" && url.port().is_none();
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_known = hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
        let is_reachable = is_safe || (is_local && matches!(url.scheme(), "http" | "https"));
        (is_known && is_plain && is_reachable).then_some(Self(url))
    }

    /// The address itself, for the one place that sends there.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for ResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_to_slack_only() {
        let hosts = [SLACK_HOST.to_owned()];
        let with_test = [SLACK_HOST.to_owned(), "127.0.0.1".to_owned(), "slack.example".to_owned()];
        for (text, hosts, expected, sentence) in [
            ("https://hooks.slack.com/commands/T/1/x", &hosts[..], true, "Slack's own"),
            ("https://HOOKS.slack.com/commands/T/1/x", &hosts, true, "upper case"),
            ("http://hooks.slack.com/commands/T/1/x", &with_test, false, "plain HTTP"),
            ("https://hooks.slack.com:8443/x", &hosts, false, "another port"),
            ("https://hooks.slack.com@evil.example/x", &hosts, false, "a user that looks like the host"),
            ("https://user@hooks.slack.com/x", &hosts, false, "a user"),
            ("https://hooks.slack.com.evil.example/x", &hosts, false, "a longer name"),
            ("https://evil.example/?hooks.slack.com", &hosts, false, "another host"),
            ("http://169.254.169.254/latest/meta-data", &hosts, false, "an address within"),
            ("http://127.0.0.1:8080/x", &hosts, false, "this machine"),
            ("http://127.0.0.1:8080/x", &with_test, true, "this machine, where it is named"),
            ("http://slack.example/x", &with_test, false, "plain HTTP to a named host"),
            ("file:///etc/passwd", &with_test, false, "a file"),
            ("", &hosts, false, "nothing"),
        ] {
            let read = ResponseUrl::read(text, hosts);
            assert_eq!(read.is_some(), expected, "{sentence}");
            assert!(!format!("{read:?}").contains("slack"), "{sentence}");
        }
    }
}
