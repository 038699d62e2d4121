//! The users of the web configuration file: bcrypt, off the async threads.
//!
//! bcrypt is slow by design, so checks run at most [`CHECKS_AT_ONCE`] at a time and wait at most
//! [`PATIENCE`]; a verified password is remembered, one for each user. An unknown user costs the same check as
//! a known one, and nothing is remembered of failures, so the time tells nobody which names exist.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::access::AccessError;
use super::tokens::{Digest, DigestKey};

/// bcrypt checks that run at the same time: guessing passwords costs us one core, not the daemon.
const CHECKS_AT_ONCE: usize = 1;

/// How long a login waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// Name and password are right.
    Right,
    /// One of them is not.
    Wrong,
    /// Too many logins are waiting.
    Busy,
}

/// Names and bcrypt hashes, and what has been verified.
pub(super) struct Users {
    hashes: Vec<(String, String)>,
    key: DigestKey,
    verified: Mutex<HashMap<String, Digest>>,
    turns: Arc<Semaphore>,
}

impl Users {
    /// The users with their bcrypt hashes.
    pub(super) fn new(hashes: Vec<(String, String)>) -> Result<Self, AccessError> {
        let turns = Arc::new(Semaphore::new(CHECKS_AT_ONCE));
        Ok(Self { hashes, key: DigestKey::draw()?, verified: Mutex::default(), turns })
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Checks a password.
    pub(super) async fn login(&self, name: &str, password: &str) -> Login {
        let known = self.hashes.iter().find(|(user, _)| user == name).map(|(_, hash)| hash);
        let Some(hash) = known.or_else(|| self.decoy(name)) else { return Login::Wrong };
        let digest = self.key.digest(&[name.as_bytes(), hash.as_bytes(), password.as_bytes()]);
        if known.is_some() && self.was_verified(name, &digest) {
            return Login::Right;
        }
        match self.check(password, hash).await {
            None => Login::Busy,
            Some(true) if known.is_some() => {
                self.verified().insert(name.to_owned(), digest);
                Login::Right
            }
            Some(_) => Login::Wrong,
        }
    }

    /// The hash of some configured user, always the same for the same unknown name: as slow as a real one.
    fn decoy(&self, name: &str) -> Option<&String> {
        let spread = self.key.digest(&[name.as_bytes()]).first_byte();
        self.hashes.get(usize::from(spread) % self.hashes.len().max(1)).map(|(_, hash)| hash)
    }

    fn was_verified(&self, name: &str, digest: &Digest) -> bool {
        self.verified().get(name).is_some_and(|known| known.matches(digest).into())
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, HashMap<String, Digest>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` when no turn came in time, or the check could not run.
    async fn check(&self, password: &str, hash: &str) -> Option<bool> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await.ok()?.ok()?;
        let (password, hash) = (password.to_owned(), hash.to_owned());
        let check = tokio::task::spawn_blocking(move || {
            // The turn ends with the work, not with the caller, who may hang up before.
            let _turn = turn;
            bcrypt::verify(password, &hash).unwrap_or(false)
        });
        check.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users() -> Users {
        let hash = |password: &str| bcrypt::hash(password, 4).unwrap();
        Users::new(vec![("alice".to_owned(), hash("wonder")), ("bob".to_owned(), hash("builder"))]).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_name_with_its_own_password_gets_in() {
        let users = users();
        for (name, password, expected) in [
            ("alice", "wonder", Login::Right),
            ("alice", "wonder", Login::Right),
            ("alice", "builder", Login::Wrong),
            ("bob", "builder", Login::Right),
            ("carol", "wonder", Login::Wrong),
            ("carol", "builder", Login::Wrong),
            ("alice", "", Login::Wrong),
            ("", "", Login::Wrong),
        ] {
            assert_eq!(users.login(name, password).await, expected, "{name}:{password}");
        }
    }

    #[tokio::test]
    async fn a_verified_password_needs_no_second_check_and_failures_are_not_remembered() {
        let users = users();
        assert_eq!(users.login("alice", "wonder").await, Login::Right);
        assert_eq!(users.login("alice", "wrong").await, Login::Wrong);
        assert_eq!(users.login("nobody", "wonder").await, Login::Wrong);
        assert_eq!(users.verified().len(), 1);
        users.turns.close();
        assert_eq!(users.login("alice", "wonder").await, Login::Right, "from memory");
        assert_eq!(users.login("alice", "wrong").await, Login::Busy, "needs a check");
        assert_eq!(users.login("nobody", "wonder").await, Login::Busy, "so does an unknown name");
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_does_not_wait_for_ever() {
        let users = users();
        let _taken = users.turns.clone().acquire_owned().await.unwrap();
        assert_eq!(users.login("alice", "wonder").await, Login::Busy);
    }

    #[tokio::test]
    async fn without_users_nobody_gets_in() {
        assert_eq!(Users::new(Vec::new()).unwrap().login("alice", "x").await, Login::Wrong);
    }
}
