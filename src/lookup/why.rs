//! One score taken apart.

use super::arguments::WhyScore;
use super::{Finding, LookupError, Lookups};
use crate::model::format_number as number;
use crate::scoring::Why;

impl Lookups {
    pub(super) async fn why_score(&self, asked: &WhyScore) -> Result<Finding, LookupError> {
        let matchers = &asked.matchers.0;
        let selectors = if matchers.is_empty() { Vec::new() } else { vec![matchers.clone()] };
        Ok(found(&self.sources.inquiries.why(&asked.query, selectors).await?))
    }
}

fn found(why: &Why) -> Finding {
    let title = format!("The latest score of {}{} (model {}).", why.query, why.labels, why.model);
    let mut lines = Vec::new();
    match &why.score {
        None => lines.push("There is no score yet.".to_owned()),
        Some(score) => lines.push(format!(
            "At {} the value was {}, expected {}, band {} to {}, score {}, state {}.",
            score.at,
            number(score.value),
            number(score.expected),
            number(score.lower),
            number(score.upper),
            number(score.score),
            json_text(&score.state)
        )),
    }
    if let Some(parts) = &why.explanation {
        lines.push(format!(
            "Evidence {} against an alarm line of {}, both as -log10 of a probability; {} samples learnt, {} to go before it scores.",
            number(parts.evidence),
            number(parts.alarm_line),
            parts.samples_seen,
            parts.samples_to_warm_up
        ));
        lines.push(match &parts.gate {
            Some(gate) => {
                format!("No notification was raised: the sample did not pass the gate {}.", json_text(gate))
            }
            None => "A notification was raised with this sample.".to_owned(),
        });
    }
    let like = why.occurrences.iter().map(|one| {
        let after = one.followed_by.map(|mean| format!("; the hour after had a mean of {}", number(mean)));
        format!("It was like this from {} to {}{}.", one.from, one.to, after.unwrap_or_default())
    });
    lines.extend(like);
    lines.extend(why.note.map(|note| format!("Note: {note}.")));
    Finding::new(&title, lines)
}

/// The name by which a value without fields goes in JSON.
fn json_text(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
