//! A query's `holidays`, written as Prophet's: days whose effect the model `prophet` learns by their name.

use std::sync::Arc;

use jiff::civil::Date;

use crate::detect::prophet::{self, Holiday};

use super::document::Node;
use super::item::Parsed;
use super::section::Section;
use super::values::{text, whole};

const NAME_HINT: &str = "write what the day is remembered by, for example christmas";
const DATES_HINT: &str = "write the days it was and will be, for example [2025-12-25, 2026-12-25]";

/// Reads the list; empty if there is none.
pub(super) fn holidays(query: &mut Section) -> Arc<[Holiday]> {
    let holidays = query.list("holidays", |item| item.section(holiday).flatten()).unwrap_or_default();
    let config = prophet::Config { holidays, ..prophet::Config::default() };
    if let Err(error) = config.check() {
        query.fault("holidays", &format!("cannot be: {error}"));
    }
    config.holidays.into()
}

fn holiday(section: &mut Section) -> Option<Holiday> {
    let name = section.required("name", NAME_HINT, text).map(str::to_owned);
    let dates = section.required_list("dates", DATES_HINT, |item| item.value(date));
    let lower = section.value_or("lower_window", 0, whole(-30..=0i8));
    let upper = section.value_or("upper_window", 0, whole(0..=30u8));
    Some(Holiday { name: name?, dates: dates?, days_before: lower.unsigned_abs(), days_after: upper })
}

fn date(node: &Node) -> Parsed<Date> {
    let text = text(node)?;
    text.parse().map_err(|_| format!("is not a date: '{text}'; write for example 2026-12-25"))
}
