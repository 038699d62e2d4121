//! Lists of pages that the code owns: flags, routes, metrics, presets, reasons and outcomes.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;
use smartcloudops::config::{self, Overrides};
use smartcloudops::http::ROUTES;
use smartcloudops::lookup::Lookup;
use smartcloudops::model::{Direction, Reason, RunOutcome};

use crate::{generated, pages, root, sources};

/// Names and types of all metrics, held against a real scrape by a test of their own.
const METRICS: &str = include_str!("../platform/metrics.txt");

fn regex(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

fn text_of(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// What a subcommand prints about itself; of none, the daemon.
pub fn help(command: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_smartcloudops")).args(command).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_has_every_flag_of_the_daemon() {
    let help = help(&["serve"]);
    let flag = regex(r"(?m)^ {6}(--[a-z.-]+) (<[^>]+>)\n {10}(.+)((?:\n(?: {10}.*)?)*)");
    let mut text = String::from("| flag | default | meaning |\n|---|---|---|\n");
    for found in flag.captures_iter(&help) {
        let default =
            regex(r"\[default: (.+)\]").captures(&found[4]).map(|default| format!("`{}`", &default[1]));
        let words: Vec<_> =
            regex(r"- ([a-z]+):").captures_iter(&found[4]).map(|word| format!("`{}`", &word[1])).collect();
        let words = if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) };
        let _ = writeln!(
            text,
            "| `{}={}` | {} | {}{words} |",
            &found[1],
            &found[2],
            default.unwrap_or_default(),
            &found[3]
        );
    }
    assert_eq!(text.matches("| `--").count(), help.matches("\n      --").count());
    generated::hold("configuration.md", "flags", &text.replace("|  |", "| |"));
}

#[test]
fn the_page_has_every_route_with_the_scope_it_asks_for() {
    let document: serde_json::Value = serde_json::from_str(&text_of("src/http/routes/openapi.json")).unwrap();
    let router = text_of("src/http/routes/mod.rs");
    let mut text = String::from("| route | scope | what |\n|---|---|---|\n");
    for route in ROUTES {
        for method in route.methods {
            let method = method.as_str();
            let summary = document["paths"][route.path][method.to_lowercase()]["summary"].as_str().unwrap();
            let scope = scope(&router, route.path, &method.to_lowercase());
            let _ = writeln!(text, "| `{method} {}` | {scope} | {summary} |", route.path);
        }
    }
    generated::hold("security.md", "routes", &text);
}

/// The scope that the router asks of a method of a path.
fn scope(router: &str, path: &str, method: &str) -> String {
    let begin = format!(".route(\"{path}\", ");
    let (_, rest) = router.split_once(&begin).unwrap_or_else(|| panic!("{path} is not routed"));
    let expr = rest.split(".route(").next().unwrap_or_default();
    let named = expr.split_once(')').map(|(name, _)| name).filter(|name| !name.contains('('));
    let expr = match named {
        Some(name) => {
            regex(&format!(r"let {name} = [^;]+;")).find_iter(router).map(|line| line.as_str()).collect()
        }
        None => expr.to_owned(),
    };
    let asked = regex(r"\bread\(|Scope::(\w+)");
    let place = expr.find(&format!("{method}(")).unwrap_or(expr.len());
    let all: Vec<_> = asked.captures_iter(&expr).collect();
    let before = all.iter().rfind(|found| found.get(0).unwrap().start() < place);
    match before.or(all.first()) {
        Some(found) => {
            format!("`{}`", found.get(1).map_or("read".to_owned(), |scope| scope.as_str().to_lowercase()))
        }
        None if path.starts_with("/slack/") => "Slack's signature".to_owned(),
        None => "none".to_owned(),
    }
}

