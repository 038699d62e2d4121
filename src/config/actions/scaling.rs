//! How a number changes: a step up or down, or a number, and how far.

use crate::config::section::Section;
use crate::config::values::whole;
use crate::model::{ScaleChange, Scaling};

/// Greater than any group, and small enough for every API.
const MOST: u32 = 10_000;
const UP_HINT: &str = "write by how many: up or down; or to how many: to";

/// The keys `up`, `down` or `to`, `at_least` and `at_most`; none of the results is below `floor`.
pub(super) fn scaling(section: &mut Section, floor: u32) -> Option<Scaling> {
    let ways = ["up", "down", "to"];
    let given: Vec<&str> = ways.into_iter().filter(|way| section.is_written(way)).collect();
    for other in given.iter().skip(1) {
        section.fault(other, &format!("excludes {}; keep one of the two", given[0]));
    }
    let down = section.value("down", whole(1..=MOST)).map(ScaleChange::Down);
    let to = section.value("to", whole(floor..=MOST)).map(ScaleChange::To);
    let up = match given.is_empty() {
        true => section.required("up", UP_HINT, whole(1..=MOST)),
        false => section.value("up", whole(1..=MOST)),
    };
    let at_least = section.value("at_least", whole(floor..=MOST));
    let at_most = section.value("at_most", whole(floor..=MOST));
    if let (Some(least), Some(most)) = (at_least, at_most)
        && least > most
    {
        section.fault("at_least", &format!("is greater than at_most, which is {most}"));
    }
    let change = up.map(ScaleChange::Up).or(down).or(to)?;
    if let ScaleChange::To(number) = change
        && !(at_least.unwrap_or(number)..=at_most.unwrap_or(number)).contains(&number)
    {
        section.fault("to", "lies outside of at_least and at_most");
    }
    Some(Scaling { change, at_least, at_most })
}
