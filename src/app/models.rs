//! Trained models for the queries that have no stored state yet. A daemon without them reads the history itself, so
//! nothing that goes wrong here keeps it from starting.

use std::path::Path;
use std::time::Duration;

use crate::config::Config;
use crate::metrics::scoring::ScoringMetrics;
use crate::scoring;
use crate::snapshots::models::{ModelError, ModelStore, take_up};

/// How long the daemon waits for its models.
const PATIENCE: Duration = Duration::from_secs(120);

/// Puts models in the place of missing snapshots in `folder`.
pub(super) async fn put_in_place(config: &Config, folder: &Path, metrics: &ScoringMetrics) {
    let Some(location) = &config.snapshots.models_from else { return };
    let taken = async {
        let store = ModelStore::open(location, &config.snapshots)?;
        take_up(&store, folder, &scoring::wanted(&config.scoring)).await
    };
    let (taken, faults) = match tokio::time::timeout(PATIENCE, taken).await {
        Ok(Ok(taken)) => taken,
        Ok(Err(error)) => (Vec::new(), vec![error]),
        Err(_) => return tracing::error!(from = %location, "the models do not come, reading the history"),
    };
    for error in &faults {
        report(error, metrics);
    }
    if !taken.is_empty() {
        tracing::info!(queries = taken.join(","), from = %location, "trained models taken up");
    }
}

fn report(error: &ModelError, metrics: &ScoringMetrics) {
    metrics.snapshot_failed();
    tracing::error!(%error, "a trained model is not taken up, reading the history");
}
