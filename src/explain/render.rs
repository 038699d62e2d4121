//! An explanation as text, Markdown or JSON. Text from alerts is data: control characters are dropped and
//! Markdown's own signs escaped. Pure.

use std::fmt::Write;

use super::story::{AlertStory, Explanation};
use crate::model::format_number as number;

/// How an explanation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For a chat or an issue.
    Markdown,
    /// For programs.
    Json,
}

impl Format {
    /// The media type of the result.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

impl Explanation {
    /// The explanation for people; JSON is the type's own serialisation.
    pub fn render(&self, format: Format) -> String {
        let mut page = Page { markdown: format == Format::Markdown, text: String::new() };
        page.heading(1, &self.headline);
        page.line(&format!("Read at {}.", self.at));
        if self.remediation_paused {
            page.line("Remediation is paused: nothing is done about any alert.");
        }
        for story in &self.alerts {
            page.story(story);
        }
        if self.left_out > 0 {
            page.line(&format!("{} more alerts fire and are not shown.", self.left_out));
        }
        page.text
    }
}

struct Page {
    markdown: bool,
    text: String,
}

impl Page {
    fn story(&mut self, story: &AlertStory) {
        self.text.push('\n');
        self.heading(2, &story.name);
        self.line(&format!("Firing for {}, since {}.", story.firing_for, story.since));
        self.item(&format!("labels: {}", story.labels));
        if let Some(summary) = &story.summary {
            self.item(&format!("says: {summary}"));
        }
        self.scores(story);
        self.list(
            "What was decided",
            story.decisions.iter().map(|told| format!("{}: {}", told.at, told.sentence)),
        );
        for run in &story.runs {
            let outcome = run.outcome.map_or("under way", |outcome| outcome.as_str());
            let title = format!(
                "What was done (run {}, policy {}, target {}: {outcome})",
                run.id, run.policy, run.target
            );
            self.list(&title, run.steps.iter().cloned());
        }
        self.list("Where to look", story.suggestions.iter().cloned());
    }

    fn scores(&mut self, story: &AlertStory) {
        let lines = story.scores.iter().map(|related| {
            let kinship =
                if related.shared.is_empty() { "elsewhere".to_owned() } else { related.shared.join(", ") };
            format!(
                "{} {}: score {}, value {}, expected {} ({kinship})",
                related.query,
                related.labels,
                number(related.score),
                number(related.value),
                number(related.expected)
            )
        });
        self.list("Scores beside it", lines);
    }

    fn heading(&mut self, level: usize, text: &str) {
        if self.markdown {
            self.text.push_str(&"#".repeat(level));
            self.text.push(' ');
        }
        self.line(text);
    }

    fn list(&mut self, title: &str, items: impl Iterator<Item = String>) {
        let mut items = items.peekable();
        if items.peek().is_none() {
            return;
        }
        if self.markdown {
            self.text.push('\n');
        }
        self.line(&format!("{title}:"));
        if self.markdown {
            self.text.push('\n');
        }
        items.for_each(|item| self.item(&item));
    }

    fn item(&mut self, text: &str) {
        self.text.push_str(if self.markdown { "- " } else { "  - " });
        self.line(text);
    }

    fn line(&mut self, text: &str) {
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let escaped = if self.markdown { escape_markdown(&clean) } else { clean };
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{escaped}");
    }
}

fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::{Evidence, explain};
    use super::*;

    #[test]
    fn markdown_from_an_alert_stays_text() {
        assert_eq!(escape_markdown("[x](http://evil) <b>"), "\\[x\\](http://evil) \\<b\\>");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let mut page = Page { markdown: false, text: String::new() };
        page.item("a\u{1b}[31mred\r\nb");
        assert_eq!(page.text, "  - a [31mred  b\n");
    }

    #[test]
    fn an_empty_explanation_is_two_lines() {
        let text = explain(&Evidence::default()).render(Format::Text);
        assert_eq!(text.lines().count(), 2);
    }
}
