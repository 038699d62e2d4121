//! The form of a slash command.

/// Characters of a question that are read.
const MAX_QUESTION: usize = 2000;
/// Bytes of any other field.
const MAX_FIELD: usize = 2048;

/// A slash command: who asks what, and where a late answer goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// What stands behind the command.
    pub text: String,
    /// Slack's id of the workspace.
    pub team: String,
    /// Slack's id of the user.
    pub user: String,
    /// Slack's id of the channel.
    pub channel: String,
    /// Where a late answer may be sent; not checked yet.
    pub response_url: String,
}

impl Command {
    /// Reads the form. A field that is missing is empty; of one that is given twice the first counts.
    pub fn read(body: &[u8]) -> Self {
        let field = |name: &str| {
            let mut fields = url::form_urlencoded::parse(body);
            fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let id = |name: &str| Some(field(name)).filter(|value| value.len() <= MAX_FIELD).unwrap_or_default();
        Self {
            text: field("text").trim().chars().take(MAX_QUESTION).collect(),
            team: id("team_id"),
            user: id("user_id"),
            channel: id("channel_id"),
            response_url: id("response_url"),
        }
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
        let command = Command::read(form);
        assert_eq!((&*command.text, &*command.response_url), ("what is firing?", "https://a"));
        assert_eq!(command.client(), "slack:T:C:U1");
        let long = format!("text={}&user_id={}", "é".repeat(5000), "U".repeat(5000));
        let command = Command::read(long.as_bytes());
        assert_eq!((command.text.chars().count(), &*command.user), (MAX_QUESTION, ""));
        assert_eq!(Command::read(b"\xff=&&%zz"), Command::default());
    }
}
