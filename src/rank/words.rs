//! A ranking in words, for people and for prompts: every number in them is one of the ranking's.

use super::incident::Kind;
use super::ranking::{Ranking, Suspect, Target};
use crate::model::format_number;

impl Ranking {
    /// What happened to the target, and what the suspects leave unexplained; one sentence each.
    pub fn words(&self) -> Vec<String> {
        let Some(target) = &self.target else {
            return vec![format!("The {} of the target was never worse than usual.", self.kind)];
        };
        let mut words = vec![target.change(self.kind)];
        if self.suspects.is_empty() && !target.abnormal {
            words.push(
                "That is within what its history shows, and no node that deviates accounts for most of it."
                    .to_owned(),
            );
        } else {
            let share = percent(target.unexplained);
            words.push(format!("{share} of the excess is accounted for by none of its dependencies."));
        }
        words
    }
}

impl Target {
    fn change(&self, kind: Kind) -> String {
        let Self { node, since, until, .. } = self;
        let (usual, seen) = (value(kind, self.usual), value(kind, self.seen));
        let sigma = format_number(self.significance);
        format!(
            "The {kind} of {node} was at {seen}, usually {usual}, from {since} to {until}: {sigma} deviations."
        )
    }
}

impl Suspect {
    /// What speaks for a suspect, against a target of that name and kind; one sentence each, what matters most first.
    pub fn words(&self, target: &str, kind: Kind) -> Vec<String> {
        let (usual, seen) = (value(kind, self.usual), value(kind, self.seen));
        let since = self.since.map_or_else(String::new, |since| format!(", since {since}"));
        let sigma = format_number(self.significance);
        let mut words = vec![
            format!("{}: {kind} at {seen}, usually {usual}{since} ({sigma} deviations).", self.node),
            format!("That accounts for {} of the excess of {target}.", percent(self.share)),
        ];
        let parts = self.explained_by.iter().map(|part| format!("{} for {}", part.node, percent(part.share)));
        let parts: Vec<String> = parts.collect();
        match parts.is_empty() {
            true => words.push("None of its dependencies accounts for it.".to_owned()),
            false => words.push(format!("Of its own excess, {} account.", parts.join(", "))),
        }
        words.push(match self.way.len() {
            1 => format!("No known way leads to it from {target}."),
            _ => format!("The way: {}.", self.way.join(" → ")),
        });
        words.extend(self.also.iter().map(|other| {
            let (usual, seen) = (value(other.kind, other.usual), value(other.kind, other.seen));
            format!("{}: {} at {seen}, usually {usual}.", self.node, other.kind)
        }));
        words
    }
}

fn value(kind: Kind, number: f64) -> String {
    match kind {
        Kind::Errors => percent(number),
        Kind::Latency | Kind::Requests => format_number(number),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", format_number((share * 1000.0).round() / 10.0))
}
