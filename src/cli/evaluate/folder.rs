//! A folder's CSV files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::csv::INDEX_FILE;

/// The CSV files of a folder and those below, by their path in it. An index of an export is no series.
pub fn csv_files(folder: &Path) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let (mut folders, mut found) = (vec![folder.to_owned()], BTreeMap::new());
    while let Some(place) = folders.pop() {
        let cannot = || format!("{}: cannot be read", place.display());
        for entry in std::fs::read_dir(&place).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let path = entry.path();
            // A link to a folder is not followed: it may lead back here.
            if entry.file_type().with_context(cannot)?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
                && !path.ends_with(INDEX_FILE)
            {
                let name = path.strip_prefix(folder).expect("the file was found in the folder");
                found.insert(name.display().to_string(), path);
            }
        }
    }
    Ok(found)
}
