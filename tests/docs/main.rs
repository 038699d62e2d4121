//! The documents against the code: what they say of it is generated from it, or checked.
//!
//! `make docs` writes the generated parts anew.

mod architecture;
mod configuration;
mod examples;
mod generated;
mod keys;
mod links;
mod lists;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// Every Rust file below a folder, with its name.
fn sources(folder: &Path) -> Vec<(String, String)> {
    files(folder, "rs")
        .into_iter()
        .map(|file| (file.display().to_string(), fs::read_to_string(&file).unwrap()))
        .collect()
}

/// Every file below a folder whose name ends so, in order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The pages that users read: those of `docs/` and the README.
fn pages() -> Vec<PathBuf> {
    let mut pages = files(&root().join("docs"), "md");
    pages.push(root().join("README.md"));
    pages
}
