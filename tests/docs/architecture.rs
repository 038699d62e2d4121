//! ARCHITECTURE.md against the tree: its map is complete, what it maps exists, every crate has a reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use regex::Regex;

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn architecture() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

/// The text of a section, without its heading.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let heading = format!("\n## {heading}\n");
    let (_, rest) = document.split_once(&heading).unwrap_or_else(|| panic!("no section{heading}"));
    rest.split("\n## ").next().unwrap_or_default()
}

fn in_backticks(text: &str) -> BTreeSet<String> {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new("`([^`\n]+)`").unwrap());
    QUOTED.captures_iter(text).map(|quoted| quoted[1].to_owned()).collect()
}

/// The paths that begin the lines of the map, and those that a line tells of besides, after a semicolon.
fn mapped() -> BTreeSet<String> {
    let text = architecture();
    let lines = section(&text, "Map").lines().filter_map(|line| line.strip_prefix("- `"));
    let paths = lines.flat_map(|line| line.split("; `").filter_map(|part| part.split_once('`')));
    // What has no slash is a part of the module before it.
    paths.map(|(path, _)| path.to_owned()).filter(|path| path.contains('/')).collect()
}

#[test]
fn everything_on_the_map_exists() {
    for path in mapped() {
        let place = root().join(&path);
        assert_eq!(path.ends_with('/'), place.is_dir(), "{path}: a folder ends with a slash");
        assert!(place.exists(), "{path} is on the map and not in the tree");
    }
}

#[test]
fn every_module_is_on_the_map() {
    let mapped = mapped();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let entry = entry.unwrap();
        let end = if entry.path().is_dir() { "/" } else { "" };
        let path = format!("src/{}{end}", entry.file_name().display());
        assert!(mapped.contains(&path), "{path} is missing on the map of ARCHITECTURE.md");
    }
}

#[test]
fn the_page_stays_short() {
    assert!(architecture().lines().count() < 150);
}

#[test]
fn every_dependency_has_a_reason() {
    let text = architecture();
    let explained = in_backticks(section(&text, "Crates"));
    for manifest in ["Cargo.toml", "lanes/Cargo.toml"] {
        let manifest = fs::read_to_string(root().join(manifest)).unwrap();
        let (_, rest) = manifest.split_once("\n[dependencies]\n").unwrap();
        let dependencies = rest.lines().take_while(|line| !line.starts_with('['));
        for name in dependencies.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name) {
            assert!(explained.contains(name), "{name} has no line under 'Crates' of ARCHITECTURE.md");
        }
    }
}
