//! What happened in which order: beginnings of alerts and of anomalies, changes, runs. Pure.

use serde::Serialize;

use super::evidence::Evidence;
use crate::model::Timestamp;

/// Events kept: those around the first alert.
const MAX_EVENTS: usize = 30;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Event {
    /// When, as whoever tells of it says.
    pub at: Timestamp,
    /// What kind of event.
    pub kind: EventKind,
    /// In words, without the time.
    pub what: String,
}

/// Kinds of events; of one time they come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Something was changed.
    Change,
    /// A series left its band, or went missing.
    Anomaly,
    /// An alert began.
    Alert,
    /// A run began or ended.
    Run,
}

/// The events of all the evidence by their times, of too many those nearest to the first alert; and how many are left
/// out. Changes whose time is not known are no events.
pub fn timeline(evidence: &Evidence) -> (Vec<Event>, usize) {
    let mut events: Vec<Event> = alerts(evidence).chain(anomalies(evidence)).collect();
    events.extend(runs(evidence));
    events.extend(evidence.surroundings.changes.iter().filter_map(|change| {
        let what = format!("{} {}", change.labels, change.kind.words());
        Some(Event { at: change.at?, kind: EventKind::Change, what })
    }));
    events.sort();
    events.dedup();
    let first = evidence.episodes.iter().map(|episode| episode.alert.starts_at).min().unwrap_or(evidence.at);
    let left_out = events.len().saturating_sub(MAX_EVENTS);
    let distance = |event: &Event| event.at.since(first).max(first.since(event.at));
    let mut order: Vec<Event> = events;
    order.sort_by_key(distance);
    order.truncate(MAX_EVENTS);
    order.sort();
    (order, left_out)
}

fn alerts(evidence: &Evidence) -> impl Iterator<Item = Event> {
    evidence.episodes.iter().map(|episode| Event {
        at: episode.alert.starts_at,
        kind: EventKind::Alert,
        what: format!("{} begins to fire", episode.alert.labels),
    })
}

fn anomalies(evidence: &Evidence) -> impl Iterator<Item = Event> {
    evidence.scores.iter().filter_map(|scored| {
        let (at, what) = match (scored.absent_since, scored.since) {
            (Some(at), _) if scored.outage => (at, "is missing from Prometheus"),
            (_, Some(at)) => (at, "leaves its band"),
            _ => return None,
        };
        let what = format!("{} {} {what}", scored.query, scored.labels);
        Some(Event { at, kind: EventKind::Anomaly, what })
    })
}

fn runs(evidence: &Evidence) -> impl Iterator<Item = Event> {
    evidence.runs.iter().flat_map(|run| {
        let key = &run.plan.key;
        let name = format!("run {} of policy {} on {}", run.id, key.policy, key.target);
        let begun = Event { at: run.begun_at, kind: EventKind::Run, what: format!("{name} begins") };
        let ended = run.ended.map(|(at, outcome)| Event {
            at,
            kind: EventKind::Run,
            what: format!("{name} ends: {}", outcome.as_str()),
        });
        [begun].into_iter().chain(ended)
    })
}

#[cfg(test)]
mod tests {
    use super::super::changes::{Change, ChangeKind};
    use super::super::evidence::Surroundings;
    use super::super::samples::{at, episode, ran};
    use super::*;
    use crate::model::{RunOutcome, ScoredSeries};

    #[test]
    fn events_of_every_kind_come_by_their_times() {
        let down = episode(&[("alertname", "Down"), ("instance", "a:80")], 100, None);
        let mut busy = ScoredSeries::plain("busy", &[("instance", "a:80")], 3.0);
        busy.since = Some(at(98));
        let mut gone = ScoredSeries::plain("rate", &[("instance", "a:80")], 3.0);
        (gone.absent_since, gone.outage, gone.since) = (Some(at(99)), true, Some(at(97)));
        let window = (at(40), at(105));
        let change = |at| Change {
            kind: ChangeKind::Restart,
            labels: [("instance", "a:80")].into_iter().collect(),
            at,
            window,
        };
        let evidence = Evidence {
            at: at(110),
            runs: vec![ran(&down, "restart", RunOutcome::Helped)],
            episodes: vec![down],
            scores: vec![busy, gone],
            surroundings: Surroundings {
                changes: vec![change(Some(at(95))), change(None)],
                ..Surroundings::default()
            },
            ..Evidence::default()
        };
        let (events, left_out) = timeline(&evidence);
        let told: Vec<_> = events.iter().map(|event| event.what.as_str()).collect();
        assert_eq!(
            told,
            [
                r#"{instance="a:80"} was started"#,
                r#"busy {instance="a:80"} leaves its band"#,
                r#"rate {instance="a:80"} is missing from Prometheus"#,
                r#"{alertname="Down",instance="a:80"} begins to fire"#,
                "run 1 of policy restart on a:80 begins",
                "run 1 of policy restart on a:80 ends: helped",
            ]
        );
        assert_eq!(left_out, 0);
    }

    #[test]
    fn of_many_events_those_nearest_to_the_first_alert_stay() {
        let episodes = (0..100).map(|number| {
            episode(&[("alertname", "Down"), ("number", &number.to_string())], 100 + number, None)
        });
        let evidence = Evidence { at: at(300), episodes: episodes.collect(), ..Evidence::default() };
        let (events, left_out) = timeline(&evidence);
        assert_eq!((events.len(), left_out), (30, 70));
        assert_eq!((events[0].at, events[29].at), (at(100), at(129)));
    }
}
