//! The names that are known now: of series that are scored, of alerts, of targets.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;
use serde_json::json;

use super::names::{Kind, Names};
use crate::exporter::Exporter;
use crate::lookup::{Lookup, Lookups};
use crate::model::Timestamp;

/// A label with its value, as findings write them.
static LABEL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\b([A-Za-z_][A-Za-z0-9_]*)="([^"\\]*)""#).expect("it is valid"));

/// Gathers the names, for so long at most. What cannot be looked up is left out: a question is then about a name that is
/// not known.
pub(super) async fn names(lookups: &Lookups, exporter: &Exporter, now: Timestamp, limit: Duration) -> Names {
    let until = tokio::time::Instant::now() + limit;
    let mut names = Names::default();
    for scored in exporter.snapshot().series() {
        names.add(Kind::Query, &scored.query);
        scored.labels.iter().for_each(|(label, value)| names.add_label(label, value));
    }
    for (name, arguments) in
        [("alerts", json!({"include_resolved": true, "limit": 200})), ("targets", json!({"limit": 200}))]
    {
        let Ok(lookup) = Lookup::parse(name, &arguments, now) else { continue };
        let found = tokio::time::timeout_at(until, lookups.run(&lookup, now)).await;
        let Ok(Ok(found)) = found else { continue };
        for line in &found.lines {
            let (first, _) = line.split_once(' ').unwrap_or((line, ""));
            if name == "alerts" {
                names.add(Kind::Alert, first);
            }
            LABEL.captures_iter(line).for_each(|label| names.add_label(&label[1], &label[2]));
        }
    }
    names
}
