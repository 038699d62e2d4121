//! Models in the place of snapshots that are missing, so that a new daemon scores at once.

use std::path::Path;

use super::{Entry, ModelError, ModelStore, Wanted};
use crate::snapshots::{self, state_file};

/// Writes the snapshot of every query that has none in `folder` and a model in the store. A query whose model cannot
/// be taken up is among the faults, and the others have theirs. Answers the queries that have got one.
pub async fn take_up(
    store: &ModelStore,
    folder: &Path,
    wanted: &[Wanted],
) -> Result<(Vec<String>, Vec<ModelError>), ModelError> {
    let missing: Vec<&Wanted> =
        wanted.iter().filter(|wanted| !state_file(folder, &wanted.query).exists()).collect();
    let (mut taken, mut faults) = (Vec::new(), Vec::new());
    if missing.is_empty() {
        return Ok((taken, faults));
    }
    let manifest = store.manifest().await?;
    let made = std::fs::create_dir_all(folder);
    made.map_err(|source| ModelError::Folder { path: folder.to_owned(), source })?;
    for wanted in missing {
        let Some(entry) = manifest.models.iter().find(|entry| entry.query == wanted.query) else { continue };
        match take_one(store, folder, wanted, entry).await {
            Ok(()) => taken.push(wanted.query.clone()),
            Err(fault) => faults.push(fault),
        }
    }
    Ok((taken, faults))
}

async fn take_one(
    store: &ModelStore,
    folder: &Path,
    wanted: &Wanted,
    entry: &Entry,
) -> Result<(), ModelError> {
    let differs = [
        ("expression", entry.expr != wanted.expr),
        ("interval", entry.interval_ms != wanted.interval_ms),
        ("model", entry.model != wanted.model),
    ];
    if let Some((what, _)) = differs.into_iter().find(|(_, differs)| *differs) {
        let (object, query) = (store.name(&entry.object), wanted.query.clone());
        return Err(ModelError::OtherQuery { object, query, what });
    }
    let state = store.state(entry).await?;
    Ok(snapshots::write(&state_file(folder, &wanted.query), &state)?)
}
