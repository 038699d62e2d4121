//! The section `chat`: limits of questions and answers.

use jiff::tz::TimeZone;

use crate::chat::{Config, Limits};

use super::scoring::time_zone;
use super::section::Section;
use super::values::{duration, seconds, whole};

const MINUTE: u64 = 60;
const DAY: u64 = 86_400;

/// `zone`: whose days are meant where none is named here.
pub(super) fn section(section: &mut Section, zone: TimeZone) -> Config {
    let default = Config::default();
    Config {
        max_question: section.value_or("max_question", default.max_question, whole(20..=2000usize)),
        max_calls: section.value_or("max_calls", default.max_calls, whole(1..=16usize)),
        timeout: section.value_or("timeout", default.timeout, duration(seconds(1, MINUTE))),
        time_zone: section.value_or("time_zone", zone, time_zone),
        memory: section.child_or_empty("memory", memory),
    }
}

fn memory(section: &mut Section) -> Limits {
    let default = Limits::default();
    Limits {
        turns: section.value_or("turns", default.turns, whole(0..=20usize)),
        clients: section.value_or("clients", default.clients, whole(1..=10_000usize)),
        keep_for: section.value_or("keep_for", default.keep_for, duration(seconds(MINUTE, DAY))),
    }
}
