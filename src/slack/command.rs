//! The form of a slash command.

use super::id::is_id;

/// Characters of a question that are read.
const MAX_QUESTION: usize = 2000;
/// Bytes of an address.
const MAX_URL: usize = 2048;

/// A slash command: who asks what, and where a late answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What stands behind the command.
    pub text: String,
    /// Slack's id of the workspace; empty: it is not named.
    pub team: String,
    /// Slack's id of the user.
    pub user: String,
    /// Slack's id of the channel; empty: it is not named.
    pub channel: String,
    /// Where a late answer may be sent; not checked yet.
    pub response_url: String,
}

impl Command {
    /// Reads the form. A field that is missing is empty, as is an id that is none; of a field that is given twice the
    /// first counts. `None`: nobody asks, and a conversation with nobody would be everybody's.
    pub fn read(body: &[u8]) -> Option<Self> {
        let field = |name: &str| {
            let mut fields = url::form_urlencoded::parse(body);
            fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let id = |name: &str| Some(field(name)).filter(|id| is_id(id));
        Some(Self {
            text: field("text").trim().chars().take(MAX_QUESTION).collect(),
            team: id("team_id").unwrap_or_default(),
            user: id("user_id")?,
            channel: id("channel_id").unwrap_or_default(),
            response_url: Some(field("response_url")).filter(|url| url.len() <= MAX_URL).unwrap_or_default(),
        })
    }

    /// The workspaces it comes from.
    pub fn teams(&self) -> impl Iterator<Item = &str> {
        Some(self.team.as_str()).into_iter().filter(|team| !team.is_empty())
    }

    /// By which the conversation of this user in this channel is known.
    pub fn client(&self) -> String {
        format!("slack:{}:{}:{}", self.team, self.channel, self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_and_bounded() {
        let form = b"text=+what+is+firing%3F+&user_id=U1&user_id=U2&team_id=T&channel_id=C&response_url=https%3A%2F%2Fa";
        let command = Command::read(form).unwrap();
        assert_eq!((&*command.text, &*command.response_url), ("what is firing?", "https://a"));
        assert_eq!(command.client(), "slack:T:C:U1");
        let long = format!("text={}&user_id=U1&channel_id={}", "é".repeat(5000), "C".repeat(65));
        let command = Command::read(long.as_bytes()).unwrap();
        assert_eq!((command.text.chars().count(), &*command.channel), (MAX_QUESTION, ""));
        assert_eq!(command.teams().count(), 0);
    }

    #[test]
    fn nobody_asks_nothing() {
        for (form, sentence) in [
            (&b"text=what+is+firing&team_id=T1"[..], "no user"),
            (b"text=x&user_id=", "an empty one"),
            (b"text=x&user_id=alice", "a name"),
            (b"text=x&user_id=U1%3AC1", "what would be read as two ids"),
            (b"\xff=&&%zz", "no form"),
        ] {
            assert_eq!(Command::read(form), None, "{sentence}");
        }
    }
}
