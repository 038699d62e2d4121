//! What a tag, an address or a label leads to, asked before anything is decided.

use futures::future::join_all;
use tokio::time::timeout;

use crate::decide::Found;
use crate::model::Lookup;

use super::confirm::{PATIENCE, Witnesses, no_answer};

impl Witnesses {
    /// What each of these leads to.
    pub(super) async fn look_up_all(&self, lookups: &[Lookup]) -> Found {
        let looked = lookups.iter().map(async |lookup| (lookup.clone(), self.look_up(lookup).await));
        join_all(looked).await
    }

    /// Of the past nobody remembers what it led to then: there it stands for itself.
    async fn look_up(&self, lookup: &Lookup) -> Result<String, String> {
        let Some(actor) = &self.actor else { return Ok(lookup.to_string()) };
        timeout(PATIENCE, actor.look_up(lookup)).await.unwrap_or_else(|_| Err(no_answer()))
    }
}
