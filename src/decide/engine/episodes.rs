//! Episodes that begin, go on and end.

use crate::model::{EpisodeChange, EpisodeId, Reason, Timestamp};

use super::super::guards::Held;
use super::{Engine, Subject};

impl Engine {
    /// An episode began, was heard of again, or ended.
    pub fn handle_change(&mut self, change: &EpisodeChange, now: Timestamp) {
        self.advance(now);
        match change {
            EpisodeChange::Opened(episode) => {
                self.open.add(episode.clone());
                // One that is opened again is no new alert.
                if episode.deliveries <= 1 {
                    self.count_for_storm(episode);
                }
                self.consider(episode.id);
            }
            EpisodeChange::Repeated(episode) => {
                if let Some(open) = self.open.get_mut(episode.id) {
                    open.hear_again(episode);
                }
            }
            EpisodeChange::Resolved(episode) => self.end_episode(episode.id),
            EpisodeChange::Stale(_) | EpisodeChange::Collision(_) => {}
        }
    }

    fn end_episode(&mut self, id: EpisodeId) {
        let ended = self.open.remove(id);
        self.done.keep_first(|episode| episode != id);
        for policy in ended {
            self.hold(Subject::episode(id, Some(&policy)), Held::new(Reason::Resolved, ""), None, Vec::new());
        }
        self.cancel_all_of(id);
        self.lift_of_episode(id);
        self.denied.retain(|(episode, _), _| *episode != id);
        self.requested.retain(|(episode, _), _| *episode != id);
        self.end_shadows(id);
    }
}
