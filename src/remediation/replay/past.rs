//! Past alerts, from the series `ALERTS` that Prometheus keeps of those that fired.

use std::time::Duration;

use crate::model::{Alert, AlertStatus, Episode, EpisodeId, Labels, Series, Timestamp};

/// What tells an alert's series from its labels.
const NOT_OF_THE_ALERT: [&str; 2] = ["__name__", "alertstate"];

/// An alert from its first firing to its end, if that lies in the range.
#[derive(Clone, Debug, PartialEq)]
pub struct PastAlert {
    /// As it fired.
    pub episode: Episode,
    /// The first step at which it did not fire any more.
    pub end: Option<Timestamp>,
}

/// The alerts of a range that was read at every `step`, the first to fire first. A series that leaves out a step was
/// resolved in between.
pub fn past_alerts(series: &[Series], step: Duration, range_end: Timestamp) -> Vec<PastAlert> {
    let mut alerts: Vec<PastAlert> = series.iter().flat_map(|one| of_series(one, step, range_end)).collect();
    alerts.sort_by_key(|alert| alert.episode.id);
    alerts.sort_by_key(|alert| alert.episode.id.started);
    alerts
}

fn of_series(series: &Series, step: Duration, range_end: Timestamp) -> Vec<PastAlert> {
    let labels = series.labels.without(&NOT_OF_THE_ALERT);
    let mut alerts: Vec<PastAlert> = Vec::new();
    for sample in &series.samples {
        match alerts.last_mut() {
            Some(last) if last.episode.last_seen + step >= sample.at => last.episode.last_seen = sample.at,
            _ => alerts.push(PastAlert { episode: episode(&labels, sample.at), end: None }),
        }
    }
    for alert in &mut alerts {
        let end = alert.episode.last_seen + step;
        alert.end = (end <= range_end).then_some(end);
    }
    alerts
}

fn episode(labels: &Labels, at: Timestamp) -> Episode {
    let alert = Alert {
        status: AlertStatus::Firing,
        labels: labels.clone(),
        annotations: Labels::default(),
        starts_at: at,
        ends_at: None,
        generator_url: String::new(),
    };
    let id = EpisodeId { fingerprint: labels.fingerprint(), started: at };
    Episode { id, alert: alert.into(), first_seen: at, last_seen: at, deliveries: 1, end_presumed: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sample;

    #[test]
    fn a_step_without_a_sample_ends_an_alert() {
        let at = |minute: i64| Timestamp::from_millis(minute * 60_000);
        let series = |instance: &str, minutes: &[i64]| Series {
            labels: [
                ("__name__", "ALERTS"),
                ("alertstate", "firing"),
                ("alertname", "Down"),
                ("instance", instance),
            ]
            .into_iter()
            .collect(),
            samples: minutes.iter().map(|minute| Sample { at: at(*minute), value: 1.0 }).collect(),
        };
        let found = past_alerts(
            &[series("b", &[1, 2, 3, 6, 7]), series("a", &[5, 9, 10])],
            Duration::from_secs(60),
            at(10),
        );
        let told: Vec<(&str, i64, Option<i64>)> = found
            .iter()
            .map(|alert| {
                let minute = |at: Timestamp| at.as_millis() / 60_000;
                let labels = &alert.episode.alert.labels;
                (labels.get("instance").unwrap(), minute(alert.episode.id.started), alert.end.map(minute))
            })
            .collect();
        assert_eq!(told, [("b", 1, Some(4)), ("a", 5, Some(6)), ("b", 6, Some(8)), ("a", 9, None)]);
        assert_eq!(found[0].episode.alert.labels.get("alertstate"), None);
    }
}
