//! How often, and how many at once: the limits of policies and of the fleet.

use std::time::Duration;

use crate::decide::template::{Escape, Template};
use crate::decide::{AtMost, Share, ShareError};
use crate::model::{Budget, Rate, Scope, format_duration};

use super::document::{Node, Value};
use super::item::{Item, Parsed};
use super::section::Section;
use super::values::{rate, text};

/// Budgets of a scope at most.
const MOST_BUDGETS: usize = 5;

/// For defaults only.
pub(super) fn per_seconds(count: u32, seconds: u64) -> Rate {
    Rate::new(count, Duration::from_secs(seconds)).expect("a default has neither a zero count nor window")
}

/// Attempts are remembered for a month: a longer window would be a shorter one unsaid.
pub(super) fn bounded_rate(node: &Node) -> Parsed<Rate> {
    let limit = rate(node)?;
    match limit.per() <= Duration::from_secs(30 * 86_400) {
        true => Ok(limit),
        false => Err(format!("must have a window of at most 30d, not {}", format_duration(limit.per()))),
    }
}

/// One rate or several, all of which hold.
pub(super) fn budgets(
    section: &mut Section,
    key: &'static str,
    scope: Scope,
    default: &[Rate],
) -> Vec<Budget> {
    let rates = match section.is_list(key) {
        true => section.list(key, |item: &Item<'_>| item.value(bounded_rate)),
        false => section.value(key, bounded_rate).map(|rate| vec![rate]),
    };
    let rates = rates.unwrap_or_else(|| default.to_vec());
    if rates.len() > MOST_BUDGETS {
        section.fault(key, &format!("has more than {MOST_BUDGETS} rates; keep the strictest"));
    }
    rates.into_iter().map(|rate| Budget { scope, rate }).collect()
}

/// A count, or a share of what an expression yields: `2`, `20% of count(up{job="app"})`.
pub(super) fn at_most(node: &Node) -> Parsed<AtMost> {
    let text = node_text(node)?;
    let (share, expr) = match text.split_once(" of ") {
        Some((share, expr)) => (share, Some(expr.trim())),
        None => (text.as_str(), None),
    };
    let share = share.parse().map_err(|error: ShareError| error.to_string())?;
    match (share, expr) {
        (Share::Count(_), None) => Ok(AtMost { share, of: None }),
        (Share::Percent(_), Some(expr)) => {
            let of = Template::compile(expr, Escape::PromQl).map_err(|error| error.to_string())?;
            Ok(AtMost { share, of: Some(of) })
        }
        (Share::Percent(_), None) => Err(format!("must say of what, for example {share} of count(up)")),
        (Share::Count(count), Some(_)) => Err(format!("must be {count} alone, or a share such as {count}%")),
    }
}

/// A count or a share.
pub(super) fn keep(node: &Node) -> Parsed<Share> {
    node_text(node)?.parse().map_err(|error: ShareError| error.to_string())
}

/// A count may stand without quotes.
fn node_text(node: &Node) -> Parsed<String> {
    match &node.value {
        Value::Integer(number) => Ok(number.to_string()),
        _ => text(node).map(str::to_owned),
    }
}
