//! What is watched: the sections `scoring`, `limits`, `presets`, `queries` and `models`.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::detect::{self, DataRange, Model, Narrowing};
use crate::model::{Direction, Rate, format_duration};
use crate::scoring::{self, WhileFiring};

use super::document::Node;
use super::holds;
use super::holidays::holidays;
use super::item::Parsed;
use super::maintenance;
use super::models;
use super::names::{Names, query_name};
use super::presets::{self, Preset};
use super::section::Section;
use super::values::{boolean, choice, data_range, duration, magnitude, rate, seconds, text, whole};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const DIRECTIONS: [(&str, Direction); 3] =
    [("above", Direction::Above), ("below", Direction::Below), ("both", Direction::Both)];

const MODELS: [(&str, Model); 3] =
    [("auto", Model::Auto), ("seasonal", Model::Seasonal), ("prophet", Model::Prophet)];

/// Reads the five sections from the root; with the time zone that is meant where none is named.
pub(super) fn read(root: &mut Section) -> (scoring::Config, TimeZone) {
    let (mut config, zone, while_firing) = root.child_or_empty("scoring", |scoring| {
        let zone = scoring.value_or("time_zone", TimeZone::UTC, time_zone);
        (timing(scoring), zone, holds::while_firing(scoring))
    });
    config.max_series = root.child_or_empty("limits", |limits| {
        limits.value_or("max_series", config.max_series, whole(1..=10_000_000usize))
    });
    let presets = presets(root);
    let usual = Usual { interval: config.interval, zone, while_firing };
    let mut names = Names::default();
    config.queries = queries(root, &mut names, &usual);
    for mut query in
        presets.into_iter().flat_map(|preset| presets::queries(preset, usual.interval, &usual.zone))
    {
        // The user's own query of that name takes the preset's place.
        if config.queries.iter().all(|own| own.name != query.name) {
            query.while_firing.clone_from(&usual.while_firing);
            config.queries.push(query);
        }
    }
    let context = models::Context { queries: &config.queries, detect: group_default(&usual), budget };
    config.models = models::read(root, &mut names, &context);
    (config, usual.zone)
}

/// The settings of a group that does not say otherwise.
fn group_default(usual: &Usual) -> detect::Config {
    detect::Config {
        interval: usual.interval,
        false_alarms: presets::false_alarms(),
        narrowing: Narrowing::default(),
        time_zone: usual.zone.clone(),
        holidays: Default::default(),
    }
}

fn timing(section: &mut Section) -> scoring::Config {
    let interval = section.value_or("interval", Duration::from_secs(MINUTE), duration(seconds(1, DAY)));
    let history = section.value_or("history", Duration::from_secs(14 * DAY), |node| {
        at_least(interval, duration(seconds(0, 366 * DAY))(node)?)
    });
    let vanished_after =
        section.value("vanished_after", |node| at_least(interval, duration(seconds(0, 7 * DAY))(node)?));
    scoring::Config {
        interval,
        history,
        max_series: 50_000,
        backfill_concurrency: section.value_or("backfill_concurrency", 2, whole(1..=64usize)),
        vanished_after: vanished_after.unwrap_or(scoring::Config::usual_vanished_after(interval)),
        snapshot_interval: section.value_or(
            "snapshot_interval",
            Duration::from_secs(10 * MINUTE),
            duration(seconds(1, DAY)),
        ),
        maintenance: maintenance::maintenance(section).into(),
        queries: Vec::new(),
        models: Vec::new(),
    }
}

fn at_least(interval: Duration, value: Duration) -> Parsed<Duration> {
    if value >= interval {
        return Ok(value);
    }
    let interval = format_duration(interval);
    Err(format!("must not be shorter than scoring.interval, which is {interval}"))
}

fn presets(root: &mut Section) -> Vec<Preset> {
    let mut seen = Vec::new();
    let presets = root.list("presets", |item| {
        item.value(|node| {
            let preset = choice(&Preset::NAMES)(node)?;
            if seen.contains(&preset) {
                return Err("is given twice; keep one of the two".to_owned());
            }
            seen.push(preset);
            Ok(preset)
        })
    });
    presets.unwrap_or_else(|| Preset::NAMES.iter().map(|(_, preset)| *preset).collect())
}

/// What a query has from the section `scoring`.
struct Usual {
    interval: Duration,
    zone: TimeZone,
    while_firing: Option<WhileFiring>,
}

fn queries(root: &mut Section, names: &mut Names, usual: &Usual) -> Vec<scoring::Query> {
    let queries = root.list("queries", |item| item.section(|section| query(section, names, usual)).flatten());
    queries.unwrap_or_default()
}

fn query(section: &mut Section, names: &mut Names, usual: &Usual) -> Option<scoring::Query> {
    let hint = "write the value that the label query shall have, for example node_cpu_busy";
    let name = section.required("name", hint, |node| names.claim(node, query_name));
    let expr = section.required("expr", "write the PromQL expression to watch", text).map(str::to_owned);
    let detect = detect::Config {
        interval: usual.interval,
        false_alarms: section
            .value_or("false_alarms", presets::false_alarms(), |node| budget(usual.interval, node)),
        narrowing: narrowing(section),
        time_zone: section.value("time_zone", time_zone).unwrap_or_else(|| usual.zone.clone()),
        holidays: holidays(section),
    };
    let model = section.value_or("model", Model::Auto, choice(&MODELS));
    let with_band = section.value_or("bands", true, boolean);
    let while_firing = holds::while_firing(section).or_else(|| usual.while_firing.clone());
    let (name, expr, requires) = (name?, expr?, Vec::new());
    Some(scoring::Query { name, expr, requires, with_band, model, while_firing, detect })
}

fn narrowing(section: &mut Section) -> Narrowing {
    Narrowing {
        direction: section.value_or("direction", Direction::Both, choice(&DIRECTIONS)),
        min_deviation: section.value_or("min_deviation", 0.0, magnitude),
        min_relative_deviation: section.value_or("min_relative_deviation", 0.0, magnitude),
        data_range: section.value_or("data_range", DataRange::default(), data_range),
        // After 8 h a new level is accepted, so what must last longer would never alarm.
        min_duration: section.value_or("min_duration", Duration::ZERO, duration(seconds(0, 7 * HOUR))),
    }
}

/// A time zone by its name in the time zone database of this machine.
pub(super) fn time_zone(node: &Node) -> Parsed<TimeZone> {
    let name = text(node)?;
    let unknown =
        |_| format!("names no time zone known here: '{name}'; write for example Europe/Berlin or UTC");
    TimeZone::get(name).map_err(unknown)
}

/// A budget that every sample may spend is none.
fn budget(interval: Duration, node: &Node) -> Parsed<Rate> {
    let rate = rate(node)?;
    if rate.per_second() * interval.as_secs_f64() < 1.0 {
        return Ok(rate);
    }
    let interval = format_duration(interval);
    Err(format!(
        "allows every sample to alarm, as one comes each {interval}; write fewer, for example 1 per 30d"
    ))
}
