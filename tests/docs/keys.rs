//! Keys of the configuration that pages name, and the defaults that they repeat.

use std::collections::BTreeMap;
use std::fs;

use regex::Regex;

use crate::{pages, root};

fn regex(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// Every key by its path, lists without their brackets, with its default, as the page of the configuration has them.
fn known_keys() -> BTreeMap<String, String> {
    let page = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let (places, row) = (regex("`([^`]+)`"), regex(r"(?m)^\| `([a-z_]+)` \| .*? \| (?:`([^`|]+)` )?"));
    let mut known = BTreeMap::new();
    let (_, sections) = page.split_once("\n## The whole file\n").unwrap();
    for section in sections.split("\n## ").flat_map(|section| section.split("\n### ")) {
        let (title, text) = section.split_once('\n').unwrap();
        let shared = text.lines().find(|line| line.starts_with("Stands in "));
        let places = places.captures_iter(shared.unwrap_or(title));
        let mut places: Vec<String> = places.map(|place| place[1].replace("[]", "") + ".").collect();
        if places.is_empty() {
            places.push(String::new());
        }
        for key in row.captures_iter(text) {
            let default = key.get(2).map_or("", |default| default.as_str());
            known.extend(places.iter().map(|place| (format!("{place}{}", &key[1]), default.to_owned())));
        }
    }
    known
}

#[test]
fn pages_name_only_keys_that_exist() {
    let known = known_keys();
    let named = regex(r"`([a-z_]+(?:\.[a-z_]+)+)`");
    let mut count = 0;
    for page in pages() {
        for found in named.captures_iter(&fs::read_to_string(&page).unwrap()) {
            let top = found[1].split('.').next().unwrap_or_default();
            let is_file = [".md", ".yml", ".json", ".service"].iter().any(|end| found[1].ends_with(end));
            if known.contains_key(top) && !is_file {
                count += 1;
                assert!(known.contains_key(&found[1]), "{}: no key {}", page.display(), &found[1]);
            }
        }
    }
    assert!(count > 60, "only {count} keys found: are they written otherwise?");
}

/// A value as the configuration writes it: `30 minutes` is `30m`, `50,000` is `50000`.
fn as_written(text: &str) -> String {
    let units = [(" minutes", "m"), (" days", "d"), (" hours", "h"), (" s", "s"), (" %", "%"), (",", "")];
    units.into_iter().fold(text.to_owned(), |text, (long, short)| text.replace(long, short))
}

#[test]
fn defaults_that_pages_repeat_are_those_of_the_configuration() {
    let known = known_keys();
    let repeated = regex(r"`([a-z_]+(?:\.[a-z_]+)+)` \(([0-9][0-9,]*(?: (?:minutes|days|hours|s|%))?)");
    let mut count = 0;
    for page in pages() {
        for found in repeated.captures_iter(&fs::read_to_string(&page).unwrap()) {
            let key = [found[1].to_owned(), format!("remediation.{}", &found[1])];
            let Some(default) = key.iter().find_map(|key| known.get(key)) else { continue };
            count += 1;
            assert_eq!(*default, as_written(&found[2]), "{}: the default of {}", page.display(), &found[1]);
        }
    }
    assert!(count > 8, "only {count} defaults found: are they written otherwise?");
}
