//! Which entries are one message, within its bounds. Pure: the same entries are always the same message.

use std::collections::HashMap;
use std::time::Duration;

use super::config::{Receiver, Topic};
use crate::journal::{Entry, News};
use crate::metrics::notify::Lane;
use crate::model::{Alert, ApprovalId, Episode, Fingerprint, RunId, Timestamp, matches_all};

/// Entries of one message at most.
const MAX_ENTRIES: usize = 10_000;
/// Bytes of its alerts' texts, as long as one fits: what waits for a receiver is in the journal, not in memory.
const MAX_BYTES: usize = 4 << 20;
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
    /// How many entries are told; an alert that flaps has several.
    pub count: usize,
    /// Alerts that began, each once.
    pub firing: Told,
    /// Alerts that ended, each once.
    pub resolved: Told,
    /// Requests for approval.
    pub approvals: Vec<ApprovalId>,
    /// Runs that have ended.
    pub runs: Vec<RunId>,
    /// The episodes about which something is asked or was done.
    pub concerned: Vec<Episode>,
    /// How many entries are too old to be told.
    pub expired: u64,
    bytes: usize,
}

impl Batch {
    /// Nothing yet of what comes after an entry.
    pub fn after(seq: i64) -> Self {
        Self { upto: seq, ..Self::default() }
    }

    /// Takes an entry, unless it has to be another message's.
    pub fn add(&mut self, entry: Entry, receiver: &Receiver, lane: Lane, now: Timestamp) -> bool {
        let wanted = is_wanted(&entry, receiver, lane);
        let tells = wanted && entry.at + MAX_AGE >= now;
        if tells && self.is_full(&entry) {
            return false;
        }
        self.upto = entry.seq;
        if tells {
            self.tell(entry);
        } else {
            self.expired += u64::from(wanted);
        }
        true
    }

    fn is_full(&self, entry: &Entry) -> bool {
        let bytes = self.bytes + size(entry);
        let is_out_of_room = self.count >= MAX_ENTRIES || self.count > 0 && bytes > MAX_BYTES;
        match entry.news {
            News::Approval(_) => is_out_of_room || self.approvals.len() >= MAX_APPROVALS,
            News::Remediation(_) => is_out_of_room || self.runs.len() >= MAX_RUNS,
            _ => is_out_of_room,
        }
    }

    fn tell(&mut self, entry: Entry) {
        self.first.get_or_insert((entry.seq, entry.at));
        self.count += 1;
        self.bytes += size(&entry);
        match (entry.news, entry.episode) {
            (News::Firing, Some(episode)) => self.firing.add(episode),
            // One that fires again is not over.
            (News::Resolved, Some(episode)) if !episode.is_firing() => self.resolved.add(episode),
            (News::Approval(id), episode) => {
                self.approvals.push(id);
                self.concerned.extend(episode);
            }
            (News::Remediation(id), episode) => {
                self.runs.push(id);
                self.concerned.extend(episode);
            }
            _ => {}
        }
    }

    /// Whether more of the same may come soon, and nobody waits for it.
    pub fn can_wait(&self) -> bool {
        self.first.is_some() && self.approvals.is_empty() && self.runs.is_empty()
    }
}

/// About how many bytes an entry keeps.
fn size(entry: &Entry) -> usize {
    let pairs = |alert: &Alert| {
        let pairs = alert.labels.iter().chain(alert.annotations.iter());
        pairs.map(|(name, value)| name.len() + value.len()).sum::<usize>() + alert.generator_url.len()
    };
    entry.episode.as_ref().map_or(0, |episode| pairs(&episode.alert))
}

/// Episodes in the order in which their alerts came first, each alert once, with its latest episode.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told(pub Vec<Episode>, HashMap<Fingerprint, usize>);

impl Told {
    fn add(&mut self, episode: Episode) {
        let place = *self.1.entry(episode.id.fingerprint).or_insert(self.0.len());
        match self.0.get_mut(place) {
            Some(known) => *known = episode,
            None => self.0.push(episode),
        }
    }
}

