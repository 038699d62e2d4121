//! The alert itself as the proof of an effect: PromQL that returns something once its rule does not return it any
//! more.

use std::time::Duration;

use crate::model::{Alert, Labels, Verification, escape_promql};

/// How long an effect may take where nothing is said.
pub const WITHIN: Duration = Duration::from_secs(120);
/// Labels that tell the alert from others of its name, at most.
const MAX_LABELS: usize = 32;
/// Bytes of a value; a longer one tells nothing more.
const MAX_VALUE: usize = 256;

/// Proves that the alert is gone at the end of `within`, not before: one that pauses, as while its target starts, is
/// not gone. `None` for an alert without a name.
pub fn of_alert(alert: &Alert, within: Duration) -> Option<Verification> {
    Some(Verification { expr: gone(&alert.labels)?, within, at_the_end: true, lasts: Duration::ZERO })
}

/// `ALERTS` holds what alerting rules returned when they were evaluated last, be it pending or firing. A target that
/// cannot be scraped any more, or that discovery has lost, ends alerts as well, and that is no help.
fn gone(alert: &Labels) -> Option<String> {
    let name = alert.get("alertname").filter(|name| name.len() <= MAX_VALUE)?;
    let others = alert.iter().filter(|label| tells(*label)).take(MAX_LABELS).map(or_absent);
    let matchers: Vec<String> = std::iter::once(equal("alertname", name)).chain(others).collect();
    let gone = format!("absent(ALERTS{{{}}})", matchers.join(","));
    Some(match scraped(alert) {
        Some(target) => {
            format!("{gone} unless on () (present_over_time(up{{{target}}}[1h]) unless up{{{target}}} == 1)")
        }
        None => gone,
    })
}

/// The target that the alert is about, where it may be one.
fn scraped(alert: &Labels) -> Option<String> {
    let value = |name| alert.get(name).filter(|value| (1..=MAX_VALUE).contains(&value.len()));
    let instance = equal("instance", value("instance")?);
    Some(value("job").map_or(instance.clone(), |job| format!("{instance},{}", equal("job", job))))
}

/// Names that every PromQL can write, and of series only.
fn tells((name, value): (&str, &str)) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    let own = name.starts_with("__") || ["alertname", "alertstate"].contains(&name);
    begins && name.bytes().all(plain) && !own && value.len() <= MAX_VALUE
}

fn equal(name: &str, value: &str) -> String {
    format!("{name}=\"{}\"", escape_promql(value))
}

/// External labels are the alert's and not in ALERTS.
fn or_absent((name, value): (&str, &str)) -> String {
    format!("{name}=~\"{}|\"", escape_promql(&regex::escape(value)))
}

#[cfg(test)]
mod tests {
    use super::super::samples::episode;
    use super::*;

    #[test]
    fn an_alert_is_gone_when_nothing_of_its_labels_is_in_alerts_and_its_target_is_scraped() {
        let long = "a".repeat(300);
        for (labels, expected, sentence) in [
            (vec![("instance", "web:80")], None, "an alert without a name"),
            (vec![("alertname", long.as_str())], None, "a name that is too long"),
            (vec![("alertname", "A")], Some(r#"absent(ALERTS{alertname="A"})"#), "nothing but a name"),
            (
                vec![("alertname", "A"), ("instance", "web:80"), ("job", "app")],
                Some(
                    r#"absent(ALERTS{alertname="A",instance=~"web:80|",job=~"app|"}) unless on () (present_over_time(up{instance="web:80",job="app"}[1h]) unless up{instance="web:80",job="app"} == 1)"#,
                ),
                "an alert of a target",
            ),
            (
                vec![("alertname", "A"), ("path", r#"a.b" or "1"#)],
                Some(r#"absent(ALERTS{alertname="A",path=~"a\\.b\" or \"1|"})"#),
                "a value that would be more than a value",
            ),
            (
                vec![
                    ("alertname", "A"),
                    ("a.b", "c"),
                    ("alertstate", "x"),
                    ("__x", "y"),
                    ("z", long.as_str()),
                ],
                Some(r#"absent(ALERTS{alertname="A"})"#),
                "labels that tell nothing",
            ),
        ] {
            assert_eq!(gone(&episode(&labels, 0).alert.labels).as_deref(), expected, "{sentence}");
        }
    }
}
