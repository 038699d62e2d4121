//! The keys `graph` and `service_map` of `explain`: who calls whom, and what is asked of each service.

use crate::explain::{Graph, Measures, Preset, ServiceMap, template_fault};
use crate::model::Matcher;

use super::document::Node;
use super::item::{Item, Parsed};
use super::names::label_name;
use super::section::Section;
use super::values::{choice, matcher, text};

/// Calls that are written down, and services with matchers.
const MAX_CALLS: usize = 10_000;
const MAX_SERVICES: usize = 1000;
/// Bytes of an expression, and of a service's name.
const MAX_EXPR: usize = 4096;
const MAX_NAME: usize = 128;

const PRESETS: [(&str, Preset); 2] = [("tempo", Preset::Tempo), ("istio", Preset::Istio)];

/// `None`: neither is written.
pub(super) fn graph(section: &mut Section) -> Option<Graph> {
    let written = section.has("graph");
    let map = section.child("service_map", service_map);
    let known = Known {
        is_used: written || map.is_some(),
        has_map: map.is_some(),
        has_preset: map.as_ref().is_some_and(|map| map.has_preset),
    };
    let preset = map.as_ref().and_then(|map| map.preset);
    let Written { calls, services, measures } =
        section.child_or_empty("graph", |section| read(section, known));
    let measures = measures.or_else(|| preset.map(Preset::measures)).unwrap_or_default();
    known.is_used.then(|| Graph { calls, services, map: map.and_then(|map| map.map), measures })
}

/// What is known by the time that `graph` is read.
#[derive(Clone, Copy)]
struct Known {
    is_used: bool,
    has_map: bool,
    has_preset: bool,
}

/// What `graph` says.
struct Written {
    calls: Vec<(String, String)>,
    services: Vec<(String, Vec<Matcher>)>,
    measures: Option<Measures>,
}

/// What a service map is read from.
struct Map {
    has_preset: bool,
    preset: Option<Preset>,
    map: Option<ServiceMap>,
}

fn service_map(section: &mut Section) -> Map {
    let preset = section.value("preset", choice(&PRESETS));
    if section.is_written("preset") {
        for key in ["expr", "client", "server"] {
            if section.is_written(key) {
                section.fault(key, "is known by the preset; remove one of the two");
            }
        }
        let _ = (
            section.value("expr", expr),
            section.value("client", label_name),
            section.value("server", label_name),
        );
        return Map { has_preset: true, preset, map: preset.map(Preset::map) };
    }
    let expr =
        section.required("expr", "write PromQL with a series for each call, or preset: tempo or istio", expr);
    let client = section.required("client", "name the label that says who calls", label_name);
    let server = section.required("server", "name the label that says who is called", label_name);
    let map = || Some(ServiceMap { expr: expr?, client: client?, server: server? });
    Map { has_preset: false, preset: None, map: map() }
}

fn read(section: &mut Section, known: Known) -> Written {
    let Known { is_used, has_map, has_preset } = known;
    let calls: Vec<(String, String)> =
        section.list("calls", |item| item.section(call).flatten()).unwrap_or_default().concat();
    if calls.len() > MAX_CALLS {
        section.fault("calls", &format!("has more than {MAX_CALLS} calls; read them from a service_map"));
    }
    if is_used && !has_map && !section.is_written("calls") {
        section.fault("calls", "is required without explain.service_map; write who calls whom, for example {from: web, to: [api]}");
    }
    let services = section.list("services", |item| item.section(service).flatten()).unwrap_or_default();
    if services.len() > MAX_SERVICES {
        section.fault("services", &format!("has more than {MAX_SERVICES} services; name them by a label"));
    }
    let known = |name: &String| calls.iter().any(|(from, to)| from == name || to == name);
    if let Some((name, _)) = services.iter().find(|(name, _)| !has_map && !known(name)) {
        section.fault(
            "services",
            &format!(
                "has '{name}', which nobody calls and which calls nobody in calls; correct one of the two"
            ),
        );
    }
    if is_used && !has_preset && !section.is_written("measures") {
        section.fault(
            "measures",
            "is required without a preset; write what is asked of each service, for example latency",
        );
    }
    Written { calls, services, measures: section.child("measures", measures) }
}

fn call(section: &mut Section) -> Option<Vec<(String, String)>> {
    let from = section.required("from", "name who calls", name);
    let to = section.required_list("to", "name whom it calls, for example [api]", |item| item.value(name));
    let from = from?;
    Some(to?.into_iter().map(|to| (from.clone(), to)).collect())
}

fn service(section: &mut Section) -> Option<(String, Vec<Matcher>)> {
    let name = section.required("name", "name a service as calls do", name);
    let matchers = section
        .required_list("matchers", "write for example 'job=\"db\"'", |item: &Item<'_>| item.value(matcher));
    Some((name?, matchers?))
}

fn measures(section: &mut Section) -> Measures {
    let label =
        section.required("label", "name the label that says which service a series is of", label_name);
    let measures = Measures {
        label: label.unwrap_or_default(),
        requests: section.value("requests", template),
        failures: section.value("failures", template),
        latency: section.value("latency", template),
    };
    let is_written = |key| section.is_written(key);
    if is_written("failures") && !is_written("requests") {
        section.fault("failures", "needs requests beside it: the share of those that fail is ranked");
    }
    if !["requests", "latency"].into_iter().any(is_written) {
        section.fault("latency", "is required, or requests; nothing is ranked without a number");
    }
    measures
}

fn expr(node: &Node) -> Parsed<String> {
    match text(node)? {
        long if long.len() > MAX_EXPR => Err(format!("must not be longer than {MAX_EXPR} bytes")),
        expr => Ok(expr.to_owned()),
    }
}

fn template(node: &Node) -> Parsed<String> {
    let template = expr(node)?;
    template_fault(&template).map_or(Ok(template), Err)
}

fn name(node: &Node) -> Parsed<String> {
    match text(node)? {
        name if name.len() <= MAX_NAME && !name.chars().any(char::is_control) => Ok(name.to_owned()),
        _ => Err(format!("must be the name of a service: {MAX_NAME} bytes at most, on one line")),
    }
}
