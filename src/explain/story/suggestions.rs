//! Where to look next, and what would have to change for something to be done. Pure.

use url::{ParseError, Url};

use super::super::relate::RelatedScore;
use super::super::remedy::remedy;
use crate::model::{Decision, Episode, Run, RunOutcome, format_number as number};

pub(super) fn suggestions(
    episode: &Episode,
    scores: &[RelatedScore],
    decisions: &[&Decision],
    runs: &[&Run],
) -> Vec<String> {
    let mut suggestions = Vec::new();
    let top = scores.iter().find(|related| related.score >= 1.0 && !related.shared.is_empty());
    if let Some(related) = top {
        let side = if related.value >= related.expected { "above" } else { "below" };
        suggestions.push(format!(
            "Look at {} of {}: {} is {side} the expected {}.",
            related.query,
            related.labels,
            number(related.value),
            number(related.expected)
        ));
    }
    if let Some(link) = episode.alert.annotations.get("runbook_url").filter(|link| !link.is_empty()) {
        suggestions.push(followed(link));
    }
    let helped = runs.iter().any(|run| run.outcome() == Some(RunOutcome::Helped));
    let ended = runs.iter().any(|run| run.ended.is_some());
    if helped {
        suggestions.push("The action's proof holds; the alert should resolve by itself.".to_owned());
    } else if ended {
        suggestions.push("The action did not prove an effect; a person should take over.".to_owned());
    }
    suggestions.extend(decisions.iter().filter_map(|decision| remedy(decision)));
    suggestions
}

/// Where runbooks are kept, only Alertmanager's templates know: an alert may have a path alone.
fn followed(runbook: &str) -> String {
    match Url::parse(runbook) {
        Err(ParseError::RelativeUrlWithoutBase) => {
            format!("Follow the runbook: {runbook}, a path below where you keep runbooks")
        }
        _ => format!("Follow the runbook: {runbook}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_not_told_as_if_it_led_anywhere_by_itself() {
        for (runbook, expected, sentence) in [
            (
                "https://runbooks.example.org/shop#down",
                "Follow the runbook: https://runbooks.example.org/shop#down",
                "a whole address",
            ),
            (
                "/docs/runbooks/ServiceDown.md",
                "Follow the runbook: /docs/runbooks/ServiceDown.md, a path below where you keep runbooks",
                "a path, as rules/ has them",
            ),
            (
                "runbooks/shop.md",
                "Follow the runbook: runbooks/shop.md, a path below where you keep runbooks",
                "a path from nowhere",
            ),
            ("https://", "Follow the runbook: https://", "no address at all is left as it is"),
        ] {
            assert_eq!(followed(runbook), expected, "{sentence}");
        }
    }
}
