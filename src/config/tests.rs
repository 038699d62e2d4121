//! One tiny bad file per rule, each with its exact message; the shipped example; no panic on
//! anything; no secret in anything that is printed.

mod actions;
mod alertmanager;
mod aws;
mod good;
mod kubernetes;
mod never_panics;
mod objects;
mod openai;
mod refused;
mod telling;

use std::path::{Path, PathBuf};

use super::{Config, Faults, Overrides, Place, Source, load, parse};

/// The settings of a text, with the address given by flag.
fn good(text: &str) -> Config {
    parse(text, &with_url()).unwrap_or_else(|faults| panic!("{text}\n{faults}"))
}

/// The faults of a text, with the address given by flag.
fn faults_of(text: &str) -> Vec<String> {
    parse(text, &with_url()).map_or_else(|faults| faults.lines().collect(), |_| Vec::new())
}

/// A policy with one step, which has one action with these settings.
fn with_step(action: &str, settings: &str) -> String {
    let policy = std::fs::read_to_string(testdata().join("policy_without_steps.yml")).unwrap();
    format!("{policy}      steps: [{{{action}: {{{settings}}}}}]\n")
}

/// The faults of such a step, without their place up to the action's name.
fn faults_of_step(action: &str, settings: &str) -> Vec<String> {
    let place = format!("remediation.policies[0].steps[0].{action}.");
    let faults = faults_of(&with_step(action, settings)).into_iter();
    let own = faults.filter_map(|fault| Some(fault.split_once(&place)?.1.to_owned()));
    own.collect()
}

/// What such a step does; there must be no fault.
fn action_of_step(action: &str, settings: &str) -> crate::decide::ActionTemplate {
    let text = with_step(action, settings);
    let config = parse(&text, &with_url()).unwrap_or_else(|faults| panic!("{text}{faults}"));
    config.remediation.policies[0].steps[0].action.clone()
}

fn with_url() -> Overrides {
    Overrides { prometheus_url: Some("http://localhost:9090".to_owned()), ..Overrides::default() }
}

fn loaded(path: &Path, overrides: Overrides) -> Result<Config, Faults> {
    load(Source::open(Some(path), overrides)?)
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/testdata")
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("smartcloudops.example.yml")
}
