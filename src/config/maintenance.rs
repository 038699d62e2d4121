//! Maintenance windows: the key `maintenance` of `scoring` and of `remediation`.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::model::{LONGEST_NAME, MaintenanceWindow, Timestamp, Weekly, When};

use super::document::{Node, Value};
use super::item::{Item, Parsed};
use super::scoring::time_zone;
use super::section::Section;
use super::values::{choice, text};

/// Windows at most; each is looked at for every sample.
const MOST_WINDOWS: usize = 100;
const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];
const MINUTES_A_DAY: u16 = 24 * 60;

/// The maintenance windows.
pub(super) fn maintenance(section: &mut Section) -> Vec<MaintenanceWindow> {
    let windows = section.list("maintenance", |item| item.section(window).flatten()).unwrap_or_default();
    if windows.len() > MOST_WINDOWS {
        section.fault("maintenance", &format!("has more than {MOST_WINDOWS} windows; join some"));
    }
    windows
}

fn window(section: &mut Section) -> Option<MaintenanceWindow> {
    let name = section.required("name", "write what the window is for", name);
    let once = section.has("starts") || section.has("ends");
    let when = if once { once_only(section) } else { weekly(section).map(When::Weekly) };
    Some(MaintenanceWindow { name: name?, when: when? })
}

fn name(node: &Node) -> Parsed<String> {
    let name = text(node)?;
    match name.len() <= LONGEST_NAME {
        true => Ok(name.to_owned()),
        false => Err(format!("must have at most {LONGEST_NAME} bytes")),
    }
}

fn once_only(section: &mut Section) -> Option<When> {
    let hint = "write a time as in 2026-11-28T22:00:00Z";
    let starts = section.required("starts", hint, time);
    let ends = section.required("ends", hint, |node| match time(node)? {
        ends if starts.is_none_or(|starts| starts < ends) => Ok(ends),
        _ => Err("must be after starts".to_owned()),
    });
    Some(When::Once { starts: starts?, ends: ends? })
}

fn time(node: &Node) -> Parsed<Timestamp> {
    let wrong = |_| "must be a time with its offset from UTC, as in 2026-11-28T22:00:00Z".to_owned();
    text(node)?.parse().map_err(wrong)
}

fn weekly(section: &mut Section) -> Option<Weekly> {
    let hint = "write the days it begins on, for example [saturday, sunday], or starts and ends for once";
    let days = section.required_list("weekdays", hint, |item: &Item<'_>| item.value(choice(&DAYS)));
    let from = section.required("from", "write a local time as in '02:00'", |node| {
        let minutes = minutes(node)?;
        if minutes < MINUTES_A_DAY { Ok(minutes) } else { Err("must be before '24:00'".to_owned()) }
    });
    let to = section.required("to", "write a local time as in '04:30'", |node| match minutes(node)? {
        to if Some(to) != from => Ok(to),
        _ => Err("must differ from from; '00:00' to '24:00' is the whole day".to_owned()),
    });
    let zone = section.value_or("time_zone", TimeZone::UTC, time_zone);
    Some(Weekly { days: days?, from: from?, to: to?, zone })
}

/// Minutes since midnight. Unquoted, YAML 1.1 readers take such a time for a number.
fn minutes(node: &Node) -> Parsed<u16> {
    let wrong = || "must be a local time in quotes, from '00:00' to '24:00'".to_owned();
    let Value::Text(text) = &node.value else { return Err(wrong()) };
    let digits = |part: &str| match part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) {
        true => part.parse::<u16>().ok(),
        false => None,
    };
    let (hours, minutes) = text.trim().split_once(':').ok_or_else(wrong)?;
    let (hours, minutes) = digits(hours).zip(digits(minutes)).ok_or_else(wrong)?;
    let total = hours * 60 + minutes;
    if minutes < 60 && total <= MINUTES_A_DAY { Ok(total) } else { Err(wrong()) }
}
