//! Plain English → what is asked, by rules and without guessing: what is not understood is said. Pure.

mod reading;
mod topic;

use jiff::tz::TimeZone;

use super::intent::{Asked, MAX_NAMES, Topic};
use super::names::{Kind, Name, Names};
use super::vocabulary::Word;
use crate::model::Timestamp;
use reading::Reading;

/// What became of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Understood {
    /// It is answered like this.
    Asked {
        /// What is asked.
        asked: Asked,
        /// What somebody who asked should know about how it was read, one sentence each.
        notes: Vec<String>,
    },
    /// A name fits several; the sentence says which.
    Ambiguous(String),
    /// It is none of the questions that are known.
    Nothing,
}

/// What a question can be read against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// The names that are known.
    pub names: &'c Names,
    /// What the same client asked before, if it is remembered.
    pub before: Option<&'c Asked>,
    /// When it is.
    pub now: Timestamp,
    /// Whose clock and days are meant.
    pub zone: &'c TimeZone,
}

/// Reads a question.
pub fn understand(question: &str, context: &Context<'_>) -> Understood {
    let reading = Reading::new(question, context);
    if let Some(sentence) = reading.ambiguity() {
        return Understood::Ambiguous(sentence);
    }
    if let Some(asked) = follow_up(&reading, context.before) {
        return understood(asked, &reading);
    }
    match topic::of(&reading) {
        Some(topic) => understood(asked(topic, &reading), &reading),
        None => Understood::Nothing,
    }
}

/// Whether the words of a question may name something, so that the names that are known are worth their while.
pub fn may_name(question: &str, now: Timestamp, zone: &TimeZone) -> bool {
    let names = Names::default();
    let context = Context { names: &names, before: None, now, zone };
    let reading = Reading::new(question, &context);
    !reading.about().is_empty() || reading.strays() > 0 || reading.has(Word::Prometheus)
}

fn asked(topic: Topic, reading: &Reading) -> Asked {
    let about = reading.about();
    Asked {
        about: about.into_iter().take(MAX_NAMES).collect(),
        span: reading.span,
        level: if topic == Topic::Logs { reading.level() } else { None },
        contains: reading.contains.clone().filter(|_| topic == Topic::Logs),
        ..Asked::new(topic)
    }
}

fn understood(asked: Asked, reading: &Reading) -> Understood {
    let mut notes = reading.notes();
    if reading.about().len() > MAX_NAMES {
        notes.push(format!("More than {MAX_NAMES} names were given; the first {MAX_NAMES} are looked at."));
    }
    Understood::Asked { asked, notes }
}

/// `and on web-2?`: the question before, about somebody else or another time.
fn follow_up(reading: &Reading, before: Option<&Asked>) -> Option<Asked> {
    let before = before.filter(|_| reading.is_follow_up())?;
    let about = reading.about();
    Some(Asked {
        about: if about.is_empty() {
            before.about.clone()
        } else {
            about.into_iter().take(MAX_NAMES).collect()
        },
        span: reading.span.or(before.span),
        level: reading.level().or(before.level),
        ..before.clone()
    })
}

/// A name that is not known, as it was said.
fn stranger(written: &str) -> Name {
    Name { kind: Kind::Unknown, text: written.to_owned() }
}

/// What to say of a name that fits several.
fn several(written: &str, names: &[Name]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = names.iter().take(MOST).map(Name::to_string).collect();
    let more = names.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" or {more} more") } else { String::new() };
    format!("'{written}' fits several: {}{more}. Ask again with the whole name.", shown.join(", "))
}

/// What to say of a name that is not known.
fn unknown(written: &str, near: Option<&Name>) -> String {
    let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    let end = if near.is_empty() { "." } else { "" };
    format!("'{written}' is no host, service, query or alert that is known now{near}{end}")
}

#[cfg(test)]
mod tests;
