//! Whether help lasts: an alert of the same policy and target that begins again soon after its run has helped shows that
//! it did not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{EpisodeId, Run, RunId, RunKey, RunOutcome, Timestamp};

use super::super::policy;
use super::Engine;
use super::message::Command;

/// So many times as long as its effect may take, help must last.
const LASTS: u32 = 3;
/// For so long after that news of an alert that began in time may come.
const NEWS: Duration = Duration::from_secs(900);

/// The last run that helped, by policy and target.
pub(super) type Lasting = BTreeMap<(Arc<str>, Arc<str>), Help>;

/// A run that helped.
#[derive(Clone, Debug)]
pub(super) struct Help {
    run: RunId,
    key: RunKey,
    /// When it was proved.
    since: Timestamp,
    /// What begins later is another incident.
    until: Timestamp,
}

impl Help {
    /// Whether news of its end may still come.
    pub(super) fn is_watched(&self, now: Timestamp) -> bool {
        now < self.until + NEWS
    }

    /// The clock was set: an alert's own times are those of a clock that was right all along.
    pub(super) fn move_times(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        self.since = moved(self.since);
        self.until = moved(self.until);
    }
}

impl Engine {
    /// A run has helped; from now on that must last for three times its proof's `within`.
    pub(super) fn watch_help(&mut self, run: RunId, key: &RunKey, within: Duration, since: Timestamp) {
        let place = (key.policy.clone(), key.target.clone());
        let help = Help { run, key: key.clone(), since, until: since + within * LASTS };
        // Of two at once, which a clock that was set back may look like, the later run counts.
        if self.lasting.get(&place).is_none_or(|known| known.run < run) {
            self.lasting.insert(place, help);
        }
    }

    /// What has helped before this process began.
    pub(super) fn recall_help(&mut self, runs: &[Run]) {
        for run in runs {
            let (Some((ended, RunOutcome::Helped)), None) = (run.ended, run.relapsed) else { continue };
            let step = run.steps.len().saturating_sub(1);
            let proof = run.plan.steps.get(step).and_then(|step| step.verify.as_ref());
            self.watch_help(run.id, &run.plan.key, proof.map_or(Duration::ZERO, |proof| proof.within), ended);
        }
        let now = self.now;
        self.lasting.retain(|_, help| help.is_watched(now));
    }

    /// An alert matches these policies: whatever helped its target just before did not for long.
    pub(super) fn note_relapses(&mut self, id: EpisodeId, policies: &[Arc<str>]) {
        if self.lasting.is_empty() {
            return;
        }
        let Some(alert) = self.open.get(id).map(|open| open.episode.alert.clone()) else { return };
        let config = self.config.clone();
        for name in policies {
            let Some(policy) = self.policy(&config, name) else { continue };
            let Ok(target) = policy::target(&config, &policy.target, &alert) else { continue };
            let place = (policy.name.clone(), target.into());
            let is_over = |help: &Help| (help.since..=help.until).contains(&alert.starts_at);
            if self.lasting.get(&place).is_some_and(|help| help.key.episode != id && is_over(help)) {
                self.relapse(&place, id);
            }
        }
    }

    fn relapse(&mut self, place: &(Arc<str>, Arc<str>), episode: EpisodeId) {
        let Some(Help { run, key, .. }) = self.lasting.remove(place) else { return };
        let policy = key.policy.clone();
        self.commands.push_back(Command::Relapse { run, policy, episode });
        self.count_outcome(&key, RunOutcome::DidNotLast);
    }
}
