//! The direction of dependencies, and what a file may not contain.

use std::collections::BTreeSet;

use crate::source::Source;

/// They import only `model`: no async, no I/O, no clock, no metrics.
const PURE: [&str; 6] = ["detect", "alerts", "decide", "rank", "slack", "verify"];
/// Parts of other stages that are pure as well.
const PURE_PARTS: [[&str; 2]; 39] = [
    ["chat", "answer"],
    ["chat", "client"],
    ["chat", "computed"],
    ["chat", "config"],
    ["chat", "intent"],
    ["chat", "memory"],
    ["chat", "names"],
    ["chat", "parser"],
    ["chat", "plan"],
    ["chat", "prompt"],
    ["chat", "question"],
    ["chat", "request"],
    ["chat", "tokens"],
    ["chat", "vocabulary"],
    ["chat", "when"],
    ["chat", "words"],
    ["explain", "causes"],
    ["explain", "changes"],
    ["explain", "evidence"],
    ["explain", "expression"],
    ["explain", "graph"],
    ["explain", "measured"],
    ["explain", "measures"],
    ["explain", "narrow"],
    ["explain", "pack"],
    ["explain", "parts"],
    ["explain", "past"],
    ["explain", "prompt"],
    ["explain", "relate"],
    ["explain", "remedy"],
    ["explain", "reporters"],
    ["explain", "story"],
    ["explain", "timeline"],
    ["explain", "windows"],
    ["explain", "workload"],
    ["llm", "redact"],
    ["llm", "claims"],
    ["llm", "limits"],
    ["llm", "schema"],
];
/// They are driven by a loop and never name it.
const DRIVEN: [&str; 12] = [
    "act",
    "alertmanager",
    "exporter",
    "http_client",
    "journal",
    "log",
    "logs",
    "loki",
    "metrics",
    "notify",
    "prometheus",
    "snapshots",
];
const LOOPS: [&str; 2] = ["scoring", "remediation"];
/// Who reads the configuration file's module.
const READ_CONFIG: [&str; 3] = ["app", "cli", "config"];

/// Who may ask what time it is: the two loops once a turn, and the wiring. Ages on `/metrics` are taken
/// when the page is asked for, a server may give the end of a wait as a date, what a language model has cost counts
/// over restarts, a record of the log has its time, and so has a message to others.
const WALL_CLOCK: [&str; 10] =
    ["app", "cli", "http", "http_client", "llm", "log", "metrics", "notify", "remediation", "scoring"];
/// They read what the rest leaves behind, and cannot act.
const ONLY_READ: [&str; 7] = ["explain", "chat", "llm", "logs", "lookup", "mcp", "notify"];
/// Who may measure how long something takes, for a deadline or a histogram: the edges that do I/O.
const STOPWATCH: [&str; 16] = [
    "act",
    "alertmanager",
    "app",
    "chat",
    "cli",
    "explain",
    "http",
    "http_client",
    "journal",
    "llm",
    "lookup",
    "notify",
    "prometheus",
    "remediation",
    "scoring",
    "snapshots",
];

const IO_CRATES: [&str; 11] = [
    "async_openai",
    "axum",
    "futures",
    "hyper",
    "object_store",
    "prometheus_client",
    "reqwest",
    "rustix",
    "sqlx",
    "tokio",
    "tracing",
];
const IO_IN_STD: [&str; 5] = ["env", "fs", "net", "process", "thread"];
/// What changes Alertmanager's state: `act` alone calls it, with a permit.
const TELLS_ALERTMANAGER: [&str; 2] = ["post_alert", "create_silence"];
/// `model` may read secrets, so that no stage keeps one in its settings.
const READS_SECRETS: [&str; 2] = ["model", "secret"];

/// Everything that is wrong with a file. `configured` names the stages that have a `Config`.
pub fn faults(source: &Source, configured: &BTreeSet<String>) -> Vec<String> {
    let mut faults: Vec<String> = Vec::new();
    for path in &source.ours {
        if let Some(rule) = import_fault(&source.module, path, configured) {
            faults.push(format!("names crate::{}: {rule}", path.join("::")));
        }
    }
    faults.extend(clock_faults(source));
    faults.extend(telling_faults(source));
    if is_pure(&source.module) || is_in(&source.module, &["model"]) {
        faults.extend(impurities(source));
    }
    faults.extend(unfinished(source));
    faults.sort();
    faults.dedup();
    faults
}

