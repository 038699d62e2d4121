//! Plans that a person asks for: whatever the policy's mode, every guard is asked and somebody approves them.

use crate::model::{Class, Episode, Fingerprint, RunKey, Timestamp, is_reserved};

use super::super::config::{Config, Policy};
use super::super::policy::{class, plan};
use super::Engine;
use super::open::Open;

/// Why nothing can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No such alert fires: look at the list.
    #[error("no alert with this fingerprint fires")]
    NotFiring,
    /// The policy is not there, or is for other alerts: look at its matchers.
    #[error("there is no policy of this name that matches the alert")]
    NoPolicy,
    /// It has run or begins to: look at its runs.
    #[error("the policy has run for this alert already")]
    AlreadyRun,
    /// Somebody else than who asks must approve it, and nobody knows who that is: ask with a name.
    #[error(
        "somebody else than who asks must approve this, and nobody knows who asks: use a token, a user or a certificate"
    )]
    Nameless,
}

impl Engine {
    /// A person asks for what a policy would do about an alert. What its mode holds back is then asked for in that
    /// person's name; what no mode holds back stays held back.
    pub fn handle_request(
        &mut self,
        alert: Fingerprint,
        policy: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<(), RequestError> {
        self.advance(now);
        let id = self.open.ids().find(|id| id.fingerprint == alert);
        let open = id.and_then(|id| self.open.get_mut(id)).ok_or(RequestError::NotFiring)?;
        let Open { episode, told, .. } = open;
        let (id, config) = (episode.id, self.config.clone());
        let named = self.finder.matching(&config, &episode.alert).find(|one| *one.name == *policy);
        let Some(policy @ Policy { name, .. }) = named else {
            return Err(RequestError::NoPolicy);
        };
        if is_reserved(by) && is_destructive(&config, policy, episode) {
            return Err(RequestError::Nameless);
        }
        let begun = |key: &RunKey| key.episode == id && key.policy == *name;
        if self.done.keys().any(begun) || self.beginning.keys().any(begun) {
            return Err(RequestError::AlreadyRun);
        }
        let place = (id, name.clone());
        self.denied.remove(&place);
        told.forget(name);
        self.requested.insert(place, by.to_owned());
        self.look_anew_at(id, name);
        Ok(())
    }
}

/// Whether somebody else than who asks would have to approve it. What cannot be planned is held back with its own reason.
fn is_destructive(config: &Config, policy: &Policy, episode: &Episode) -> bool {
    plan(config, policy, episode).is_ok_and(|plan| class(policy, &plan) == Class::Destructive)
}
