//! What a ranking of services says, in words: every number in them is one of the ranking's, to three digits.

use crate::model::format_number;
use crate::rank::{Kind, Ranking, Suspect, Target};

/// How the service that alerts name did, and what its dependencies leave of it; one sentence without its end.
pub fn of_target(target: &Target, kind: Kind) -> String {
    let change = change(&target.node, kind, target.usual, target.seen);
    let (since, until) = (target.since, target.until);
    let left = percent(target.unexplained);
    let others = if kind == Kind::Requests { "what calls it" } else { "what it calls" };
    format!("{change} between {since} and {until}; {others} leaves {left} of that unexplained")
}

/// Along which calls a suspect reaches the target, and how it did; one sentence without its end.
pub fn of_suspect(suspect: &Suspect, target: &str, kind: Kind) -> String {
    let change = change(&suspect.node, kind, suspect.usual, suspect.seen);
    let since = suspect.since.map_or_else(String::new, |since| format!(" since {since}"));
    let share = percent(suspect.share);
    format!(
        "{}; {change}{since}, which accounts for {share} of the excess of {target}",
        way(suspect, target, kind)
    )
}

fn way(suspect: &Suspect, target: &str, kind: Kind) -> String {
    let mut names: Vec<&str> = suspect.way.iter().map(String::as_str).collect();
    if kind == Kind::Requests {
        names.reverse();
    }
    match names.len() {
        0 | 1 => format!("between {target} and {} not all that is known deviates", suspect.node),
        _ => names.join(" calls "),
    }
}

fn change(node: &str, kind: Kind, usual: f64, seen: f64) -> String {
    let verb = if seen < usual { "fell" } else { "rose" };
    let (what, unit) = match kind {
        Kind::Latency => ("latency", " seconds"),
        Kind::Errors => ("share of failed requests", ""),
        Kind::Requests => ("requests", " in two minutes"),
    };
    let value = |number: f64| match kind {
        Kind::Errors => percent(number),
        Kind::Latency | Kind::Requests => brief(number),
    };
    format!("{node}'s {what} {verb} from {} to {}{unit}", value(usual), value(seen))
}

fn percent(share: f64) -> String {
    format!("{}%", brief(share * 100.0))
}

/// Three digits: more would pretend to know.
fn brief(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return format_number(number);
    }
    let digits = 2 - number.abs().log10().floor() as i32;
    if digits <= 0 {
        return format_number(number.round());
    }
    let scale = 10f64.powi(digits.min(12));
    format_number((number * scale).round() / scale)
}

impl super::Dependencies {
    /// All of it for people: each service that alerts name, then what it most likely comes from.
    pub fn words(&self) -> Vec<String> {
        self.rankings.iter().flat_map(sentences).collect()
    }
}

/// Suspects told of one ranking.
const MAX_SUSPECTS: usize = 3;

fn sentences(ranking: &Ranking) -> Vec<String> {
    let Some(target) = &ranking.target else { return Vec::new() };
    let suspects = ranking.suspects.iter().take(MAX_SUSPECTS);
    let told = suspects.map(|suspect| of_suspect(suspect, &target.node, ranking.kind));
    [of_target(target, ranking.kind)].into_iter().chain(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_told() {
        for (number, expected) in [
            (0.0, "0"),
            (0.104_49, "0.104"),
            (2.345_6, "2.35"),
            (41_234.5, "41235"),
            (99.96, "100"),
            (0.000_012_345, "1.230e-5"),
            (-4.567_8, "-4.57"),
        ] {
            assert_eq!(brief(number), expected);
        }
    }
}
