//! Which entries are one message. Pure: the same entries are always the same message.

use std::collections::HashMap;
use std::time::Duration;

use super::config::{Receiver, Topic};
use crate::journal::{Entry, News};
use crate::model::{ApprovalId, Episode, Fingerprint, RunId, Timestamp, matches_all};

/// Requests for approval of one message at most: each has buttons.
const MAX_APPROVALS: usize = 5;
/// Runs of one message at most.
const MAX_RUNS: usize = 10;
/// What happened longer ago is no news.
pub(super) const MAX_AGE: Duration = Duration::from_secs(86_400);

/// The entries of one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Batch {
    /// The last entry that it covers; those that are not told are covered, too.
    pub upto: i64,
    /// The number and the time of the first entry that is told; `None`: none is.
    pub first: Option<(i64, Timestamp)>,
    /// Alerts that began, each once.
    pub firing: Vec<Episode>,
    /// Alerts that ended, each once.
    pub resolved: Vec<Episode>,
    /// Requests for approval.
    pub approvals: Vec<ApprovalId>,
    /// Runs that have ended.
    pub runs: Vec<RunId>,
    /// The episodes about which something is asked or was done.
    pub concerned: Vec<Episode>,
    /// How many entries are too old to be told.
    pub expired: u64,
}

impl Batch {
    /// The entries as far as they fit into one message.
    pub fn of(entries: Vec<Entry>, receiver: &Receiver, now: Timestamp) -> Self {
        let mut batch = Self::default();
        let (mut firing, mut resolved) = (Told::default(), Told::default());
        for entry in entries {
            let full = match entry.news {
                News::Approval(_) => batch.approvals.len() >= MAX_APPROVALS,
                News::Remediation(_) => batch.runs.len() >= MAX_RUNS,
                _ => false,
            };
            let wanted = is_wanted(&entry, receiver);
            if wanted && full {
                break;
            }
            batch.upto = entry.seq;
            if !wanted {
                continue;
            }
            if entry.at + MAX_AGE < now {
                batch.expired += 1;
                continue;
            }
            batch.first.get_or_insert((entry.seq, entry.at));
            match (entry.news, entry.episode) {
                (News::Firing, Some(episode)) => firing.add(episode),
                // One that fires again is not over.
                (News::Resolved, Some(episode)) if !episode.is_firing() => resolved.add(episode),
                (News::Approval(id), episode) => {
                    batch.approvals.push(id);
                    batch.concerned.extend(episode);
                }
                (News::Remediation(id), episode) => {
                    batch.runs.push(id);
                    batch.concerned.extend(episode);
                }
                _ => {}
            }
        }
        Self { firing: firing.0, resolved: resolved.0, ..batch }
    }

    /// Whether more of the same may come soon, and nobody waits for an answer to it.
    pub fn can_wait(&self) -> bool {
        self.approvals.is_empty() && self.runs.is_empty()
    }
}

/// Episodes in the order in which their alerts came first, each alert once, with its latest episode.
#[derive(Default)]
struct Told(Vec<Episode>, HashMap<Fingerprint, usize>);

impl Told {
    fn add(&mut self, episode: Episode) {
        let place = *self.1.entry(episode.id.fingerprint).or_insert(self.0.len());
        match self.0.get_mut(place) {
            Some(known) => *known = episode,
            None => self.0.push(episode),
        }
    }
}

fn is_wanted(entry: &Entry, receiver: &Receiver) -> bool {
    let topic = match entry.news {
        News::Firing => Topic::Firing,
        News::Resolved => Topic::Resolved,
        News::Approval(_) => Topic::Approval,
        News::Remediation(_) => Topic::Remediation,
        News::Other => return false,
    };
    let of_wanted = match &entry.episode {
        Some(episode) => matches_all(&receiver.matchers, &episode.alert.labels),
        // Nobody can say any more whether the alert is wanted; an alert itself would have nothing to tell.
        None => receiver.matchers.is_empty() && !matches!(topic, Topic::Firing | Topic::Resolved),
    };
    receiver.topics.contains(&topic) && of_wanted
}

#[cfg(test)]
mod tests {
    use super::super::config::Address;
    use super::*;
    use crate::model::{Alert, AlertStatus, EpisodeId, Labels, SecretSource};

