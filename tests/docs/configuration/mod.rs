//! `docs/configuration.md` from the functions that read the configuration and the fields that they fill.
//!
//! It works on syntax: a key is what a function asks its `Section` for, its type is what reads the value, its meaning
//! is the documentation of the field that it ends up in. `words.yml` has what none of these says.

mod code;
mod meaning;
mod page;
mod readers;
mod spelt;
mod tree;
mod types;
mod values;
mod walk;
mod words;

use regex::Regex;

use crate::{generated, root};

use code::Code;
use tree::Block;
use words::Words;

const WORDS: &str = include_str!("words.yml");

fn read() -> (Vec<Block>, Words) {
    let code = Code::read(&root().join("src"));
    let mut words = Words::read(WORDS);
    let assemble = ["config".to_owned(), "assemble".to_owned()];
    let reads = walk::keys(&code, code.function(&assemble).expect("configurations are read by it"));
    let blocks = tree::blocks(&code, &reads, &mut words);
    (blocks, words)
}

#[test]
fn the_page_has_every_key_with_its_type_default_and_meaning() {
    let (blocks, mut words) = read();
    let page = page::page(&blocks, &mut words);
    assert_eq!(words.unused(), Vec::<String>::new(), "words.yml has words for what is no key, or needs none");
    generated::hold("configuration.md", "keys", &page);
    spelt::check(&blocks);
}

/// What the walk might miss: every text that any function under `src/config` asks a section for.
#[test]
fn no_key_that_is_asked_for_is_missing() {
    let page = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let asked = Regex::new(
        r#"\.(?:value|value_or|required|child|child_or_empty|required_child|list|required_list|required_items|pairs|named_items|file|required_file)\(\s*"([a-z_]+)""#,
    )
    .unwrap();
    let mut count = 0;
    for (name, text) in crate::sources(&root().join("src/config")) {
        for found in asked.captures_iter(&text) {
            count += 1;
            let row = format!("\n| `{}` | ", &found[1]);
            assert!(page.contains(&row), "{name} asks for {}, and the page does not have it", &found[1]);
        }
    }
    assert!(count > 200, "only {count} keys found: are they asked for otherwise?");
}
