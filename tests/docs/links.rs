//! Links between pages: what they lead to exists, anchors included.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::pages;

/// The text of a page without its fenced blocks, whose `#` are comments and whose brackets are no links.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The anchors that GitHub gives to the headings of a page.
fn anchors(page: &Path) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for heading in prose(page).lines().filter(|line| line.starts_with('#')) {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let mut name = anchor.clone();
        for number in 1.. {
            if anchors.insert(name) {
                break;
            }
            name = format!("{anchor}-{number}");
        }
    }
    anchors
}

#[test]
fn every_link_leads_somewhere() {
    static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\]\(([^)\s]+)\)").unwrap());
    static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new("`[^`\n]*`").unwrap());
    let mut count = 0;
    for page in pages() {
        for link in LINK.captures_iter(&CODE.replace_all(&prose(&page), "`…`")) {
            let (path, anchor) = link[1].split_once('#').unwrap_or((&link[1], ""));
            if path.contains("://") {
                continue;
            }
            count += 1;
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: {} leads nowhere", page.display(), &link[1]);
            let is_known = anchor.is_empty() || anchors(&target).contains(anchor);
            assert!(is_known, "{}: {} has no heading for {anchor}", page.display(), target.display());
        }
    }
    assert!(count > 100, "only {count} links found: are they written otherwise?");
}

#[test]
fn the_index_has_every_page() {
    let docs = crate::root().join("docs");
    let index = fs::read_to_string(docs.join("README.md")).unwrap();
    for page in fs::read_dir(docs).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        assert!(page == "README.md" || index.contains(&page), "docs/README.md does not name {page}");
    }
}