fn import_fault(from: &[String], to: &[String], configured: &BTreeSet<String>) -> Option<&'static str> {
    let (stage, target) = (from.first()?.as_str(), to.first()?.as_str());
    if target == "config" && !READ_CONFIG.contains(&stage) {
        return Some("only main, cli and app import config");
    }
    // The stage alone is the reach of `pub(super)`.
    let is_its_own = stage == target && (to.len() == 1 || is_pure_part(to));
    // An explanation asks the ranking, which is pure itself.
    let ranks = stage == "explain" && target == "rank";
    if is_pure_part(from) && target != "model" && !is_its_own && !ranks {
        return Some("pure parts of a stage import only model and each other, those of explain rank as well");
    }
    if stage == target {
        return None;
    }
    match stage {
        "model" => Some("model imports nothing of ours"),
        "files" if target != "model" => Some("files imports only model"),
        _ if PURE.contains(&stage) && target != "model" => Some("pure stages import only model"),
        "act" if !act_may_name(to) => {
            Some("act imports model, metrics, files, http_client, alertmanager, and from journal only Permit")
        }
        "llm" if !["model", "metrics", "files", "http_client"].contains(&target) => {
            Some("llm imports model, metrics, files and http_client")
        }
        _ if ONLY_READ.contains(&stage) && ["act", "decide", "remediation"].contains(&target) => {
            Some("what explains and finds cannot act: it never imports act, decide or remediation")
        }
        "config"
            if !["model", "files", "object_storage"].contains(&target) && !configured.contains(target) =>
        {
            Some("config imports model, files, object_storage and the stages that have a Config")
        }
        _ if DRIVEN.contains(&stage) && LOOPS.contains(&target) => {
            Some("a loop drives the stages; they do not know it")
        }
        _ => None,
    }
}

fn act_may_name(path: &[String]) -> bool {
    match path[0].as_str() {
        "model" | "metrics" | "files" | "http_client" | "alertmanager" => true,
        "journal" => path.get(1).is_some_and(|item| item == "Permit"),
        _ => false,
    }
}

fn clock_faults(source: &Source) -> Vec<String> {
    let stage = source.module.first().map_or("main", String::as_str);
    let reads = source.others.iter().chain(&source.ours).filter_map(|path| match path.as_slice() {
        [.., clock, now] if now == "now" => Some(clock.as_str()),
        _ => None,
    });
    reads
        .filter(|clock| match *clock {
            "Instant" => !STOPWATCH.contains(&stage),
            _ => !WALL_CLOCK.contains(&stage),
        })
        .map(|clock| format!("reads {clock}::now: only the loops and named edges read a clock"))
        .collect()
}

fn telling_faults(source: &Source) -> Vec<String> {
    if ["act", "alertmanager"].contains(&source.module.first().map_or("main", String::as_str)) {
        return Vec::new();
    }
    let tells = source.methods.iter().filter(|name| TELLS_ALERTMANAGER.contains(&name.as_str()));
    tells
        .map(|name| format!("calls {name}(): only an action with a permit tells Alertmanager anything"))
        .collect()
}

fn impurities(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    if source.is_async {
        faults.push("is async: pure stages wait for nothing".to_owned());
    }
    for path in &source.others {
        let (first, second) = (path[0].as_str(), path.get(1).map_or("", String::as_str));
        let reads = first == "std" && IO_IN_STD.contains(&second) && !is_in(&source.module, &READS_SECRETS);
        if reads || (path.len() > 1 && IO_CRATES.contains(&first)) {
            faults.push(format!("names {}: pure stages do no I/O and keep no metrics", path.join("::")));
        }
    }
    faults
}

fn unfinished(source: &Source) -> Vec<String> {
    let sleeps = source.others.iter().any(|path| path.ends_with(&["thread".to_owned(), "sleep".to_owned()]));
    let macros =
        source.macros.iter().filter(|name| ["dbg", "todo", "unimplemented"].contains(&name.as_str()));
    let unwraps = source.methods.iter().filter(|name| name.as_str() == "unwrap");
    macros
        .map(|name| format!("calls {name}!: it is not finished"))
        .chain(unwraps.map(|_| "calls unwrap(): return an error, or expect what holds".to_owned()))
        .chain(sleeps.then(|| "calls thread::sleep: it blocks a worker; sleep on tokio's time".to_owned()))
        .collect()
}

fn is_in(module: &[String], prefix: &[&str]) -> bool {
    module.len() >= prefix.len() && prefix.iter().zip(module).all(|(want, have)| want == have)
}

fn is_pure_part(module: &[String]) -> bool {
    PURE_PARTS.iter().any(|part| is_in(module, part))
}

fn is_pure(module: &[String]) -> bool {
    PURE.iter().any(|name| is_in(module, &[name])) || is_pure_part(module)
}
