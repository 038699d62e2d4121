//! Storms: so many alerts at once that the cause is shared. What began in one is not acted on for as long as
//! it lasts, whatever is reloaded or started anew meanwhile.

use std::collections::BTreeMap;

use crate::model::{Episode, EpisodeId, Rate, Timestamp};

use super::super::guards::Window;
use super::Engine;

/// Alert names watched for storms at once; beyond that only the total counts.
const MAX_WINDOWS: usize = 10_000;

impl Engine {
    pub(super) fn count_for_storm(&mut self, episode: &Episode) {
        self.count_at(episode, self.now);
    }

    fn count_at(&mut self, episode: &Episode, at: Timestamp) {
        self.storm_total.add(at);
        let name = name(episode);
        if let Some(window) = self.storm_by_name.get_mut(name) {
            return window.add(at);
        }
        if self.storm_by_name.len() >= MAX_WINDOWS {
            let now = self.now;
            self.storm_by_name.retain(|_, window| !window.is_idle(now));
        }
        if self.storm_by_name.len() < MAX_WINDOWS {
            let mut window = Window::new(self.config.storm.per_alert);
            window.add(at);
            self.storm_by_name.insert(name.to_owned(), window);
        }
    }

    pub(super) fn in_storm_for(&self, id: EpisodeId) -> bool {
        let open = self.open.get(id);
        let name = open.map_or("", |open| name(&open.episode));
        open.is_some_and(|open| open.held_by_storm)
            || self.in_storm()
            || self.storm_by_name.get(name).is_some_and(|window| window.exceeded(self.now))
    }

    /// Counts what began before the start as it was counted then.
    pub(super) fn recall_storms(&mut self, episodes: &[Episode]) {
        let mut by_time: Vec<&Episode> = episodes.iter().collect();
        by_time.sort_by_key(|episode| (episode.first_seen, episode.id));
        let rates = &self.config.storm;
        let mut stormy = crowded(&by_time, rates.total);
        let mut by_name: BTreeMap<&str, Vec<&Episode>> = BTreeMap::new();
        for episode in &by_time {
            by_name.entry(name(episode)).or_default().push(episode);
        }
        stormy.extend(by_name.values().flat_map(|episodes| crowded(episodes, rates.per_alert)));
        for id in stormy {
            self.open.note_storm(id);
        }
        let recent = self.now - rates.total.per().max(rates.per_alert.per());
        for episode in by_time.into_iter().filter(|episode| episode.first_seen > recent) {
            self.count_at(episode, episode.first_seen);
        }
    }
}

fn name(episode: &Episode) -> &str {
    episode.alert.labels.get("alertname").unwrap_or_default()
}

/// Those of these episodes, ordered by their beginnings, that began among more than the rate allows.
fn crowded(episodes: &[&Episode], rate: Rate) -> Vec<EpisodeId> {
    let most = rate.count() as usize;
    let (mut crowded, mut told) = (Vec::new(), 0);
    for last in most..episodes.len() {
        let first = last - most;
        if episodes[first].first_seen + rate.per() > episodes[last].first_seen {
            crowded.extend(episodes[first.max(told)..=last].iter().map(|episode| episode.id));
            told = last + 1;
        }
    }
    crowded
}