#[test]
fn the_page_has_every_metric_with_its_meaning() {
    let folders = ["src/metrics", "src/exporter"].map(|folder| sources(&root().join(folder)));
    let source: String = folders.into_iter().flatten().map(|(_, text)| text).collect();
    let mut text = String::from("| metric | type | meaning |\n|---|---|---|\n");
    for line in METRICS.lines().filter(|line| line.starts_with("smartcloudops_")) {
        let (name, kind) = line.split_once(' ').unwrap();
        let kind = kind.split('#').next().unwrap_or_default().trim();
        // The library writes the unit, `_total` and `_info` behind the name it is given.
        let given = ["", "_total", "_seconds", "_info"].map(|end| name.strip_suffix(end).unwrap_or(name));
        let registered = format!(r#""(?:{})",\s*"((?:[^"\\]|\\.|\\\n)+)""#, given.join("|"));
        let collected = format!(r#"let help =\s*"([^"]+)";[^"]*encode_descriptor\(\s*"{name}""#);
        let found = |pattern: &str| regex(pattern).captures(&source);
        let help = found(&registered).or_else(|| found(&collected));
        let help = help.unwrap_or_else(|| panic!("{name} is registered nowhere with its meaning"));
        let help = regex(r"\\\n\s*").replace_all(&help[1], "").replace('|', "\\|");
        let _ = writeln!(text, "| `{name}` | {kind} | {help} |");
    }
    generated::hold("operations.md", "metrics", &text);
}

#[test]
fn the_page_has_every_query_of_the_presets() {
    let mut text = String::new();
    for preset in ["node", "up", "http"] {
        let file = format!("{{prometheus: {{url: 'http://localhost'}}, presets: [{preset}]}}");
        let config = config::parse(&file, &Overrides::default()).unwrap();
        let _ = write!(
            text,
            "\n`{preset}`\n\n| query | alarms | smallest deviation | expression |\n|---|---|---|---|\n"
        );
        for query in config.scoring.queries {
            let side = match query.detect.narrowing.direction {
                Direction::Above => "above",
                Direction::Below => "below",
                Direction::Both => "both",
            };
            let (expr, least) = (query.expr.replace('|', "\\|"), query.detect.narrowing.min_deviation);
            let _ = writeln!(text, "| `{}` | {side} | {least} | `{expr}` |", query.name);
        }
    }
    generated::hold("queries-and-models.md", "presets", &text);
}

#[test]
fn the_page_has_every_reason_why_nothing_is_done() {
    let mut text = String::from("| reason | meaning |\n|---|---|\n");
    for reason in Reason::ALL {
        let _ = writeln!(text, "| `{reason}` | {} |", reason.meaning().trim());
    }
    generated::hold("remediation.md", "reasons", &text);
}

#[test]
fn the_page_has_every_end_of_a_run() {
    let source = text_of("src/model/outcome.rs");
    let (_, of_runs) = source.split_once("pub enum RunOutcome {").unwrap();
    let mut text = String::from("| outcome | meaning |\n|---|---|\n");
    for outcome in RunOutcome::ALL {
        let documented = regex(&format!(r"((?:    /// .+\n)+)    {outcome:?},")).captures(of_runs).unwrap();
        let meaning =
            documented[1].lines().map(|line| line.trim().trim_start_matches("/// ")).collect::<Vec<_>>();
        let _ = writeln!(text, "| `{}` | {} |", outcome.as_str(), meaning.join(" "));
    }
    generated::hold("remediation.md", "outcomes", &text);
}

/// Recording rules of `rules/` have names of their own.
fn known_metrics() -> BTreeSet<String> {
    let rules: String = crate::files(&root().join("rules"), "yml")
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let records = regex(r"record: (\S+)");
    let recorded = records.captures_iter(&rules).map(|found| found[1].to_owned());
    let listed = METRICS.lines().filter_map(|line| line.split_once(' ')).map(|(name, _)| name.to_owned());
    recorded.chain(listed).collect()
}

#[test]
fn pages_name_only_metrics_that_exist() {
    static NAME: LazyLock<Regex> = LazyLock::new(|| regex(r"`((?:anomaly|smartcloudops)_[a-z0-9_]+)[`{]"));
    let known = known_metrics();
    for page in pages() {
        for found in NAME.captures_iter(&fs::read_to_string(&page).unwrap()) {
            let base =
                found[1].trim_end_matches("_bucket").trim_end_matches("_count").trim_end_matches("_sum");
            assert!(
                known.contains(&found[1]) || known.contains(base),
                "{}: no metric {}",
                page.display(),
                &found[1]
            );
        }
    }
}

#[test]
fn pages_name_only_routes_that_exist() {
    static PATH: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?:localhost:9494|`(?:GET |POST |DELETE )?)(/(?:-/|api/v1/|explain|status|logs|query|mcp|slack/|webhook|metrics)[a-z0-9_/.{}-]*)",
        )
    });
    let numbers = regex(r"/\d+");
    for page in pages() {
        for found in PATH.captures_iter(&fs::read_to_string(&page).unwrap()) {
            let path = numbers.replace(found[1].trim_end_matches('.'), "/{id}").into_owned();
            let is_foreign = ["/api/v1/rules", "/api/v1/targets"].contains(&path.as_str());
            let is_known = is_foreign || ROUTES.iter().any(|route| route.path == path);
            assert!(is_known, "{}: no route {path}", page.display());
        }
    }
}

#[test]
fn the_page_has_everything_that_can_be_looked_up() {
    let mut text = String::from("| look-up | arguments | what |\n|---|---|---|\n");
    for tool in Lookup::tools() {
        let arguments = tool.arguments["properties"].as_object().unwrap().keys();
        let arguments: Vec<_> = arguments.map(|name| format!("`{name}`")).collect();
        let _ = writeln!(text, "| `{}` | {} | {} |", tool.name.as_str(), arguments.join(", "), tool.sentence);
    }
    generated::hold("explain.md", "lookups", &text);
}