    const NOW: i64 = 1_790_000_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(NOW + seconds * 1000)
    }

    fn episode(name: &str) -> Episode {
        let labels: Labels = [("alertname", name)].into_iter().collect();
        let alert = Alert {
            status: AlertStatus::Firing,
            labels,
            annotations: Labels::default(),
            starts_at: at(0),
            ends_at: None,
            generator_url: String::new(),
        };
        let id = EpisodeId { fingerprint: alert.fingerprint(), started: at(0) };
        Episode { id, alert, first_seen: at(0), last_seen: at(0), deliveries: 1, end_presumed: false }
    }

    fn entry(seq: i64, news: News, name: &str) -> Entry {
        let mut episode = episode(name);
        if news == News::Resolved {
            episode.alert.status = AlertStatus::Resolved;
        }
        Entry { seq, at: at(0), news, episode: Some(episode) }
    }

    fn receiver(change: impl FnOnce(&mut Receiver)) -> Receiver {
        let mut receiver = Receiver::new("ops", Address::Secret(SecretSource::Environment("URL".to_owned())));
        change(&mut receiver);
        receiver
    }

    /// What is told, in short: alerts that began and ended, requests, runs, and the last entry.
    fn told(entries: Vec<Entry>, receiver: &Receiver, now: Timestamp) -> (usize, usize, usize, usize, i64) {
        let batch = Batch::of(entries, receiver, now);
        (batch.firing.len(), batch.resolved.len(), batch.approvals.len(), batch.runs.len(), batch.upto)
    }

    #[test]
    fn what_is_wanted_becomes_one_message() {
        let of =
            |news: &[News]| (1..).zip(news).map(|(seq, news)| entry(seq, *news, "a")).collect::<Vec<_>>();
        let all =
            of(&[News::Firing, News::Resolved, News::Approval(ApprovalId(1)), News::Remediation(RunId(1))]);
        let only = |topic: Topic| receiver(|receiver| receiver.topics = vec![topic]);
        let of_b = receiver(|receiver| receiver.matchers = vec!["alertname=b".parse().unwrap()]);
        let everything = receiver(|_| ());
        let approvals: Vec<Entry> =
            (1..=8).map(|id| entry(id, News::Approval(ApprovalId(id)), "a")).collect();
        let others = of(&[News::Other, News::Other]);
        let gone = vec![Entry { episode: None, ..entry(1, News::Firing, "a") }];
        let flapping = of(&[News::Firing, News::Resolved, News::Firing, News::Resolved]);
        let mut again = of(&[News::Firing, News::Resolved, News::Firing]);
        again[1].episode = again[2].episode.clone();
        for (entries, receiver, now, expected, sentence) in [
            (again, &everything, 0, (1, 0, 0, 0, 3), "an alert that fires again is not over"),
            (all.clone(), &everything, 0, (1, 1, 1, 1, 4), "everything"),
            (all.clone(), &only(Topic::Approval), 0, (0, 0, 1, 0, 4), "requests alone"),
            (all.clone(), &of_b, 0, (0, 0, 0, 0, 4), "alerts of another name"),
            (flapping, &everything, 0, (1, 1, 0, 0, 4), "an alert that flaps is told once"),
            (approvals, &everything, 0, (0, 0, 5, 0, 5), "the rest is the next message"),
            (all, &everything, 86_401, (0, 0, 0, 0, 4), "what is too old"),
            (others, &everything, 0, (0, 0, 0, 0, 2), "what this version does not know"),
            (gone, &everything, 0, (0, 0, 0, 0, 1), "an alert that was dropped"),
            (Vec::new(), &everything, 0, (0, 0, 0, 0, 0), "nothing"),
        ] {
            assert_eq!(told(entries, receiver, at(now)), expected, "{sentence}");
        }
    }

    #[test]
    fn an_alert_is_told_with_its_latest_episode() {
        let mut later = entry(2, News::Firing, "a");
        if let Some(episode) = &mut later.episode {
            episode.id.started = at(5);
        }
        let entries = vec![entry(1, News::Firing, "a"), entry(2, News::Firing, "b"), later];
        let batch = Batch::of(entries, &receiver(|_| ()), at(0));
        let started: Vec<_> =
            batch.firing.iter().map(|episode| (episode.alert.name(), episode.id.started)).collect();
        assert_eq!(started, [("a", at(5)), ("b", at(0))]);
        assert_eq!(batch.first, Some((1, at(0))));
    }
}
