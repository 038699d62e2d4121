//! One state machine per alert: firing opens an episode, resolving ends it, everything else is a repeat or
//! stale.
//!
//! Deliveries come at least once and in any order: an HA pair sends twice, a group sends unchanged alerts
//! with every message, a retry overtakes. What decides is the alert's own times:
//!
//! - a firing alert joins the open episode whatever its start: two Prometheus replicas start it at
//!   different times;
//! - a firing alert whose start lies before the end of the last episode is late news of that episode, unless
//!   it shows that the end was none (see below);
//! - a resolved alert ends the open episode unless it ended before that one began;
//! - a resolved alert nobody saw firing changes nothing: it is no proof of anything.
//!
//! An end is not always one. A list lacks the alert while Alertmanager starts anew, and Alertmanager calls it
//! resolved while it hears nothing from Prometheus; afterwards the same alert fires with its old start. So
//! the same episode is opened again, under its old identity, by a list that holds the alert, by any message
//! if a list was all that ended it, and by a message that comes later than late news can.
//!
//! A fingerprint is short enough that whoever chooses label values finds two sets with the same one. The first to be
//! heard of keeps it for as long as it is remembered; the other is set aside, never taken for it.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{
    Alert, AlertStatus, DeliverySource, Episode, EpisodeChange, EpisodeId, Fingerprint, Labels, Timestamp,
};

/// Ended episodes are remembered for so long, to know late news of them.
const REMEMBERED: Duration = Duration::from_secs(86_400);
/// Late news is later than this only where the sender's `group_interval` is longer.
const LATE: Duration = Duration::from_secs(900);
/// Episodes known at once; the oldest ended ones make way, and without any of those new alerts are refused.
const MAX_EPISODES: usize = 100_000;

/// What is known of every alert.
#[derive(Clone, Debug, Default)]
pub struct Episodes {
    latest: HashMap<Fingerprint, Episode>,
    firing: usize,
}

impl Episodes {
    /// Takes up stored episodes; of several of one alert the latest counts.
    pub fn new(restored: Vec<Episode>) -> Self {
        let mut latest: HashMap<Fingerprint, Episode> = HashMap::with_capacity(restored.len());
        for episode in restored {
            let known = latest.get(&episode.id.fingerprint);
            if known.is_none_or(|known| known.id.started <= episode.id.started) {
                latest.insert(episode.id.fingerprint, episode);
            }
        }
        let firing = latest.values().filter(|episode| episode.is_firing()).count();
        Self { latest, firing }
    }

    /// What an alert heard from `source` at `now` changes.
    pub fn apply(&mut self, alert: &Alert, source: DeliverySource, now: Timestamp) -> EpisodeChange {
        let fingerprint = alert.fingerprint();
        let known = self.latest.get(&fingerprint);
        if known.is_some_and(|known| known.alert.labels != alert.labels) {
            return EpisodeChange::Collision(fingerprint);
        }
        match (alert.status, known) {
            (AlertStatus::Firing, Some(open)) if open.is_firing() => self.repeat(fingerprint, alert, now),
            (AlertStatus::Firing, Some(ended)) if is_old_news(alert, ended) => {
                match takes_back(ended, source, now) {
                    true => self.reopen(fingerprint, alert, now),
                    false => EpisodeChange::Stale(fingerprint),
                }
            }
            (AlertStatus::Firing, _) => self.open_new(fingerprint, alert, now),
            (AlertStatus::Resolved, Some(open)) if ends(alert, open) => {
                self.resolve(fingerprint, alert, source, now)
            }
            (AlertStatus::Resolved, _) => EpisodeChange::Stale(fingerprint),
        }
    }

    fn open_new(&mut self, fingerprint: Fingerprint, alert: &Alert, now: Timestamp) -> EpisodeChange {
        if !self.has_room(fingerprint) {
            return EpisodeChange::Stale(fingerprint);
        }
        let id = EpisodeId { fingerprint, started: alert.starts_at };
        let alert = alert.clone();
        let episode = Episode {
            id,
            alert: alert.into(),
            first_seen: now,
            last_seen: now,
            deliveries: 1,
            end_presumed: false,
        };
        self.latest.insert(fingerprint, episode.clone());
        self.firing += 1;
        EpisodeChange::Opened(episode)
    }

    fn has_room(&mut self, fingerprint: Fingerprint) -> bool {
        if self.latest.len() < MAX_EPISODES || self.latest.contains_key(&fingerprint) {
            return true;
        }
        let ended = self.latest.values().filter(|episode| !episode.is_firing());
        let oldest =
            ended.min_by_key(|episode| (episode.last_seen, episode.id)).map(|episode| episode.id.fingerprint);
        oldest.is_some_and(|oldest| self.latest.remove(&oldest).is_some())
    }

