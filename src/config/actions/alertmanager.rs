//! Steps that tell Alertmanager something.

use std::time::Duration;

use crate::config::document::Node;
use crate::config::item::Parsed;
use crate::config::names::label;
use crate::config::section::Section;
use crate::config::values::{duration, seconds, text};
use crate::decide::template::{Escape, Template};
use crate::decide::{ActionTemplate, AlertmanagerTemplate, EscalationTemplate, SilenceTemplate};
use crate::model::{ESCALATION, Matcher};

use super::template;

/// Labels that are always set, by the daemon itself.
const OWN_LABELS: [&str; 3] = [ESCALATION.0, "policy", "target"];
/// Set on every alert: which run has posted it.
const OWN_ANNOTATION: &str = "remediation";
/// Labels, annotations or matchers of one step at most.
const MOST: usize = 30;
/// The longest alert: over a long weekend.
const LONGEST_ALERT: u64 = 7 * 86_400;
/// The longest silence: what is hidden must come back while somebody remembers it.
const LONGEST_SILENCE: u64 = 86_400;
const HINT: &str = "is required unless there is silence; write the labels of the alert that calls a person";

/// An alert or a silence.
pub(super) fn alertmanager(section: &mut Section) -> Option<ActionTemplate> {
    let timeout = section.value_or("timeout", Duration::from_secs(20), duration(seconds(2, 600)));
    let alert = section.child("alert", |section| alert(section, timeout));
    let silence = section.child("silence", |section| silence(section, timeout));
    match (section.has("alert"), section.has("silence")) {
        (true, true) => section.fault("silence", "excludes alert; make two steps of it"),
        (false, false) => section.fault("alert", HINT),
        _ => {}
    }
    let told = alert.map(AlertmanagerTemplate::Alert).or(silence.map(AlertmanagerTemplate::Silence));
    told.map(ActionTemplate::Alertmanager)
}

fn alert(section: &mut Section, timeout: Duration) -> EscalationTemplate {
    let labels = texts(section, "labels", &OWN_LABELS);
    let annotations = texts(section, "annotations", &[OWN_ANNOTATION]);
    let lasts = section.value_or("lasts", Duration::from_secs(3600), duration(seconds(60, LONGEST_ALERT)));
    EscalationTemplate { labels, annotations, lasts, timeout }
}

fn texts(section: &mut Section, key: &'static str, own: &[&str]) -> Vec<(String, Template)> {
    let mut names: Vec<String> = Vec::new();
    let pairs = section.pairs(key, |name, node| {
        let name = label(name)?;
        if own.contains(&name.as_str()) {
            return Err("is set by the daemon itself; remove it".to_owned());
        }
        if names.contains(&name) {
            return Err("is given twice; keep one of the two".to_owned());
        }
        names.push(name.clone());
        Ok((name, template(text(node)?, Escape::Text)?))
    });
    bounded(section, key, pairs.unwrap_or_default())
}

fn silence(section: &mut Section, timeout: Duration) -> SilenceTemplate {
    let matchers = section.list("matchers", |item| item.value(matcher)).unwrap_or_default();
    let matchers = bounded(section, "matchers", matchers);
    let comment = section.value("comment", |node| template(text(node)?, Escape::Text));
    let lasts = section.value_or("lasts", Duration::from_secs(3600), duration(seconds(60, LONGEST_SILENCE)));
    SilenceTemplate { matchers, comment, lasts, timeout }
}

/// The text is a matcher before it is filled in as well: a value only takes the place of another.
fn matcher(node: &Node) -> Parsed<Template> {
    let source = text(node)?;
    let template = template(source, Escape::PromQl)?;
    source.parse::<Matcher>().map_err(|error| error.to_string())?;
    Ok(template)
}

fn bounded<T>(section: &Section, key: &str, items: Vec<T>) -> Vec<T> {
    if items.len() > MOST {
        section.fault(key, &format!("must not have more than {MOST} items"));
    }
    items
}
