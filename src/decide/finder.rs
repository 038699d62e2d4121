//! The policies that an alert concerns, found by its name.
//!
//! Many alerts share few names, and nearly every policy is for one of them: what the matchers of the name say is
//! remembered for each name, and only what is left of a policy is asked for each alert.

use std::sync::Arc;

use crate::model::{Alert, Matcher};

use super::config::{Config, Policy};
use super::hash::HashMap;

/// The label that policies name first.
const NAME: &str = "alertname";
/// Names remembered at once; then all of them are forgotten.
const MAX_NAMES: usize = 10_000;
/// Bytes of a name that is remembered.
const MAX_NAME: usize = 256;

/// What is remembered of one configuration; with another one a new one is needed.
#[derive(Debug, Default)]
pub struct Finder {
    of_name: HashMap<Box<str>, Arc<[usize]>>,
}

impl Finder {
    /// The policies whose matchers all match the alert's labels, in the order of the file.
    pub fn matching<'c>(&mut self, config: &'c Config, alert: &Alert) -> impl Iterator<Item = &'c Policy> {
        let named = self.named(config, alert);
        let policies = (0..named.len()).filter_map(move |at| config.policies.get(named[at]));
        policies.filter(|policy| policy.matchers.iter().filter(rest).all(|one| one.matches(&alert.labels)))
    }

    /// Policies whose matchers of the name match.
    fn named(&mut self, config: &Config, alert: &Alert) -> Arc<[usize]> {
        let name = alert.labels.get(NAME).unwrap_or_default();
        if let Some(known) = self.of_name.get(name) {
            return known.clone();
        }
        let by_name = |policy: &Policy| {
            policy.matchers.iter().filter(|one| !rest(one)).all(|one| one.matches(&alert.labels))
        };
        let policies = config.policies.iter().enumerate();
        let found: Arc<[usize]> = policies.filter(|(_, one)| by_name(one)).map(|(at, _)| at).collect();
        if self.of_name.len() >= MAX_NAMES {
            self.of_name.clear();
        }
        if name.len() <= MAX_NAME {
            self.of_name.insert(name.into(), found.clone());
        }
        found
    }
}

/// Whether it asks for more than the name.
fn rest(matcher: &&Matcher) -> bool {
    matcher.name() != NAME
}

#[cfg(test)]
mod tests {
    use super::super::samples::{config, episode};
    use super::*;
    use crate::model::matches_all;

    #[test]
    fn every_alert_finds_what_its_labels_match_however_often_it_asks() {
        let mut config = config();
        let first = config.policies.remove(0);
        let matchers = [
            vec!["alertname=\"A\""],
            vec!["alertname=~\"A|B\"", "zone=\"x\""],
            vec!["alertname!=\"A\"", "zone=\"x\""],
            vec!["zone=~\"x|y\""],
            vec!["alertname=\"A\"", "alertname!~\"A.*\""],
            vec!["zone=\"\"", "alertname=\"\""],
        ];
        config.policies = matchers
            .into_iter()
            .enumerate()
            .map(|(number, matchers)| Policy {
                name: number.to_string().into(),
                matchers: matchers.into_iter().map(|text| text.parse().unwrap()).collect(),
                ..first.clone()
            })
            .collect();
        let mut finder = Finder::default();
        let long = "A".repeat(MAX_NAME + 1);
        for _ in 0..2 {
            for name in ["A", "B", "C", "", &long] {
                for zone in ["x", "y", ""] {
                    let alert = episode(&[("alertname", name), ("zone", zone)], 0).alert;
                    let found: Vec<&str> = finder.matching(&config, &alert).map(|one| &*one.name).collect();
                    let each = config.policies.iter().filter(|one| matches_all(&one.matchers, &alert.labels));
                    let expected: Vec<&str> = each.map(|one| &*one.name).collect();
                    assert_eq!(found, expected, "{name} {zone}");
                }
            }
        }
        for number in 0..MAX_NAMES {
            let alert = episode(&[("alertname", &number.to_string())], 0).alert;
            assert!(finder.matching(&config, &alert).count() <= 1 && finder.of_name.len() <= MAX_NAMES);
        }
    }
}
