//! One sentence against what is known: the first thing that is wrong with it.

use std::collections::HashSet;

use super::Fault;
use super::calendar;
use super::code;
use super::known::Known;
use super::language::is_foreign;
use super::names::looks_like_name;
use super::normal::normal;
use super::quantity::{Form, Quantity};
use super::split;
use super::tokens::{Item, items};
use super::unit::Unit;

/// Numbers up to here may count what the sentence lists.
const MAX_COUNT: f64 = 100.0;
/// How many words behind a number may be what it counts: "two affected instances".
const COUNTED_WITHIN: usize = 3;

/// What is wrong with a sentence; `listed` items of a list follow it.
pub(super) fn fault(sentence: &str, listed: usize, known: &Known) -> Option<Fault> {
    if is_foreign(sentence, &known.names) {
        return Some(Fault::Language);
    }
    let text = normal(split::without_number(sentence));
    if let Some(fence) = text.trim_start().get(..3).filter(|start| ["```", "~~~"].contains(start)) {
        return fenced(sentence, fence, known);
    }
    match without_code(&text, known) {
        Ok(text) => prose(&text, listed, known),
        Err(fault) => Some(fault),
    }
}

/// Every line of a block of code has to be in the evidence.
fn fenced(block: &str, fence: &str, known: &Known) -> Option<Fault> {
    let mut lines =
        block.lines().skip(1).filter(|line| !line.trim().is_empty() && !line.trim().starts_with(fence));
    (!lines.all(|line| known.has_code(&normal(line)))).then_some(Fault::Command)
}

/// The sentence with the code in it that is known left out.
fn without_code(text: &str, known: &Known) -> Result<String, Fault> {
    let mut rest = String::with_capacity(text.len());
    let mut end = 0;
    for (range, inside) in code::spans(text) {
        let one_word = !inside.contains(' ') && !code::is_shell(inside);
        if !inside.is_empty() && !known.has_code(inside) {
            match one_word {
                true => code_word(inside, known)?,
                false => return Err(Fault::Command),
            }
        }
        rest.push_str(&text[end..range.start]);
        // Something was there: what stands before and behind it does not belong together.
        rest.push_str(" ; ");
        end = range.end;
    }
    rest.push_str(&text[end..]);
    Ok(rest)
}

/// A word in backticks is a name, whatever it looks like.
fn code_word(word: &str, known: &Known) -> Result<(), Fault> {
    let fault = items(word).into_iter().find_map(|item| match item {
        Item::Word(word) if known.names.knows(word) => None,
        Item::Word(word) if code::is_command(word) => Some(Fault::Command),
        Item::Word(_) => Some(Fault::Name),
        item => item_fault(&item, known),
    });
    fault.map_or(Ok(()), Err)
}

fn prose(text: &str, listed: usize, known: &Known) -> Option<Fault> {
    let items = items(text);
    let listed = [listed, named_behind_colon(text, known)];
    let is_known = |number: &Quantity, about: bool| known.numbers.has(number, about);
    let counts = |index: usize| match &items[index] {
        Item::Quantity(number, _) => {
            is_count(number, &items[index + 1..], listed, known) || known.lines.imply(&items, index, is_known)
        }
        _ => false,
    };
    if code::is_shell(text) {
        return Some(Fault::Command);
    }
    (0..items.len()).find_map(|index| item_fault(&items[index], known).filter(|_| !counts(index)))
}

/// How many different known names follow a colon or a bracket: `two hosts: web-1 and web-2`.
fn named_behind_colon(text: &str, known: &Known) -> usize {
    let list = text.find(": ").or_else(|| text.find('(')).map_or("", |at| &text[at..]);
    let names = items(list).into_iter().filter_map(|item| match item {
        Item::Word(word) if looks_like_name(word) && known.names.knows(word) => Some(word.to_lowercase()),
        _ => None,
    });
    names.collect::<HashSet<_>>().len()
}

fn item_fault(item: &Item<'_>, known: &Known) -> Option<Fault> {
    match item {
        Item::Link(link) => (!known.links.contains(*link)).then_some(Fault::Link),
        Item::Moment(moment) => (!known.times.has(moment)).then_some(Fault::Time),
        Item::Quantity(number, about) => number_fault(number, *about, known),
        Item::Word(word) => word_fault(word, known),
    }
}

fn number_fault(number: &Quantity, about: bool, known: &Known) -> Option<Fault> {
    let ordinal = number.form == Form::Ordinal && number.value <= 12.0;
    if ordinal || known.numbers.has(number, about) {
        return None;
    }
    match number.unit {
        Unit::Time(factor) => {
            let known = known.times.lie_between(number.value * factor, number.half * factor * 2.0);
            (!known).then_some(Fault::Time)
        }
        Unit::None if known.times.has_year(number.value) => None,
        _ => Some(Fault::Number),
    }
}

fn word_fault(word: &str, known: &Known) -> Option<Fault> {
    if known.names.knows(word) {
        return None;
    }
    if code::is_command(word) {
        return Some(Fault::Command);
    }
    if let Some(day) = calendar::weekday_named(word) {
        return (!known.times.has_weekday(day)).then_some(Fault::Time);
    }
    if word.contains(|c: char| c.is_numeric())
        && !word.contains(char::is_alphabetic)
        && !word.contains(['.', ':'])
    {
        return Some(Fault::Number);
    }
    if let Some(class) = word.strip_suffix("xx").and_then(|class| class.parse::<u8>().ok()) {
        let first = f64::from(class) * 100.0;
        return (!known.numbers.has_between(first, first + 99.0)).then_some(Fault::Number);
    }
    (!known.names.allow(word)).then_some(Fault::Name)
}

/// Whether a small number counts what the sentence or the list behind it names, or values of a label.
fn is_count(number: &Quantity, next: &[Item<'_>], listed: [usize; 2], known: &Known) -> bool {
    let small = number.unit == Unit::None
        && number.value <= MAX_COUNT
        && number.value >= 1.0
        && number.value.fract() == 0.0;
    let lists = listed.iter().any(|count| *count as f64 == number.value);
    let counted = next.iter().take(COUNTED_WITHIN).any(|item| match item {
        Item::Word(word) => known.counts(word, number.value),
        _ => false,
    });
    small && (lists || counted)
}
