//! At most one request for a group is under way; whoever asks the same meanwhile shares its answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::Digest;

/// The requests under way, by their group. Each waits for an answer within its time limit, so there are no
/// more of them than callers.
#[derive(Clone)]
pub(super) struct Gate<T>(Arc<Mutex<HashMap<String, Under<T>>>>);

/// A request under way: what it asks, and where its answer will be.
struct Under<T> {
    digest: Digest,
    answer: watch::Receiver<Option<T>>,
}

/// What a caller is to do.
pub(super) enum Entered<T> {
    /// Ask, and tell the others.
    Alone(Pass<T>),
    /// Somebody else has asked the same; this is their answer.
    Shared(T),
}

/// The right to ask for a group. Others wait until it is dropped.
pub(super) struct Pass<T> {
    gate: Gate<T>,
    group: String,
    tell: watch::Sender<Option<T>>,
}

impl<T: Clone> Gate<T> {
    /// A gate without requests.
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Waits for the others of the group. Somebody's answer to the same question is shared, be it a failure;
    /// after another question, or where whoever asked went away, the next one asks.
    pub async fn enter(&self, group: &str, digest: Digest) -> Entered<T> {
        loop {
            let (same, mut answer) = match self.pass(group, digest) {
                Ok(pass) => return Entered::Alone(pass),
                Err(under) => under,
            };
            // An error means that it ended without an answer.
            let told = answer.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone());
            if let Some(answer) = told.filter(|_| same) {
                return Entered::Shared(answer);
            }
            // A pass is told before it is dropped, and dropped before the next is given.
            drop(answer.changed().await);
        }
    }

    /// The right to ask, or whether the same is asked already, and where the answer will be.
    fn pass(&self, group: &str, digest: Digest) -> Result<Pass<T>, (bool, watch::Receiver<Option<T>>)> {
        let mut groups = self.lock();
        if let Some(under) = groups.get(group) {
            return Err((under.digest == digest, under.answer.clone()));
        }
        let (tell, answer) = watch::channel(None);
        groups.insert(group.to_owned(), Under { digest, answer });
        Ok(Pass { gate: self.clone(), group: group.to_owned(), tell })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Under<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Pass<T> {
    /// Gives the answer to those who wait for it.
    pub fn tell(self, answer: T) {
        self.tell.send_replace(Some(answer));
    }
}

impl<T> Drop for Pass<T> {
    fn drop(&mut self) {
        self.gate.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.group);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn digest(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    async fn alone(gate: &Gate<u32>, group: &str, asked: &str) -> Pass<u32> {
        match gate.enter(group, digest(asked)).await {
            Entered::Alone(pass) => pass,
            Entered::Shared(answer) => panic!("shared {answer}"),
        }
    }

    /// Somebody who enters in a task of their own, and has come as far as waiting.
    async fn follower(gate: &Gate<u32>, asked: &'static str) -> tokio::task::JoinHandle<Option<u32>> {
        let gate = gate.clone();
        let task = tokio::spawn(async move {
            match gate.enter("g", digest(asked)).await {
                Entered::Alone(_) => None,
                Entered::Shared(answer) => Some(answer),
            }
        });
        tokio::task::yield_now().await;
        assert!(!task.is_finished());
        task
    }

    #[tokio::test]
    async fn the_same_question_is_asked_once_and_its_answer_shared() {
        let gate = Gate::new();
        let pass = alone(&gate, "g", "a").await;
        let followers = [follower(&gate, "a").await, follower(&gate, "a").await];
        pass.tell(7);
        for task in followers {
            assert_eq!(task.await.unwrap(), Some(7));
        }
        drop(alone(&gate, "g", "a").await);
    }

    #[tokio::test]
    async fn another_question_waits_for_its_turn() {
        let gate = Gate::new();
        let pass = alone(&gate, "g", "a").await;
        let other = follower(&gate, "b").await;
        drop(alone(&gate, "another group", "b").await);
        pass.tell(7);
        assert_eq!(other.await.unwrap(), None);
    }

    #[tokio::test]
    async fn whoever_waits_asks_when_the_first_goes_away() {
        let gate = Gate::new();
        let pass = alone(&gate, "g", "a").await;
        let next = follower(&gate, "a").await;
        drop(pass);
        assert_eq!(next.await.unwrap(), None);
        assert!(gate.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_once_are_never_two_at_once() {
        let (gate, busy) = (Gate::new(), Arc::new(Mutex::new(())));
        let tasks = (0..50).map(|number| {
            let (gate, busy) = (gate.clone(), Arc::clone(&busy));
            tokio::spawn(async move {
                if let Entered::Alone(pass) = gate.enter("g", digest(&format!("{}", number % 3))).await {
                    let only = busy.try_lock().is_ok();
                    tokio::time::sleep(Duration::from_millis(number)).await;
                    pass.tell(number as u32);
                    assert!(only);
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert!(gate.lock().is_empty());
    }
}
