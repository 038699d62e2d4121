//! An episode: one alert from the first firing seen to its resolution. At most one run per policy,
//! target and episode hangs on this identity.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Alert, AlertStatus, Fingerprint, Timestamp};

/// Identity of an episode: the alert's fingerprint and the start of the delivery that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EpisodeId {
    /// The alert's fingerprint.
    pub fingerprint: Fingerprint,
    /// `startsAt` of the alert that opened the episode.
    pub started: Timestamp,
}

impl fmt::Display for EpisodeId {
    /// `<fingerprint>-<milliseconds>`: safe in a path and in a log line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.fingerprint, self.started.as_millis())
    }
}

/// The state of one episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// Identity.
    pub id: EpisodeId,
    /// The alert as last heard; `alert.status` is the episode's state.
    pub alert: Arc<Alert>,
    /// When this daemon first heard of it.
    pub first_seen: Timestamp,
    /// When it last heard of it.
    pub last_seen: Timestamp,
    /// How many deliveries spoke of it.
    pub deliveries: u64,
    /// Whether its end was concluded from a list that lacks it: a firing alert takes such an end back.
    #[serde(default)]
    pub end_presumed: bool,
}

impl Episode {
    /// Whether the alert still fires, as far as is known.
    pub fn is_firing(&self) -> bool {
        self.alert.status == AlertStatus::Firing
    }

    /// Its alert as resolved at `now`, or when it began if a clock is wrong: an end is never before that.
    pub fn ended(&self, now: Timestamp) -> Alert {
        let ends_at = Some(now.max(self.alert.starts_at));
        Alert { status: AlertStatus::Resolved, ends_at, ..Alert::clone(&self.alert) }
    }
}

/// What one alert of a delivery did to the episodes.
#[derive(Clone, Debug, PartialEq)]
pub enum EpisodeChange {
    /// A new episode began.
    Opened(Episode),
    /// An open episode was heard of again, or its annotations changed.
    Repeated(Episode),
    /// An open episode ended.
    Resolved(Episode),
    /// The message is older than what is known, or resolves what never fired here: nothing changed.
    Stale(Fingerprint),
    /// The alert's labels are others than those of the episode that is known by its fingerprint: it is set aside, and
    /// nothing changed.
    Collision(Fingerprint),
}

impl EpisodeChange {
    /// The episode to store, if there is one.
    pub fn episode(&self) -> Option<&Episode> {
        match self {
            Self::Opened(episode) | Self::Repeated(episode) | Self::Resolved(episode) => Some(episode),
            Self::Stale(_) | Self::Collision(_) => None,
        }
    }
}
