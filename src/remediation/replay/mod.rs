//! Today's policies over past alerts: what would have been done, when, to whom, and which guard would have
//! stopped it.
//!
//! The decision core is the daemon's, with every policy enforced and every request approved at once. What it asks of the
//! world is asked of Prometheus at that past time, but who confirms an alert is its series. Nothing is done, so what is
//! proved is what happened by itself. So nothing lasts shorter than it would have, and breakers open that actions which
//! help keep closed: a policy's runs and what its breaker held back are together the most that it would have begun. The
//! account depends on nothing but the policies and what Prometheus has.

mod account;
mod past;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use crate::decide::{
    Command, Config, ConfirmWith, Confirmation, Engine, Mode, Presence, Question, Report, Restored,
};
use crate::model::{
    ActReport, Approval, ApprovalId, ApprovalState, EpisodeChange, EpisodeId, Labels, RunId, Timestamp,
};
use crate::prometheus::{Client, QueryError};

use super::confirm::Witnesses;

pub use account::{Account, PolicyAccount, ReplayedRun, Told};
pub use past::{PastAlert, past_alerts};

/// Who approves in the past.
const APPROVER: &str = "replay";
/// What is asked of Prometheus for the past: every alert that fired.
const ALERTS: &str = r#"ALERTS{alertstate="firing"}"#;

/// The range that is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayRange {
    /// Its first time.
    pub start: Timestamp,
    /// Its last time.
    pub end: Timestamp,
    /// How far apart alerts and what waits are looked at.
    pub step: Duration,
}

/// Replays a range; `progress` hears how far it has come.
///
/// # Errors
///
/// The alerts of the range cannot be read. What cannot be read later holds back what depends on it, as it does live.
pub async fn replay(
    config: &Config,
    prometheus: Client,
    range: ReplayRange,
    progress: impl Fn(Timestamp),
) -> Result<Account, QueryError> {
    let ReplayRange { start, end, step } = range;
    let series = prometheus.query_range(ALERTS, start, end, step).await?;
    let alerts = past_alerts(&series, step, end);
    let mut replay = Replay::new(config, prometheus, range, &alerts);
    let mut changes = changes(alerts);
    while let Some(now) = replay.next(changes.first_key_value().map(|((at, _), _)| *at)) {
        progress(now);
        while let Some(entry) = changes.first_entry().filter(|entry| entry.key().0 <= now) {
            replay.change(&entry.remove(), now);
            replay.carry_out(now).await;
        }
        replay.engine.handle_timeout(now);
        replay.carry_out(now).await;
    }
    Ok(replay.account)
}

/// Beginnings and ends by their times; of one time the ends first.
fn changes(alerts: Vec<PastAlert>) -> BTreeMap<(Timestamp, usize), EpisodeChange> {
    let count = alerts.len();
    let mut changes = BTreeMap::new();
    for (place, PastAlert { episode, end }) in alerts.into_iter().enumerate() {
        if let Some(end) = end {
            let mut ended = episode.clone();
            ended.alert = episode.ended(end).into();
            changes.insert((end, place), EpisodeChange::Resolved(ended));
        }
        changes.insert((episode.id.started, count + place), EpisodeChange::Opened(episode));
    }
    changes
}

/// What replays.
struct Replay {
    engine: Engine,
    witnesses: Witnesses,
    range: ReplayRange,
    /// When the core was last given the time.
    last: Option<Timestamp>,
    /// The labels and the end of what fires.
    known: HashMap<EpisodeId, (Labels, Option<Timestamp>)>,
    account: Account,
}

impl Replay {
    fn new(config: &Config, prometheus: Client, range: ReplayRange, alerts: &[PastAlert]) -> Self {
        let known = alerts.iter().map(|alert| {
            let episode = &alert.episode;
            (episode.id, (episode.alert.labels.clone(), alert.end))
        });
        Self {
            engine: Engine::new(Arc::new(enforced(config)), Restored::default(), range.start),
            witnesses: Witnesses { prometheus, alertmanager: None, actor: None },
            range,
            last: None,
            known: known.collect(),
            account: Account::new(range, alerts.len(), config),
        }
    }

