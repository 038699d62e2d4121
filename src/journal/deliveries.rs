//! Deliveries in, and from deliveries to episodes: nothing acknowledged is lost, nothing applied twice.

use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;

use super::write::{NewDelivery, Reply, Write};
use super::{Journal, JournalError, RecordError, WAITING_BYTES};
use crate::model::{Delivery, DeliveryId, DeliverySource, EpisodeChange, Timestamp};

/// Deliveries with more alerts, and stored ones with more bytes, are (de)serialised off the runtime.
const LARGE_ALERTS: usize = 200;
const LARGE_BYTES: usize = 256 << 10;

impl Journal {
    /// Writes a delivery down. Returns once it is durable; never waits for room in the queue.
    pub async fn record_delivery(&self, delivery: Delivery) -> Result<DeliveryId, RecordError> {
        let slot = self.queue.try_reserve().map_err(|error| match error {
            TrySendError::Full(()) => RecordError::QueueFull,
            TrySendError::Closed(()) => unavailable("it is closed"),
        })?;
        let (received_at, source) = (delivery.received_at, delivery.source);
        let body = encode(delivery).await?;
        let bytes = u32::try_from(body.len().min(WAITING_BYTES)).unwrap_or(u32::MAX);
        let bytes = self.waiting_bytes.clone().try_acquire_many_owned(bytes);
        let bytes = bytes.map_err(|_| RecordError::QueueFull)?;
        let (reply, answer) = Reply::new();
        self.shared.metrics.queued();
        slot.send(Write::Delivery(NewDelivery { received_at, source, body, _bytes: bytes }, reply));
        match answer.await {
            Ok(answer) => answer.map_err(|reason| unavailable(&reason)),
            Err(_) => Err(unavailable("it is closed")),
        }
    }

    /// Deliveries above a number in their order: at most `limit`, and at most 32 MiB of them (but one).
    pub async fn deliveries_after(
        &self,
        after: DeliveryId,
        limit: u32,
    ) -> Result<Vec<(DeliveryId, Delivery)>, JournalError> {
        let stored = self.reads.deliveries_after(after, limit).await?;
        if stored.iter().map(|(_, body)| body.len()).sum::<usize>() < LARGE_BYTES {
            return Ok(decode(&stored));
        }
        let decoded = tokio::task::spawn_blocking(move || decode(&stored)).await;
        decoded.map_err(|error| JournalError::Unavailable { reason: error.to_string() })
    }

    /// The delivery up to which everything is reflected in the episodes.
    pub async fn applied_up_to(&self) -> Result<DeliveryId, JournalError> {
        Ok(self.shared.state.borrow().applied)
    }

    /// Stores what deliveries up to `up_to` did to the episodes, and that they are applied, as one.
    /// A number that is not recorded, or below what is applied, is refused.
    pub async fn apply(
        &self,
        changes: Vec<EpisodeChange>,
        up_to: DeliveryId,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let episodes = changes.iter().filter_map(|change| change.episode().cloned()).collect();
        self.store_checked(|reply| Write::Apply { episodes, up_to, now, reply }).await
    }

    /// How long applied deliveries are kept.
    pub(super) fn delivery_retention(&self) -> Duration {
        const WEEK: Duration = Duration::from_secs(7 * 86_400);
        self.retention.min(WEEK)
    }
}

async fn encode(delivery: Delivery) -> Result<String, RecordError> {
    if delivery.alerts.len() <= LARGE_ALERTS {
        return serde_json::to_string(&delivery).map_err(|error| unavailable(&error.to_string()));
    }
    match tokio::task::spawn_blocking(move || serde_json::to_string(&delivery)).await {
        Ok(encoded) => encoded.map_err(|error| unavailable(&error.to_string())),
        Err(error) => Err(unavailable(&error.to_string())),
    }
}

/// One that cannot be read holds up nobody else: it stands for a message of which the sender left something out, so
/// that the servers are asked for their lists.
fn decode(stored: &[(DeliveryId, String)]) -> Vec<(DeliveryId, Delivery)> {
    let decode_one = |(id, body): &(DeliveryId, String)| match serde_json::from_str(body) {
        Ok(delivery) => (*id, delivery),
        Err(error) => {
            tracing::error!(%error, delivery = id.0, "a delivery in the journal cannot be read and is left out");
            let (received_at, source) = (Timestamp::default(), DeliverySource::Webhook);
            (*id, Delivery { received_at, source, alerts: Vec::new(), quarantined: Vec::new(), truncated: 1 })
        }
    };
    stored.iter().map(decode_one).collect()
}

fn unavailable(reason: &str) -> RecordError {
    RecordError::Unavailable { reason: reason.to_owned() }
}