fn is_wanted(entry: &Entry, receiver: &Receiver, lane: Lane) -> bool {
    let topic = match entry.news {
        News::Firing => Topic::Firing,
        News::Resolved => Topic::Resolved,
        News::Approval(_) => Topic::Approval,
        News::Remediation(_) => Topic::Remediation,
        News::Other => return false,
    };
    if topic.lane() != lane {
        return false;
    }
    let of_wanted = match &entry.episode {
        Some(episode) => matches_all(&receiver.matchers, &episode.alert.labels),
        // Nobody can say any more whether the alert is wanted; an alert itself would have nothing to tell.
        None => receiver.matchers.is_empty() && !matches!(topic, Topic::Firing | Topic::Resolved),
    };
    receiver.topics.contains(&topic) && of_wanted
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
        Episode {
            id,
            alert: alert.into(),
            first_seen: at(0),
            last_seen: at(0),
            deliveries: 1,
            end_presumed: false,
        }
    }

    fn entry(seq: i64, news: News, name: &str) -> Entry {
        let mut episode = episode(name);
        if news == News::Resolved {
            Arc::make_mut(&mut episode.alert).status = AlertStatus::Resolved;
        }
        Entry { seq, at: at(0), news, episode: Some(episode) }
    }

    fn receiver(change: impl FnOnce(&mut Receiver)) -> Receiver {
        let mut receiver = Receiver::new("ops", Address::Secret(SecretSource::Environment("URL".to_owned())));
        change(&mut receiver);
        receiver
    }

    fn batch(entries: Vec<Entry>, receiver: &Receiver, lane: Lane, now: Timestamp) -> Batch {
        let mut batch = Batch::after(0);
        for entry in entries {
            if !batch.add(entry, receiver, lane, now) {
                break;
            }
        }
        batch
    }

    /// What is told, in short: alerts that began and ended, requests, runs, and the last entry.
    fn told(
        entries: Vec<Entry>,
        receiver: &Receiver,
        lane: Lane,
        now: Timestamp,
    ) -> (usize, usize, usize, usize, i64) {
        let batch = batch(entries, receiver, lane, now);
        let (firing, resolved) = (batch.firing.0.len(), batch.resolved.0.len());
        (firing, resolved, batch.approvals.len(), batch.runs.len(), batch.upto)
    }

    #[test]
    fn what_is_wanted_becomes_one_message_and_requests_one_of_their_own() {
        use Lane::{Grouped, Urgent};
        let of =
            |news: &[News]| (1..).zip(news).map(|(seq, news)| entry(seq, *news, "a")).collect::<Vec<_>>();
        let all =
            of(&[News::Firing, News::Resolved, News::Approval(ApprovalId(1)), News::Remediation(RunId(1))]);
        let only = |topic: Topic| receiver(|receiver| receiver.topics = vec![topic]);
        let of_b = receiver(|receiver| receiver.matchers = vec!["alertname=b".parse().unwrap()]);
        let everything = receiver(|_| ());
        let approvals: Vec<Entry> =
            (1..=8).map(|id| entry(id, News::Approval(ApprovalId(id)), "a")).collect();
        let runs: Vec<Entry> = (1..=12).map(|id| entry(id, News::Remediation(RunId(id)), "a")).collect();
        let others = of(&[News::Other, News::Other]);
        let gone = vec![Entry { episode: None, ..entry(1, News::Firing, "a") }];
        let flapping = of(&[News::Firing, News::Resolved, News::Firing, News::Resolved]);
        let mut again = of(&[News::Firing, News::Resolved, News::Firing]);
        again[1].episode = again[2].episode.clone();
        for (entries, receiver, lane, now, expected, sentence) in [
            (again, &everything, Grouped, 0, (1, 0, 0, 0, 3), "an alert that fires again is not over"),
            (all.clone(), &everything, Grouped, 0, (1, 1, 0, 1, 4), "everything but the request"),
            (all.clone(), &everything, Urgent, 0, (0, 0, 1, 0, 4), "the request alone"),
            (all.clone(), &only(Topic::Approval), Urgent, 0, (0, 0, 1, 0, 4), "requests are wanted"),
            (all.clone(), &only(Topic::Approval), Grouped, 0, (0, 0, 0, 0, 4), "and nothing else"),
            (all.clone(), &only(Topic::Firing), Urgent, 0, (0, 0, 0, 0, 4), "requests are not wanted"),
            (all.clone(), &of_b, Grouped, 0, (0, 0, 0, 0, 4), "alerts of another name"),
            (flapping, &everything, Grouped, 0, (1, 1, 0, 0, 4), "an alert that flaps is told once"),
            (approvals, &everything, Urgent, 0, (0, 0, 5, 0, 5), "further requests are the next message"),
            (runs, &everything, Grouped, 0, (0, 0, 0, 10, 10), "so are further runs"),
            (all, &everything, Grouped, 86_401, (0, 0, 0, 0, 4), "what is too old"),
            (others, &everything, Grouped, 0, (0, 0, 0, 0, 2), "what this version does not know"),
            (gone, &everything, Grouped, 0, (0, 0, 0, 0, 1), "an alert that was dropped"),
            (Vec::new(), &everything, Grouped, 0, (0, 0, 0, 0, 0), "nothing"),
        ] {
            assert_eq!(told(entries, receiver, lane, at(now)), expected, "{sentence}");
        }
    }

    #[test]
    fn a_message_is_bounded_in_entries_and_in_bytes() {
        let alert = |seq: i64, bytes: usize| {
            let mut entry = entry(seq, News::Firing, &format!("a{seq}"));
            if let Some(episode) = &mut entry.episode {
                Arc::make_mut(&mut episode.alert).annotations =
                    [("text", "x".repeat(bytes).as_str())].into_iter().collect();
            }
            entry
        };
        let of = |count: i64, bytes: usize| (1..=count).map(|seq| alert(seq, bytes)).collect::<Vec<_>>();
        let resolved = receiver(|receiver| receiver.topics = vec![Topic::Resolved]);
        for (entries, receiver, upto, sentence) in [
            (of(10_001, 1), &receiver(|_| ()), 10_000, "so many entries"),
            (of(20, 1 << 20), &receiver(|_| ()), 3, "so many bytes, names included"),
            (of(2, MAX_BYTES * 2), &receiver(|_| ()), 1, "one that is too large goes alone"),
            (of(20, 1 << 20), &resolved, 20, "what is not told takes no room"),
        ] {
            assert_eq!(batch(entries, receiver, Lane::Grouped, at(0)).upto, upto, "{sentence}");
        }
    }

    #[test]
    fn only_alerts_that_begin_and_end_can_wait() {
        for (news, lane, expected) in [
            (News::Firing, Lane::Grouped, true),
            (News::Resolved, Lane::Grouped, true),
            (News::Remediation(RunId(1)), Lane::Grouped, false),
            (News::Approval(ApprovalId(1)), Lane::Urgent, false),
            (News::Other, Lane::Grouped, false),
        ] {
            let batch = batch(vec![entry(1, news, "a")], &receiver(|_| ()), lane, at(0));
            assert_eq!(batch.can_wait(), expected, "{news:?}");
        }
    }

    #[test]
    fn an_alert_is_told_with_its_latest_episode() {
        let mut later = entry(3, News::Firing, "a");
        if let Some(episode) = &mut later.episode {
            episode.id.started = at(5);
        }
        let entries = vec![entry(1, News::Firing, "a"), entry(2, News::Firing, "b"), later];
        let batch = batch(entries, &receiver(|_| ()), Lane::Grouped, at(0));
        let started: Vec<_> =
            batch.firing.0.iter().map(|episode| (episode.alert.name(), episode.id.started)).collect();
        assert_eq!(started, [("a", at(5)), ("b", at(0))]);
        assert_eq!((batch.first, batch.count), (Some((1, at(0))), 3));
    }
}
