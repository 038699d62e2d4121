//! What holds for every alert: it says what it is, its links lead somewhere, its runbook can be followed, and its
//! cases show when it speaks and when it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use promql_parser::parser;
use smartcloudops::config::{self, Overrides};

use super::queries::{Rule, dashboards, files, known, mentionable, mentioned, metrics_of, rules};

/// What each runbook has.
const SECTIONS: [&str; 4] = ["Look first", "Likely causes", "What to do", "When to silence"];
/// Fires always.
const WATCHDOG: &str = "Watchdog";

fn alerts() -> BTreeMap<String, Rule> {
    rules().into_iter().filter_map(|rule| Some((rule.alert.clone()?, rule))).collect()
}

/// The runbooks by the name of their alert, and the index.
fn runbooks() -> (BTreeMap<String, String>, String) {
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    let mut pages: BTreeMap<String, String> = files("docs/runbooks", "md").into_iter().map(read).collect();
    let index = pages.remove("README").expect("the runbooks have an index");
    (pages, index)
}

/// The lines of the code blocks in a language.
fn code<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    let blocks = page.split(&opening).skip(1).filter_map(|rest| rest.split("\n```").next());
    blocks.flat_map(str::lines).collect()
}

#[test]
fn every_alert_says_how_bad_it_is_and_what_to_do() {
    for (name, rule) in alerts() {
        let severity = rule.labels.get("severity").map(String::as_str).unwrap_or_default();
        assert!(["critical", "warning", "info", "none"].contains(&severity), "{name}: severity '{severity}'");
        for annotation in ["summary", "description", "runbook", "runbook_url", "dashboard"] {
            assert!(rule.annotations.contains_key(annotation), "{name}: no {annotation}");
        }
    }
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let (pages, index) = runbooks();
    let alerts = alerts();
    let names: BTreeSet<&String> = alerts.keys().collect();
    assert_eq!(names, pages.keys().collect(), "alerts on the left, pages of docs/runbooks on the right");
    for (name, rule) in &alerts {
        assert_eq!(rule.annotations["runbook_url"], format!("/docs/runbooks/{name}.md"));
        assert!(index.contains(&format!("[{name}]({name}.md)")), "the index lacks {name}");
    }
}

#[test]
fn every_runbook_can_be_followed() {
    let (known, mentionable) = (known(), mentionable());
    let file = regex::Regex::new(r"\w+\.yml").unwrap();
    for (name, page) in runbooks().0 {
        assert!(page.starts_with(&format!("# {name}\n")), "{name}: another title");
        for section in SECTIONS {
            assert!(page.contains(&format!("\n## {section}\n")), "{name}: no section '{section}'");
        }
        let queries = code(&page, "promql");
        assert!(!queries.is_empty(), "{name}: no PromQL to begin with");
        for query in queries {
            let expr = parser::parse(query).unwrap_or_else(|error| panic!("{name}: {error}: {query}"));
            let unknown: Vec<_> = metrics_of(&expr).difference(&known).cloned().collect();
            assert!(unknown.is_empty(), "{name}: nobody publishes {unknown:?}");
        }
        // The names of rule files are like those of metrics.
        let prose = file.replace_all(&page.split("```").step_by(2).collect::<String>(), "").into_owned();
        let unknown: Vec<_> = mentioned(&prose).difference(&mentionable).cloned().collect();
        assert!(unknown.is_empty(), "{name} mentions {unknown:?}, which nobody publishes");
    }
}

fn uid_and_variables(dashboard: &serde_json::Value) -> (String, BTreeSet<String>) {
    let variables = dashboard["templating"]["list"].as_array().into_iter().flatten();
    let names = variables.filter_map(|variable| variable["name"].as_str()).map(str::to_owned);
    (dashboard["uid"].as_str().unwrap().to_owned(), names.collect())
}

#[test]
fn every_link_leads_to_a_dashboard_with_its_variables() {
    let dashboards: BTreeMap<String, BTreeSet<String>> = dashboards().iter().map(uid_and_variables).collect();
    let named = regex::Regex::new(r"var-([a-z]+)=").unwrap();
    for (name, rule) in alerts() {
        let link = &rule.annotations["dashboard"];
        let uid = link.strip_prefix("/d/").map(|rest| rest.split('?').next().unwrap_or_default());
        let uid = uid.unwrap_or_else(|| panic!("{name}: {link} does not begin with /d/"));
        let variables = dashboards.get(uid).unwrap_or_else(|| panic!("{name}: there is no dashboard {uid}"));
        for variable in named.captures_iter(link) {
            assert!(variables.contains(&variable[1]), "{name}: {uid} has no variable {}", &variable[1]);
        }
    }
}

/// What the cases of `rules/tests` show of an alert.
#[derive(Default)]
struct Shown {
    fires: bool,
    silent: bool,
    resolves: bool,
}

fn shown() -> BTreeMap<String, Shown> {
    let mut shown: BTreeMap<String, Shown> = BTreeMap::new();
    for file in files("rules/tests", "yml") {
        let tests: serde_yaml::Value = serde_yaml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        for case in tests["tests"].as_sequence().unwrap() {
            let checks = case.get("alert_rule_test").and_then(|checks| checks.as_sequence());
            let mut fired = BTreeSet::new();
            // The checks of a case stand in the order of their times.
            for check in checks.into_iter().flatten() {
                let name = check["alertname"].as_str().unwrap().to_owned();
                let entry = shown.entry(name.clone()).or_default();
                if check["exp_alerts"].as_sequence().is_some_and(|alerts| !alerts.is_empty()) {
                    entry.fires = true;
                    fired.insert(name);
                } else {
                    entry.silent = true;
                    entry.resolves |= fired.contains(&name);
                }
            }
        }
    }
    shown
}

#[test]
fn every_alert_has_cases_in_which_it_fires_stays_silent_and_resolves() {
    let (alerts, shown) = (alerts(), shown());
    assert_eq!(alerts.keys().collect::<Vec<_>>(), shown.keys().collect::<Vec<_>>());
    for (name, shown) in shown {
        assert!(shown.fires, "{name} fires in no case");
        let always = name == WATCHDOG;
        assert!(always || shown.silent, "{name} stays silent in no case");
        assert!(always || shown.resolves, "{name} resolves in no case");
    }
}

#[test]
fn the_preset_of_hosts_is_recorded_word_for_word() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = "prometheus: {url: 'http://localhost:9090'}\npresets: [node]\n";
    let config = config::parse(text, &Overrides::default()).unwrap_or_else(|faults| panic!("{faults}"));
    let preset: BTreeMap<String, String> =
        config.scoring.queries.iter().map(|query| (query.name.clone(), words(&query.expr))).collect();
    let recorded = rules().into_iter().filter_map(|rule| {
        let name = rule.record?.split(':').nth(1)?.to_owned();
        name.starts_with("node_").then(|| (name, words(&rule.expr)))
    });
    assert_eq!(preset, recorded.collect());
}