    /// The next time at which something happens; waits are looked at no more often than every step.
    fn next(&mut self, change: Option<Timestamp>) -> Option<Timestamp> {
        let timer = self.engine.poll_timeout().map(|due| match self.last {
            Some(last) => due.max(last + self.range.step),
            None => due,
        });
        let next = change.into_iter().chain(timer).min().filter(|next| *next <= self.range.end)?;
        self.last = Some(next);
        Some(next)
    }

    fn change(&mut self, change: &EpisodeChange, now: Timestamp) {
        self.engine.handle_change(change, now);
    }

    async fn carry_out(&mut self, now: Timestamp) {
        while let Some(command) = self.engine.poll_command() {
            if let Some(report) = self.execute(command, now).await {
                self.engine.handle_report(report, now);
            }
        }
    }

    async fn execute(&mut self, command: Command, now: Timestamp) -> Option<Report> {
        match command {
            Command::Record(decision) => {
                let labels = self.known.get(&decision.episode).map(|(labels, _)| labels.clone());
                self.account.record(*decision, labels.unwrap_or_default());
                None
            }
            Command::Confirm { key, number, question } => {
                let confirmation = self.confirm(*question, key.episode, now).await.into();
                Some(Report::Confirmed { key, number, confirmation })
            }
            Command::Ask(request) => {
                self.account.asked(&request.plan.key.policy);
                let key = request.plan.key.clone();
                let mut approval = Approval {
                    id: ApprovalId(self.account.asked),
                    request: *request,
                    state: ApprovalState::Pending,
                };
                self.engine.handle_report(Report::Asked { key, result: Ok(approval.clone().into()) }, now);
                approval.state = ApprovalState::Approved { by: APPROVER.to_owned(), at: now };
                self.engine.handle_answer(approval, now);
                None
            }
            Command::Begin { plan, .. } => {
                let (key, run) = (plan.key.clone(), self.account.begin(*plan, now));
                Some(Report::Begun { key, run })
            }
            Command::NextStep { run, .. } => Some(Report::StepBegun { run }),
            Command::Act { run, step } | Command::Finish { run, step } => {
                self.account.act(run, now);
                Some(Report::Acted { run, step, result: Ok(ActReport::default()) })
            }
            Command::Probe { run, step, probe } => {
                let effect = self.witnesses.probe(&probe, now).await.map(Box::new);
                Some(Report::Probed { run, step, effect })
            }
            Command::Close { run, outcome } => {
                self.account.close(run, outcome, now);
                None
            }
            Command::Conclude { .. }
            | Command::Lift { .. }
            | Command::Relapse { .. }
            | Command::Cancel { .. }
            | Command::Remember { .. } => None,
        }
    }

    /// The world at that time. How the alert's rule was, and what Alertmanager silenced, nobody remembers.
    async fn confirm(&self, question: Question, episode: EpisodeId, now: Timestamp) -> Confirmation {
        let over = self.known.get(&episode).and_then(|(_, end)| *end).is_some_and(|end| end <= now);
        let presence = if over { Presence::Absent } else { Presence::Firing };
        let believed = |witness| question.with.contains(&witness).then(|| presence.clone());
        let (alertmanager, prometheus) =
            (believed(ConfirmWith::Alertmanager), believed(ConfirmWith::Prometheus));
        let asked = Question { with: Arc::default(), alert: None, ..question };
        let world = self.witnesses.confirm(&asked, now).await;
        Confirmation { alertmanager, prometheus, ..world }
    }
}

/// Every policy enforced, from the first moment on.
fn enforced(config: &Config) -> Config {
    let mut config = config.clone();
    (config.mode, config.startup_grace) = (Mode::Enforce, Duration::ZERO);
    for policy in &mut config.policies {
        policy.mode = policy.mode.map(|mode| if mode == Mode::Ask { Mode::Ask } else { Mode::Enforce });
    }
    config
}

/// The number of a run in the account.
fn number(place: usize) -> RunId {
    RunId(place as i64 + 1)
}
