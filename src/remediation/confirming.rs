//! Questions to the world that wait for their turn. Each of them is many queries: asked all at once they would starve
//! each other, and the same ones would come too late every time.

use std::collections::{HashMap, VecDeque};

use tokio::task;

use super::worker::{Finished, Remediation, clock};
use crate::decide::{Question, Report};
use crate::model::RunKey;

/// Questions under way at once; the client of Prometheus has as many places.
pub(super) const AT_ONCE: usize = 4;

/// A question and its number, which the answer comes with.
type Numbered = (u64, Box<Question>);

/// What is asked, the oldest first; at most one question for a run waits.
#[derive(Debug, Default)]
pub(super) struct Confirming {
    order: VecDeque<RunKey>,
    waiting: HashMap<RunKey, Numbered>,
    under_way: HashMap<task::Id, u64>,
}

impl Confirming {
    /// A question that is asked again keeps its place.
    fn ask(&mut self, key: RunKey, number: u64, question: Box<Question>) {
        if self.waiting.insert(key.clone(), (number, question)).is_none() {
            self.order.push_back(key);
        }
    }

    /// The one that waits longest, if there is a place for it.
    fn next(&mut self) -> Option<(RunKey, Numbered)> {
        if self.under_way.len() >= AT_ONCE {
            return None;
        }
        let key = self.order.pop_front()?;
        let numbered = self.waiting.remove(&key)?;
        Some((key, numbered))
    }

    fn begun(&mut self, task: task::Id, number: u64) {
        self.under_way.insert(task, number);
    }

    /// The answer is there.
    pub(super) fn answered(&mut self, number: u64) {
        self.under_way.retain(|_, other| *other != number);
    }

    /// A task ended without an answer.
    pub(super) fn lost(&mut self, task: task::Id) {
        self.under_way.remove(&task);
    }

    /// Nothing more is asked.
    pub(super) fn stop(&mut self) {
        self.order.clear();
        self.waiting.clear();
    }
}

impl Remediation {
    pub(super) fn confirm(&mut self, key: RunKey, number: u64, question: Box<Question>) {
        self.confirming.ask(key, number, question);
        self.ask_the_world();
    }

    /// Asks for as long as there are places.
    pub(super) fn ask_the_world(&mut self) {
        while let Some((key, (number, question))) = self.confirming.next() {
            let witnesses = self.witnesses.clone();
            let task = self.tasks.spawn(async move {
                let confirmation = Box::new(witnesses.confirm(&question, clock()).await);
                Finished::Report(Report::Confirmed { key, number, confirmation })
            });
            self.confirming.begun(task.id(), number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EpisodeId, Fingerprint, Timestamp};

    fn key(number: u64) -> RunKey {
        let episode = EpisodeId { fingerprint: Fingerprint(number), started: Timestamp::default() };
        RunKey { policy: "a".into(), target: "t".into(), episode }
    }

    #[tokio::test]
    async fn the_oldest_goes_first_and_one_that_is_asked_again_keeps_its_place() {
        let mut tasks = task::JoinSet::new();
        let mut confirming = Confirming::default();
        for (number, run) in [(1, 9), (2, 5), (3, 7), (4, 1), (5, 2), (6, 3), (7, 2), (8, 9)] {
            confirming.ask(key(run), number, Box::default());
        }
        let mut begun = Vec::new();
        let mut ids = HashMap::new();
        while let Some((_, (number, _))) = confirming.next() {
            let task = tasks.spawn(async {}).id();
            confirming.begun(task, number);
            ids.insert(number, task);
            begun.push(number);
        }
        assert_eq!(begun, [8, 2, 3, 4], "no more than there are places, the newest question of each");
        confirming.answered(99);
        assert!(confirming.next().is_none(), "an answer to nothing frees no place");
        confirming.answered(2);
        assert_eq!(confirming.next().map(|(run, (number, _))| (run, number)), Some((key(2), 7)));
        confirming.lost(ids[&8]);
        assert_eq!(confirming.next().map(|(_, (number, _))| number), Some(6));
        confirming.ask(key(4), 10, Box::default());
        confirming.stop();
        assert!(confirming.next().is_none());
    }
}
