//! Deliveries from the journal to episodes, and from there to the core; what the upstreams list becomes a delivery.

use super::reconcile::Listing;
use super::worker::{Finished, Remediation, clock};
use crate::journal::JournalError;
use crate::model::{DeliveryId, EpisodeChange, Timestamp};

/// Deliveries read from the journal in one go.
pub(super) const DELIVERIES_PER_TURN: u32 = 64;

impl Remediation {
    /// Takes deliveries that were written since the last turn, in order. What is more waits for the next
    /// turn: however many come, the stop switch, reports and timers are heard in between.
    pub(super) async fn apply_deliveries(&mut self) {
        match self.apply_some().await {
            Ok(more) => {
                self.journal_answers();
                if more {
                    self.inbox.delivered.notify_one();
                }
            }
            Err(error) => self.journal_failed(&error),
        }
    }

    /// The journal takes the changes before the core sees them; what it does not take is offered again.
    /// Whether there may be more.
    async fn apply_some(&mut self) -> Result<bool, JournalError> {
        if self.pending.is_none() {
            self.pending = self.read_deliveries().await?;
        }
        let Some((changes, up_to, truncated)) = &self.pending else {
            return Ok(false);
        };
        let now = clock();
        self.surroundings.journal.apply(changes.clone(), *up_to, now).await?;
        self.applied = *up_to;
        if *truncated {
            self.reconciler.hurry();
        }
        let changes = self.pending.take().map(|(changes, ..)| changes).unwrap_or_default();
        for change in &changes {
            self.surroundings.webhook_metrics.change(change);
            if let EpisodeChange::Collision(fingerprint) = change {
                tracing::warn!(%fingerprint, "an alert has the fingerprint of another one and is set aside");
            }
            self.engine.handle_change(change, now);
        }
        Ok(true)
    }

    async fn read_deliveries(
        &mut self,
    ) -> Result<Option<(Vec<EpisodeChange>, DeliveryId, bool)>, JournalError> {
        let deliveries =
            self.surroundings.journal.deliveries_after(self.applied, DELIVERIES_PER_TURN).await?;
        let truncated = deliveries.iter().any(|(_, delivery)| delivery.truncated > 0);
        let Some(up_to) = deliveries.last().map(|(id, _)| *id) else {
            return Ok(None);
        };
        let mut changes = Vec::new();
        for (_, delivery) in &deliveries {
            let applied = delivery
                .alerts
                .iter()
                .map(|alert| self.episodes.apply(alert, delivery.source, delivery.received_at));
            changes.extend(applied);
        }
        Ok(Some((changes, up_to, truncated)))
    }

    pub(super) fn ask_for_lists(&mut self) {
        let now = clock();
        if let Some(question) = self.reconciler.question(&self.episodes, now) {
            self.episodes.forget(now);
            self.tasks.spawn(async move { Finished::Listed(question.await) });
        }
    }

    pub(super) async fn compare(&mut self, listing: Listing, now: Timestamp) {
        let Some(delivery) = self.reconciler.compare(listing, &self.episodes, now) else {
            return;
        };
        if let Err(error) = self.surroundings.journal.record_delivery(delivery).await {
            tracing::warn!(%error, "the reconciliation could not be written, the next one tries again");
        }
    }
}
