//! Whether an alert still fires, as Alertmanager and Prometheus say.

use crate::alertmanager::{self, AlertState};
use crate::decide::Presence;
use crate::model::{Alert, Labels, Matcher};
use crate::prometheus;

/// Of names and encoded values in one question's address.
const FILTER_BYTES: usize = 4 << 10;

/// Alertmanager's word: active, and neither silenced nor inhibited.
pub(super) async fn in_alertmanager(client: Option<&alertmanager::Client>, alert: &Alert) -> Presence {
    let Some(client) = client else {
        return Presence::Unreachable("no Alertmanager is configured".to_owned());
    };
    match client.active_alerts(&filter(alert)).await {
        Ok(alerts) => {
            let own = alerts.iter().find(|known| known.alert.labels == alert.labels);
            own.map_or(Presence::Absent, presence)
        }
        Err(error) => Presence::Unreachable(error.to_string()),
    }
}

/// Prometheus's word: a firing series of the alert that names the target.
pub(super) async fn in_prometheus(client: &prometheus::Client, alert: &Alert, target: &str) -> Presence {
    let Some(name) = alert.labels.get("alertname") else {
        return Presence::Absent;
    };
    match client.alerts_firing(name).await {
        Ok(firing) if firing.iter().any(|labels| is_about(labels, alert, target)) => Presence::Firing,
        Ok(_) => Presence::Absent,
        Err(error) => Presence::Unreachable(error.to_string()),
    }
}

/// Whether a firing series of Prometheus is the alert. External labels are in Alertmanager's set and not in
/// ALERTS; that it names the target itself keeps an aggregate from standing for each of its members.
fn is_about(labels: &Labels, alert: &Alert, target: &str) -> bool {
    labels.is_subset_of(&alert.labels) && labels.iter().any(|(_, value)| value == target)
}

/// Narrows the list to the one alert, so that a large Alertmanager answers cheaply: thousands of alerts of one
/// name would each ask for thousands. A label too long for an address is left out, and so is a name that is
/// no matcher's.
fn filter(alert: &Alert) -> Vec<Matcher> {
    let matcher = |(name, value): (&str, &str)| {
        format!("{name}=\"{}\"", crate::model::escape_promql(value)).parse::<Matcher>().ok()
    };
    let mut room = FILTER_BYTES;
    let mut fits = |(name, value): &(&str, &str)| {
        let size = name.len() + 3 * value.len();
        let fits = size <= room;
        room -= if fits { size } else { 0 };
        fits
    };
    alert.labels.iter().filter(|label| fits(label)).filter_map(matcher).collect()
}

fn presence(known: &alertmanager::ActiveAlert) -> Presence {
    if !known.silenced_by.is_empty() {
        Presence::Silenced
    } else if !known.inhibited_by.is_empty() || !known.muted_by.is_empty() {
        Presence::Inhibited
    } else {
        match known.state {
            AlertState::Active => Presence::Firing,
            AlertState::Suppressed => Presence::Inhibited,
            AlertState::Unprocessed => Presence::Unreachable("it has not looked at the alert yet".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AlertStatus, Timestamp};

    fn alert(labels: &[(&str, &str)]) -> Alert {
        Alert {
            status: AlertStatus::Firing,
            labels: labels.iter().copied().collect(),
            annotations: Labels::default(),
            starts_at: Timestamp::default(),
            ends_at: None,
            generator_url: String::new(),
        }
    }

    #[test]
    fn one_alert_is_asked_for_within_an_address() {
        let long = "x".repeat(5000);
        let labels = [("alertname", "A \"b\""), ("instance", "web:80"), ("odd name", "x"), ("text", &long)];
        let asked: Vec<String> = filter(&alert(&labels)).iter().map(Matcher::to_string).collect();
        assert_eq!(asked, [r#"alertname="A \"b\"""#, r#"instance="web:80""#]);
    }

    #[test]
    fn a_firing_series_confirms_only_the_alert_that_names_its_target() {
        let alert = alert(&[("alertname", "A"), ("instance", "web:80"), ("cluster", "one")]);
        for (labels, expected, sentence) in [
            (vec![("alertname", "A"), ("instance", "web:80")], true, "all but the external label"),
            (vec![("alertname", "A"), ("instance", "web:81")], false, "another target"),
            (vec![("alertname", "A")], false, "an aggregate over all targets"),
            (
                vec![("alertname", "A"), ("instance", "web:80"), ("pod", "x")],
                false,
                "a label the alert lacks",
            ),
        ] {
            let firing: Labels = labels.into_iter().collect();
            assert_eq!(is_about(&firing, &alert, "web:80"), expected, "{sentence}");
        }
    }
}
