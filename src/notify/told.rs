//! What one message tells, read and explained, before it has a form.

use std::time::Duration;

use serde::Serialize;

use crate::explain::{Explanation, Format, Summary};
use crate::model::{Approval, Episode, Run, Timestamp};

/// Alerts that are listed one by one; the rest is counted.
pub(super) const MAX_LISTED: usize = 100;
/// Bytes of a list of alerts after which no further one is listed; the rest is counted.
pub(super) const MAX_LISTED_BYTES: usize = 64 << 10;
/// Characters of the value of a label or an annotation, and of what an action said.
pub(super) const MAX_VALUE: usize = 2000;
/// Characters of the explanation.
pub(super) const MAX_TEXT: usize = 32_000;

/// All that one message tells.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// When it was put together.
    pub at: Timestamp,
    /// Alerts that began.
    pub firing: Vec<Episode>,
    /// What is known about those that still fire; `None`: none does, or the journal cannot be read.
    pub explained: Option<Explained>,
    /// Alerts that ended.
    pub resolved: Vec<Episode>,
    /// Requests that can be answered.
    pub approvals: Vec<Approval>,
    /// Runs that have ended.
    pub runs: Vec<Run>,
}

/// An explanation in words.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    /// One sentence over all.
    pub headline: String,
    /// All of it, cut to a bound.
    pub text: String,
    /// A language model's words, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
}

impl Explained {
    /// The explanation as text, with the summary if there is one.
    pub fn of(explanation: &Explanation, summary: Option<Summary>) -> Self {
        let told = summary.clone().map(Ok);
        let text = explanation.render(Format::Text, told.as_ref());
        Self { headline: explanation.headline.clone(), text: shortened(&text), summary }
    }
}

/// Whole lines, as many as fit.
fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(MAX_TEXT) else {
        return text.to_owned();
    };
    let end = text[..end].rfind('\n').unwrap_or(end);
    format!("{}\n… the rest is left out; see /explain\n", &text[..end])
}

impl Told {
    /// Whether there is nothing to tell any more.
    pub fn is_empty(&self) -> bool {
        let alerts = self.firing.len() + self.resolved.len();
        alerts + self.approvals.len() + self.runs.len() == 0
    }

    /// How long what it asks can be answered; `None`: it asks nothing.
    pub fn answerable_for(&self) -> Option<Duration> {
        let last = self.approvals.iter().map(|approval| approval.request.expires_at()).max()?;
        Some(last.since(self.at))
    }

    /// One sentence over all of it.
    pub fn headline(&self) -> String {
        let counted = [
            (self.firing.len(), "alert fires", "alerts fire"),
            (self.resolved.len(), "alert is over", "alerts are over"),
            (self.approvals.len(), "approval is asked for", "approvals are asked for"),
            (self.runs.len(), "remediation has ended", "remediations have ended"),
        ];
        let words = counted
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }));
        words.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_line_and_says_so() {
        assert_eq!(shortened("a\nb\n"), "a\nb\n");
        let cut = shortened(&"zeile ä\n".repeat(10_000));
        assert!(
            cut.chars().count() < MAX_TEXT + 50 && cut.ends_with("ä\n… the rest is left out; see /explain\n")
        );
    }
}
