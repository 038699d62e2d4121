//! An explanation as text, Markdown or JSON. Text from alerts is data: control characters are dropped and
//! Markdown's own signs escaped. Pure.

use std::fmt::Write;

use super::causes::{Cause, UNEXPLAINED};
use super::changes::Change;
use super::measured::Measured;
use super::relate::RelatedScore;
use super::story::{AlertStory, Explanation};
use super::summary::{NoSummary, Statement, Summary};
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
    /// The explanation for people, with a model's summary above it or why there is none; JSON is the type's own
    /// serialisation.
    pub fn render(&self, format: Format, summary: Option<&Result<Summary, NoSummary>>) -> String {
        let mut page = Page { markdown: format == Format::Markdown, text: String::new() };
        page.heading(1, &self.headline);
        page.line(&format!("Read at {}.", self.at));
        match summary {
            Some(Ok(summary)) => page.summary(summary),
            Some(Err(NoSummary { why, .. })) => page.line(&format!("Without a summary: {why}.")),
            None => {}
        }
        if self.remediation_paused {
            page.line("Remediation is paused: nothing is done about any alert.");
        }
        page.list("Likely causes", self.causes.iter().map(cause));
        page.list("Along the calls", self.dependencies.iter().cloned());
        if self.is_unexplained() {
            page.line(UNEXPLAINED);
        }
        page.list(
            "What happened when",
            self.timeline.iter().map(|event| format!("{}: {}", event.at, event.what)),
        );
        let undated = self.changes.iter().filter(|change| change.at.is_none());
        page.list("What changed besides", undated.map(Change::words));
        page.list("What could not be read or shown", self.troubles.iter().cloned());
        for story in &self.alerts {
            page.story(story);
        }
        if self.left_out > 0 {
            page.line(&format!("{} more alerts fire and are not shown.", self.left_out));
        }
        page.text
    }
}

fn cause(Cause { place, score, alerts, reasons }: &Cause) -> String {
    let alerts = if *alerts == 1 { "1 alert".to_owned() } else { format!("{alerts} alerts") };
    format!("{place} (weight {}, near {alerts}): {}", number(*score), reasons.join("; "))
}

struct Page {
    markdown: bool,
    text: String,
}

impl Page {
    fn summary(&mut self, summary: &Summary) {
        let statements =
            [("Impact", &summary.impact), ("Likely cause", &summary.likely_cause), ("Done", &summary.done)];
        let cited = |one: &Statement| match one.evidence.is_empty() {
            true => String::new(),
            false => format!(" ({})", one.evidence.join(", ")),
        };
        let lines = statements
            .into_iter()
            .filter(|(_, one)| !one.text.is_empty())
            .map(|(title, one)| format!("{title}: {}{}", one.text, cited(one)));
        let lines = [summary.headline.clone()].into_iter().filter(|text| !text.is_empty()).chain(lines);
        let lines = lines.chain(summary.next_steps.iter().map(|step| format!("Next: {step}")));
        let struck: usize = summary.struck.iter().map(|one| one.sentences).sum();
        let title = format!(
            "Summary by {} (confidence {}; sentences struck that the evidence does not say: {struck})",
            summary.model, summary.confidence
        );
        self.list(&title, lines);
    }

    fn story(&mut self, story: &AlertStory) {
        self.text.push('\n');
        self.heading(2, &story.name);
        self.line(&format!("Firing for {}, since {}.", story.firing_for, story.since));
        self.item(&format!("labels: {}", story.labels));
        if let Some(summary) = &story.summary {
            self.item(&format!("says: {summary}"));
        }
        if let Some(words) = story.measured.as_ref().and_then(Measured::words) {
            self.item(&format!("measured: {words}"));
        }
        if let Some(past) = &story.past {
            self.item(&format!("before: {}", past.words()));
        }
        self.list("Scores beside it", story.scores.iter().map(RelatedScore::words));
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
        let text = explain(&Evidence::default()).render(Format::Text, None);
        assert_eq!(text.lines().count(), 2);
    }
}
