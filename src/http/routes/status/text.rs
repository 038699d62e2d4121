//! The page for a person: what is wrong stands out, everything else is short.

use std::fmt::Write;

use super::models::Model;
use super::{Dependency, Queue, Status};
use crate::logs::on_one_line;
use crate::model::{Timestamp, format_duration};

/// The whole page.
pub(super) fn render(status: &Status, now: Timestamp) -> String {
    let mut page = Page::default();
    page.head(status);
    page.part("dependencies", status.dependencies.iter().map(dependency));
    page.part("queues", status.queues.iter().map(|one| queue(one, now)));
    page.part("queries and models", models(&status.models, now).into_iter());
    page.part(
        "learning held back on request",
        status.holds.iter().map(|hold| {
            let query = hold.query.as_deref().unwrap_or("all queries");
            format!("{query} until {} by {}: {}", hold.until, hold.by, hold.reason)
        }),
    );
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, status: &Status) {
        let Status { version, revision, uptime, remediation, scores, config, .. } = status;
        let ready = if status.ready { "ready" } else { "NOT READY" };
        self.line(&format!(
            "smartcloudops {version} ({revision}), up {uptime}, {ready}, {}",
            remediation.role
        ));
        let read = config.loaded_at.map_or("not read yet".to_owned(), |at| format!("in force since {at}"));
        let fault = if config.ok { "" } else { "; REFUSED when it was last read, see /logs?level=error" };
        self.line(&format!("configuration: {read}{fault}"));
        if let Some(pause) = &remediation.paused {
            self.line(&format!("remediation: PAUSED by {} at {}", pause.by, pause.at));
        }
        let firing = known(remediation.episodes_firing);
        let (runs, approvals) = (known(remediation.runs_under_way), known(remediation.approvals_pending));
        self.line(&format!("alerts: {firing} firing; {runs} runs under way, {approvals} approvals pending"));
        let history = (scores.history_read * 100.0).floor();
        self.line(&format!(
            "scores: {} series, {} anomalous, {} learning; {history} % of the history is read",
            scores.series, scores.anomalous, scores.learning
        ));
    }

    fn part(&mut self, title: &str, lines: impl Iterator<Item = String>) {
        let mut lines = lines.peekable();
        if lines.peek().is_none() {
            return;
        }
        self.0.push('\n');
        self.line(title);
        lines.for_each(|line| self.line(&format!("  {line}")));
    }

    fn line(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{}", on_one_line(text));
    }
}

fn known(count: Option<usize>) -> String {
    count.map_or("?".to_owned(), |count| count.to_string())
}

fn dependency(one: &Dependency) -> String {
    format!("{:12}  {:4}  {}", one.name, if one.up { "up" } else { "DOWN" }, one.detail)
}

fn queue(one: &Queue, now: Timestamp) -> String {
    let age = one.oldest.map(|oldest| format!(", the oldest for {}", ago(oldest, now)));
    format!("{:18}  {}{}", one.name, known(one.length), age.unwrap_or_default())
}

/// A line for each that has been evaluated, and one for all others: a preset waits until there are its metrics.
fn models(models: &[Model], now: Timestamp) -> Vec<String> {
    let line = |one: &Model| Some(model(one, one.last_evaluation?, now));
    let mut lines: Vec<String> = models.iter().filter_map(line).collect();
    let waiting = models.iter().filter(|one| one.last_evaluation.is_none());
    let waiting: Vec<&str> = waiting.map(|one| one.name.as_str()).collect();
    lines.extend((!waiting.is_empty()).then(|| format!("not evaluated yet: {}", waiting.join(", "))));
    lines
}