    fn repeat(&mut self, fingerprint: Fingerprint, alert: &Alert, now: Timestamp) -> EpisodeChange {
        self.update(fingerprint, now, |episode| {
            let starts_at = episode.alert.starts_at.min(alert.starts_at);
            episode.alert = Alert { starts_at, ..alert.clone() }.into();
        })
        .map_or(EpisodeChange::Stale(fingerprint), EpisodeChange::Repeated)
    }

    /// The episode goes on under its old identity: what ran for it has run.
    fn reopen(&mut self, fingerprint: Fingerprint, alert: &Alert, now: Timestamp) -> EpisodeChange {
        self.firing += 1;
        self.update(fingerprint, now, |episode| {
            let starts_at = episode.alert.starts_at.min(alert.starts_at);
            episode.alert = Alert { starts_at, ..alert.clone() }.into();
            episode.end_presumed = false;
        })
        .map_or(EpisodeChange::Stale(fingerprint), EpisodeChange::Opened)
    }

    fn resolve(
        &mut self,
        fingerprint: Fingerprint,
        alert: &Alert,
        source: DeliverySource,
        now: Timestamp,
    ) -> EpisodeChange {
        self.firing = self.firing.saturating_sub(1);
        self.update(fingerprint, now, |episode| {
            let starts_at = episode.alert.starts_at.min(alert.starts_at);
            episode.alert =
                Alert { starts_at, ends_at: Some(alert.ends_at.unwrap_or(now)), ..alert.clone() }.into();
            episode.end_presumed = source == DeliverySource::Reconciliation;
        })
        .map_or(EpisodeChange::Stale(fingerprint), EpisodeChange::Resolved)
    }

    fn update(
        &mut self,
        fingerprint: Fingerprint,
        now: Timestamp,
        change: impl FnOnce(&mut Episode),
    ) -> Option<Episode> {
        let episode = self.latest.get_mut(&fingerprint)?;
        change(episode);
        episode.last_seen = episode.last_seen.max(now);
        episode.deliveries += 1;
        Some(episode.clone())
    }

    /// Forgets episodes that ended more than a day ago.
    pub fn forget(&mut self, now: Timestamp) {
        self.latest.retain(|_, episode| episode.is_firing() || episode.last_seen + REMEMBERED >= now);
    }

    /// The open episodes, in no particular order.
    pub fn open(&self) -> impl Iterator<Item = &Episode> {
        self.latest.values().filter(|episode| episode.is_firing())
    }

    /// Whether the alert has an open episode.
    pub fn is_open(&self, fingerprint: Fingerprint) -> bool {
        self.latest.get(&fingerprint).is_some_and(Episode::is_firing)
    }

    /// How many episodes are open.
    pub fn firing(&self) -> usize {
        self.firing
    }

    /// What a complete list of active alerts, asked for at `asked`, says that no message did, as alerts to be
    /// applied: the end of open episodes that are not in it, the start of alerts in it that are not open.
    /// Whatever was heard of since then is left out: the list may be older than that. So is an alert whose fingerprint
    /// is another's.
    pub fn reconcile(&self, active: &[Alert], asked: Timestamp, now: Timestamp) -> Vec<Alert> {
        let listed: HashMap<&Labels, &Alert> = active.iter().map(|alert| (&alert.labels, alert)).collect();
        let ended = self.open().filter(|episode| !listed.contains_key(&episode.alert.labels));
        let ended = ended.filter(|episode| episode.last_seen < asked).map(|episode| episode.ended(now));
        let unknown_since = |labels: &Labels| {
            let known = self.latest.get(&labels.fingerprint());
            let is_over = |known: &Episode| !known.is_firing() && known.last_seen < asked;
            known.is_none_or(|known| known.alert.labels == *labels && is_over(known))
        };
        let begun = listed.iter().filter(|(labels, _)| unknown_since(labels));
        let begun =
            begun.map(|(_, alert)| Alert { status: AlertStatus::Firing, ends_at: None, ..(*alert).clone() });
        let mut alerts: Vec<Alert> = ended.chain(begun).collect();
        alerts.sort_by(|a, b| a.labels.cmp(&b.labels));
        alerts
    }
}

/// Late news: it started before the last episode ended.
fn is_old_news(alert: &Alert, ended: &Episode) -> bool {
    ended.alert.ends_at.is_some_and(|end| alert.starts_at <= end)
}

/// Whether the end that a firing alert contradicts was none.
fn takes_back(ended: &Episode, source: DeliverySource, now: Timestamp) -> bool {
    ended.end_presumed || source == DeliverySource::Reconciliation || now > ended.last_seen + LATE
}

/// Whether a resolved alert is about the open episode and not about one before it.
fn ends(alert: &Alert, open: &Episode) -> bool {
    open.is_firing() && alert.ends_at.is_none_or(|end| end >= open.alert.starts_at)
}

#[cfg(test)]
mod tests;
