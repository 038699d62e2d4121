//! YAML and flags → a checked [`Config`], made of each stage's own `Config`. Every fault is
//! reported at once, with its line, its key path and what to do. Nothing is parsed again later.
//! It refuses unknown keys and secrets that stand in the file, and expands no environment variables.

mod actions;
mod addresses;
mod aws;
mod chat;
mod dependencies;
mod document;
mod explain;
mod fault;
mod holds;
mod holidays;
mod item;
mod limits;
mod maintenance;
mod models;
mod names;
mod notify;
mod openai;
mod policies;
mod positions;
mod postgres;
mod presets;
mod remediation;
mod scoring;
mod secrets;
mod section;
mod servers;
mod slack;
mod snapshots;
mod source;
mod suggestion;
#[cfg(test)]
mod tests;
mod values;
mod web;

use std::path::Path;

use crate::{act, alertmanager, decide, http, journal, llm, loki, prometheus};

use document::{Node, Value};
use item::{Item, Reading};
use section::Section;

pub use fault::{Fault, Faults, Place};
pub use source::{Overrides, Source};
pub use suggestion::nearest;

/// Everything the daemon needs to know, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Prometheus that is read.
    pub prometheus: prometheus::Config,
    /// The Alertmanager that is asked before acting.
    pub alertmanager: Option<alertmanager::Config>,
    /// The Loki that is asked for logs.
    pub loki: Option<loki::Config>,
    /// What is scored.
    pub scoring: crate::scoring::Config,
    /// Where queries without a snapshot begin.
    pub snapshots: crate::snapshots::Config,
    /// What may be done about alerts.
    pub remediation: decide::Config,
    /// What actions need besides.
    pub act: act::Config,
    /// The language model that explains, if there is one.
    pub llm: Option<llm::Config>,
    /// The durable record.
    pub journal: journal::Config,
    /// What explanations look at besides.
    pub explain: crate::explain::Config,
    /// Who is told what happened.
    pub notify: crate::notify::Config,
    /// How Slack is believed; `None`: it is not served.
    pub slack: Option<crate::slack::Config>,
    /// Limits of questions and answers (`POST /query`, Slack, MCP).
    pub chat: crate::chat::Config,
    /// The server.
    pub http: http::Config,
}

/// Reads a configuration. Relative paths in it start from the folder of its file.
pub fn load(source: Source) -> Result<Config, Faults> {
    let (name, folder) = (source.name(), source.folder());
    read(source.text(), folder, &source.overrides).map_err(|faults| Faults::new(name, faults))
}

/// Reads a text. Relative paths in it stay as they are.
pub fn parse(text: &str, overrides: &Overrides) -> Result<Config, Faults> {
    read(Some(text), Path::new(""), overrides).map_err(|faults| Faults::new(None, faults))
}

fn read(text: Option<&str>, folder: &Path, overrides: &Overrides) -> Result<Config, Vec<Fault>> {
    let (document, place) = match text {
        Some(text) => (document::parse(text).map_err(|fault| vec![fault])?, Place::Line(1)),
        None => (Node { line: 1, value: Value::Map(Vec::new()) }, Place::File),
    };
    let reading = Reading::new(folder);
    let root = Item::root(&reading, &document, place);
    let config = root.section(|section| assemble(section, &reading, overrides)).flatten();
    match (config, reading.into_faults()) {
        (Some(config), faults) if faults.is_empty() => Ok(config),
        (_, faults) => Err(faults),
    }
}

fn assemble(root: &mut Section, reading: &Reading, overrides: &Overrides) -> Option<Config> {
    let url = overrides.prometheus_url.as_deref();
    let url = url.map(|url| reading.flag("--prometheus.url", url, addresses::parse_base_url));
    let listen_address =
        reading.flag("--web.listen-address", &overrides.listen_address, addresses::listen_address);
    let prometheus = root.child_or_empty("prometheus", |section| servers::prometheus(section, url));
    let alertmanager = root.child("alertmanager", servers::alertmanager).flatten();
    let loki = root.child_or_empty("logs", servers::logs);
    let (scoring, zone) = scoring::read(root);
    let kubernetes = root.child("kubernetes", actions::kubernetes::section).unwrap_or_default();
    reading.allow(&kubernetes.namespaces);
    let can_ask_alertmanager = root.has("alertmanager");
    let remediation =
        root.child_or_empty("remediation", |section| remediation::read(section, can_ask_alertmanager));
    let act = act::Config {
        aws: root.child_or_empty("aws", aws::aws),
        kubernetes,
        systemd: root.child_or_empty("systemd", actions::systemd::section),
        docker: root.child_or_empty("docker", actions::docker::section),
    };
    let region = act.aws.region.clone();
    let snapshots = root.child_or_empty("snapshots", |section| snapshots::snapshots(section, region.clone()));
    let journal =
        root.child_or_empty("storage", |section| web::journal(section, &overrides.storage_path, region));
    let (mut explain, llm) = root.child_or_empty("explain", |section| {
        (explain::section(section), section.child("openai", openai::openai).flatten())
    });
    explain.queries = scoring.queries.iter().map(|query| (query.name.clone(), query.expr.clone())).collect();
    let (notify, slack) = (notify::notify(root), root.child("slack", slack::slack).flatten());
    let chat = root.child_or_empty("chat", |section| chat::section(section, zone));
    let web = root.child_or_empty("web", web::web);
    let web_config_file = overrides.web_config_file.clone();
    let http = http::Config { listen_address: listen_address?, web_config_file, ..web };
    Some(Config {
        prometheus: prometheus?,
        alertmanager,
        loki,
        scoring,
        snapshots,
        remediation,
        act,
        llm,
        journal,
        explain,
        notify,
        slack,
        chat,
        http,
    })
}