fn model(one: &Model, evaluated: Timestamp, now: Timestamp) -> String {
    let counts = one.series;
    let kind = one.model.as_deref().unwrap_or("-");
    let mut line = format!("{:32}  {kind:16}  {} series", one.name, counts.series);
    let others = [(counts.anomalous, "ANOMALOUS"), (counts.learning, "learning"), (counts.absent, "absent")];
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        line.push_str(&format!(", {count} {what}"));
    }
    format!("{line}; evaluated {} ago", ago(evaluated, now))
}

/// In whole seconds.
fn ago(at: Timestamp, now: Timestamp) -> String {
    format_duration(std::time::Duration::from_secs(now.since(at).as_secs()))
}

#[cfg(test)]
mod tests {
    use super::super::models::{Counts, Scores};
    use super::super::{Configuration, Remediation};
    use super::*;
    use crate::journal::{JournalStatus, Pause};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn dependency(name: &'static str, up: bool, detail: &str) -> Dependency {
        Dependency { name, up, detail: detail.to_owned() }
    }

    fn status() -> Status {
        let model = |name: &str, series: Counts, last: Option<i64>| Model {
            name: name.to_owned(),
            model: (series.series > 0).then(|| "auto".into()),
            series,
            last_evaluation: last.map(at),
            age_seconds: None,
        };
        let idle = |name: &str, last| model(name, Counts::default(), last);
        let busy = Counts { series: 12, learning: 3, anomalous: 1, absent: 0 };
        let scores =
            Scores { series: 12, anomalous: 1, learning: 3, newest: Some(at(95)), history_read: 0.999 };
        Status {
            version: "0.1.0",
            revision: "abc",
            started_at: at(0),
            uptime: "1m40s".to_owned(),
            ready: true,
            config: Configuration { ok: true, loaded_at: Some(at(1)) },
            dependencies: vec![
                dependency("prometheus", true, "2.42.0"),
                dependency("alertmanager", false, "no\u{1b}[2J answer\n"),
            ],
            prometheus: None,
            alertmanager: None,
            journal: JournalStatus {
                place: String::new(),
                leads: true,
                size_bytes: 0,
                queue_length: 0,
                deliveries_unapplied: 0,
                oldest_unapplied: None,
                schema_version: 1,
                trouble: None,
            },
            queues: vec![
                Queue {
                    name: "webhook_deliveries",
                    length: Some(2),
                    oldest: Some(at(30)),
                    age_seconds: Some(70),
                },
                Queue { name: "approvals", length: None, oldest: None, age_seconds: None },
            ],
            scores,
            models: vec![
                model("cpu", busy, Some(60)),
                idle("gone", Some(95)),
                idle("idle", None),
                idle("node_load", None),
            ],
            holds: Vec::new(),
            remediation: Remediation {
                role: "leading",
                paused: None,
                episodes_firing: Some(4),
                runs_under_way: Some(0),
                approvals_pending: None,
            },
        }
    }

    #[test]
    fn the_page_can_be_read_at_a_glance() {
        let expected = "\
smartcloudops 0.1.0 (abc), up 1m40s, ready, leading
configuration: in force since 1970-01-01T00:00:01Z
alerts: 4 firing; 0 runs under way, ? approvals pending
scores: 12 series, 1 anomalous, 3 learning; 99 % of the history is read

dependencies
  prometheus    up    2.42.0
  alertmanager  DOWN  no [2J answer\u{20}

queues
  webhook_deliveries  2, the oldest for 1m10s
  approvals           ?

queries and models
  cpu                               auto              12 series, 1 ANOMALOUS, 3 learning; evaluated 40s ago
  gone                              -                 0 series; evaluated 5s ago
  not evaluated yet: idle, node_load
";
        assert_eq!(render(&status(), at(100)), expected);
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_said() {
        let mut status = status();
        status.ready = false;
        status.config.ok = false;
        status.remediation.paused = Some(Pause { by: "ann".to_owned(), at: at(7) });
        let page = render(&status, at(100));
        for part in ["NOT READY", "REFUSED when it was last read", "PAUSED by ann at 1970-01-01T00:00:07Z"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}
