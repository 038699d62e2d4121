//! Episodes and runs of tests; times in minutes.

use crate::model::{
    Action, Alert, AlertStatus, CommandAction, Episode, EpisodeId, Labels, Plan, PlannedStep, Run, RunId,
    RunKey, RunOutcome, StepRecord, Timestamp,
};

pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

/// An episode that begins then, and ends then if it has ended.
pub(super) fn episode(labels: &[(&str, &str)], begun: i64, ended: Option<i64>) -> Episode {
    let labels: Labels = labels.iter().copied().collect();
    let alert = Alert {
        status: if ended.is_some() { AlertStatus::Resolved } else { AlertStatus::Firing },
        labels,
        annotations: [("summary", "It does not answer.")].into_iter().collect(),
        starts_at: at(begun),
        ends_at: ended.map(at),
        generator_url: String::new(),
    };
    let id = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    let last_seen = at(ended.unwrap_or(begun));
    Episode { id, alert: alert.into(), first_seen: at(begun), last_seen, deliveries: 1, end_presumed: false }
}

/// A run that answers an episode a minute after its beginning and ends two minutes later.
pub(super) fn ran(episode: &Episode, policy: &str, outcome: RunOutcome) -> Run {
    let begun_at = episode.alert.starts_at + std::time::Duration::from_secs(60);
    let target = episode.alert.labels.get("instance").unwrap_or("t");
    let key = RunKey { policy: policy.into(), target: target.into(), episode: episode.id };
    let argv = vec!["/bin/restart".to_owned()];
    let action = Action::Command(CommandAction { argv, timeout: std::time::Duration::from_secs(1) });
    let steps = vec![PlannedStep { action, verify: None }];
    Run {
        id: RunId(1),
        plan: Plan { key, host: None, steps },
        begun_at,
        steps: vec![StepRecord { begun_at, ..StepRecord::default() }],
        ended: Some((begun_at + std::time::Duration::from_secs(120), outcome)),
        relapsed: None,
    }
}
