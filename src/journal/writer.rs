//! The one writer: takes everything that waits, commits it as one transaction, then answers.
//!
//! One sync of the disk serves the whole batch, so throughput grows with the number of callers while
//! each still hears only of what is durable. It never gives up: after a failed transaction everyone in
//! the batch hears of it, and the next write connects anew.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

use super::backend::{Stored, Writes};
use super::lock::Lock;
use super::state::{Shared, State};
use super::write::Write;

/// Writes in one transaction at most.
const BATCH: usize = 512;

/// Runs until every handle is gone or one of them asked for the end; what waits then is still written.
pub(super) async fn run<W: Writes>(
    mut store: W,
    mut queue: mpsc::Receiver<Write>,
    shared: Arc<Shared>,
    lock: Option<Lock>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut closers = Vec::new();
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        shared.metrics.taken(batch.len());
        closers.extend(batch.extract_if(.., |write| matches!(write, Write::Shutdown(_))));
        if !closers.is_empty() {
            queue.close();
        }
        if !batch.is_empty() {
            commit(&mut store, &mut batch, &shared).await;
        }
    }
    store.abandon().await;
    drop(lock);
    for closer in closers {
        closer.finish(&Ok(()));
    }
}

async fn commit<W: Writes>(store: &mut W, batch: &mut Vec<Write>, shared: &Shared) {
    let started = Instant::now();
    let outcome = match transact(store, batch, shared).await {
        Ok(state) => {
            shared.metrics.committed(started.elapsed(), batch.len());
            shared.publish(state);
            Ok(())
        }
        Err(error) => {
            tracing::error!(error = %error, writes = batch.len(), "the journal could not be written");
            let reason: Arc<str> = error.to_string().into();
            shared.fail(reason.clone());
            store.abandon().await;
            Err(reason)
        }
    };
    for write in batch.drain(..) {
        write.finish(&outcome);
    }
}

/// One transaction with everything in the batch; its result is the state after it.
async fn transact<W: Writes>(store: &mut W, batch: &mut Vec<Write>, shared: &Shared) -> Stored<State> {
    let mut draft = shared.state.borrow().clone();
    store.begin(&mut draft).await?;
    if !store.leads() {
        let refused = Err(Arc::from("another replica leads"));
        batch.extract_if(.., |write| write.is_the_leaders()).for_each(|write| write.finish(&refused));
    }
    for write in batch {
        write.perform(store, &mut draft).await?;
    }
    store.commit().await?;
    draft.size_bytes = store.size_bytes();
    draft.leads = store.leads();
    draft.trouble = None;
    Ok(draft)
}
