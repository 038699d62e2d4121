//! Holds the direction of dependencies and the house rules that a compiler does not know.
//!
//! It reads every file under `src` and `lanes`; test code is left out, for it may arrange the world as it likes.

mod rules;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use source::Source;

fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `src/detect/band.rs` → `["detect", "band"]`.
fn module_of(file: &Path) -> Vec<String> {
    let mut parts: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| ["lib", "main", "mod"].contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

/// Where the code is, and the module that the rules take it for.
const CODE: [(&str, &[&str]); 2] = [("src", &[]), ("lanes/src", &["detect", "lanes"])];

/// Every file of the code that is not there for tests only, read.
fn sources() -> Vec<(String, Source)> {
    let mut sources = Vec::new();
    for (folder, within) in CODE {
        let folder = root().join(folder);
        for file in rust_files(&folder) {
            let module = module_of(file.strip_prefix(&folder).unwrap());
            let module: Vec<&str> = within.iter().copied().chain(module.iter().map(String::as_str)).collect();
            let text = fs::read_to_string(&file).unwrap();
            let source =
                Source::parse(&module, &text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            sources.push((file.strip_prefix(root()).unwrap().display().to_string(), source));
        }
    }
    let tests: Vec<Vec<String>> = sources
        .iter()
        .flat_map(|(_, source)| {
            source
                .test_modules
                .iter()
                .map(|name| [source.module.as_slice(), std::slice::from_ref(name)].concat())
        })
        .collect();
    sources.retain(|(_, source)| !tests.iter().any(|test| source.module.starts_with(test)));
    sources
}

/// The stages that have a `Config` of their own.
fn configured() -> BTreeSet<String> {
    let holders = sources().into_iter().filter(|(file, source)| {
        source.module.len() <= 2
            && fs::read_to_string(root().join(file)).unwrap().contains("pub struct Config ")
    });
    holders.filter_map(|(_, source)| source.module.first().cloned()).collect()
}

#[test]
fn every_import_keeps_the_direction_of_dependencies() {
    let configured = configured();
    let faults: Vec<String> = sources()
        .iter()
        .flat_map(|(file, source)| {
            rules::faults(source, &configured).into_iter().map(move |fault| format!("{file} {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_file_says_at_its_top_what_it_is() {
    let folders = ["src", "lanes", "tests", "benches", "fuzz"].map(|folder| root().join(folder));
    let silent: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "without //! at the top: {silent:?}");
}

#[test]
fn no_test_is_ignored_and_none_expects_a_panic() {
    let folders = ["src", "lanes", "tests"].map(|folder| root().join(folder));
    for file in folders.iter().flat_map(|folder| rust_files(folder)) {
        let parsed = syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(source::hidden_tests(&parsed), Vec::<String>::new(), "{}", file.display());
    }
}

fn faults_of(module: &[&str], text: &str) -> Vec<String> {
    let configured = ["detect", "http", "journal"].map(str::to_owned).into();
    rules::faults(&Source::parse(module, text).unwrap(), &configured)
}

#[test]
fn what_breaks_a_rule_is_caught() {
    let cases: &[(&[&str], &str)] = &[
        (&["model", "alert"], "use crate::detect::Config;"),
        (&["model"], "async fn wait() {}"),
        (&["model"], "fn f() { std::fs::read(p); }"),
        (&["detect", "band"], "use crate::metrics::scoring::ScoringMetrics;"),
        (&["detect", "band"], "use super::super::journal::Journal;"),
        (&["detect"], "use super::prometheus::Client;"),
        (&["alerts"], "use crate::{model::Alert, journal::{Journal as Store}};"),
        (&["decide"], "fn f() { crate::act::run(); }"),
        (&["decide"], "fn f(journal: &crate::journal::Journal) {}"),
        (&["decide"], "fn f() { format!(\"{}\", crate::act::NAME); }"),
        (&["decide"], "mod inner { use super::super::act; }"),
        (&["decide"], "async fn f() {}"),
        (&["decide"], "fn f() -> impl Future { async {} }"),
        (&["decide"], "fn f() { now(std::time::SystemTime::now()) }"),
        (&["verify"], "use std::time::Instant; fn f() { Instant::now(); }"),
        (&["verify"], "use tokio::time::sleep;"),
        (&["rank", "graph"], "use crate::prometheus::Client;"),
        (&["verify"], "fn f() { tracing::warn!(\"x\"); }"),
        (&["detect"], "use std::{fs, time::Duration};"),
        (&["detect"], "fn f() { jiff::Zoned::now(); }"),
        (&["act"], "use crate::journal::{Journal, Permit};"),
        (&["act", "http"], "use crate::journal;"),
        (&["act"], "use crate::journal::*;"),
        (&["act"], "use crate::decide::Policy;"),
        (&["act"], "fn f() { Timestamp::from(SystemTime::now()); }"),
        (&["explain"], "use crate::act;"),
        (&["explain"], "fn f() { client.create_silence(&silence, time); }"),
        (&["remediation"], "fn f() { client.post_alert(&alert, time); }"),
        (&["explain", "text"], "use crate::decide::Config as Policies;"),
        (&["chat"], "use crate::remediation::Handle;"),
        (&["logs", "runs"], "use crate::act::Limits;"),
        (&["loki"], "use crate::scoring::Query;"),
        (&["logs"], "fn f() { SystemTime::now(); }"),
        (&["explain", "prompt"], "use super::Evidence;"),
        (&["explain", "prompt"], "use crate::prometheus::Client;"),
        (&["explain", "prompt"], "async fn ask() {}"),
        (&["llm", "redact", "session"], "use crate::explain::pack::Pack;"),
        (&["llm", "claims"], "use super::Client;"),
        (&["llm", "redact"], "fn f() { std::fs::read(p); }"),
        (&["llm"], "use crate::act::run;"),
        (&["llm", "client"], "use crate::journal::Reader;"),
        (&["llm", "limits"], "fn f() { SystemTime::now(); std::fs::read(p); }"),
        (&["http", "routes"], "use crate::config::Config;"),
        (&["scoring"], "use crate::config;"),
        (&["config"], "use crate::exporter::Exporter;"),
        (&["prometheus"], "use crate::scoring::Query;"),
        (&["journal"], "use crate::remediation::Event;"),
        (&["journal"], "fn f() { SystemTime::now(); }"),
        (&["exporter"], "fn f() { Instant::now(); }"),
        (&["http"], "fn f() { x.unwrap(); }"),
        (&["http"], "fn f() { println!(\"{}\", x.unwrap()); }"),
        (&["http"], "fn f() { todo!() }"),
        (&["http"], "fn f() { std::unimplemented!(\"later\") }"),
        (&["http"], "fn f() { dbg!(1); }"),
        (&["act"], "fn f() { std::thread::sleep(d); }"),
    ];
    for (module, text) in cases {
        assert_eq!(faults_of(module, text).len(), 1, "{module:?}: {text}: {:?}", faults_of(module, text));
    }
}

#[test]
fn what_keeps_the_rules_passes() {
    let cases: &[(&[&str], &str)] = &[
        (&["model", "alert"], "use super::{Labels, Timestamp}; use serde::Serialize;"),
        (&["model", "secret"], "fn f() { std::fs::read_to_string(p); std::env::var(v); }"),
        (&["detect", "band"], "use crate::model::{Sample, Score}; use super::tail::Tail;"),
        (&["detect"], "mod inner { use super::Band; }"),
        (&["decide"], "/// See [`crate::act`].\nfn f() -> String { \"crate::act\".into() }"),
        (&["decide"], "#[cfg(test)] mod tests { use crate::journal::Journal; fn f() { x.unwrap(); } }"),
        (&["decide"], "#[cfg(test)] use crate::journal::Journal;"),
        (&["act"], "use crate::journal::Permit; use crate::metrics::remediation::RemediationMetrics;"),
        (&["act"], "use crate::alertmanager::Client; fn f() { client.post_alert(&alert, time); }"),
        (&["act"], "fn f(permit: crate::journal::Permit) { Instant::now(); }"),
        (&["explain"], "use crate::journal::Reader; use crate::prometheus::Client;"),
        (
            &["logs", "reader"],
            "use crate::journal::Journal; use crate::loki::Client; use crate::log::Recent;",
        ),
        (&["log", "layer"], "fn f() { SystemTime::now(); }"),
        (&["explain", "prompt"], "use crate::model::Alert; use super::pack::Pack;"),
        (&["llm", "redact", "session"], "use super::{Config, span::Span}; use crate::model::Secret;"),
        (&["llm", "client"], "use super::redact::Redacted; use crate::http_client::Client;"),
        (&["config", "web"], "use crate::{detect, http, journal}; use crate::model::Rate;"),
        (&["app"], "use crate::config::Config; use crate::{remediation, scoring};"),
        (&["scoring"], "fn f() { SystemTime::now(); Instant::now(); }"),
        (&["remediation"], "use crate::{act, alerts, decide, journal, verify};"),
        (&["http"], "async fn f() { x.unwrap_or_default().expect(\"it is there\"); }"),
        (&[], "pub mod config; fn main() { smartcloudops::cli::run(); }"),
    ];
    for (module, text) in cases {
        assert_eq!(faults_of(module, text), Vec::<String>::new(), "{module:?}: {text}");
    }
}

#[test]
fn hidden_tests_are_found_wherever_they_stand() {
    let file =
        syn::parse_file("mod tests { #[test] #[ignore = \"slow\"] fn a() {} #[should_panic] fn b() {} }");
    assert_eq!(source::hidden_tests(&file.unwrap()), ["ignore", "should_panic"]);
}
