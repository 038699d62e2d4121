//! The page: a section for each block, with its shape as YAML and a table of its keys.

use std::fmt::Write;

use super::tree::{Block, Key, Need, Shape};
use super::words::Words;

/// All blocks after the first, and before them the keys of the whole file.
pub fn page(blocks: &[Block], words: &mut Words) -> String {
    let mut text = String::from("## The whole file\n\n");
    table(&mut text, blocks, &blocks[0].keys);
    for block in &blocks[1..] {
        section(&mut text, blocks, block, words);
    }
    text
}

/// What a block is called: where it stands, or if it stands in several places, its key.
fn title(block: &Block) -> String {
    let first = block.paths[0].trim_end_matches(".<name>");
    match block.paths.len() {
        1 => first.to_owned(),
        _ => key(first).to_owned(),
    }
}

fn key(path: &str) -> &str {
    path.trim_end_matches("[]").rsplit('.').next().unwrap_or(path)
}

/// The anchor that a heading of a title has.
pub fn anchor(title: &str) -> String {
    title.to_lowercase().chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn section(text: &mut String, blocks: &[Block], block: &Block, words: &mut Words) {
    let title = title(block);
    let level = if title.contains('.') { "###" } else { "##" };
    let more = words.block(&block.paths[0]);
    // What stands in several places has several meanings.
    let meaning = more.as_ref().filter(|_| block.paths.len() > 1).unwrap_or(&block.meaning);
    let _ = write!(text, "\n{level} `{title}`\n\n{}\n", linked(meaning));
    if block.paths.len() > 1 {
        let places: Vec<_> = block.paths.iter().map(|path| format!("`{path}`")).collect();
        let _ = write!(text, "\nStands in {}.\n", places.join(", "));
    }
    if let Some(more) = more.filter(|_| block.paths.len() == 1) {
        let _ = write!(text, "\n{more}\n");
    }
    let _ = write!(text, "\n```yaml\n# Shape\n{}```\n\n", shape(block));
    table(text, blocks, &block.keys);
}

/// The block with its defaults; what has none stands behind `#`, and what must be written as `<type>`.
fn shape(block: &Block) -> String {
    let path = block.paths[0].trim_end_matches(".<name>");
    let mut text = format!("{}:\n", key(path));
    let (first, rest) = match block.shape {
        Shape::One => ("  ", "  "),
        Shape::List => ("  - ", "    "),
        Shape::Named => ("    ", "    "),
    };
    if block.shape == Shape::Named {
        text.push_str("  <name>:\n");
    }
    let mut indent = first;
    let (required, others): (Vec<&Key>, Vec<&Key>) =
        block.keys.iter().partition(|key| key.need == Need::Always);
    for key in required.into_iter().chain(others) {
        let has_default = key.default.as_ref().is_some_and(|default| !default.starts_with("required"));
        let is_written =
            key.need == Need::Always || has_default || block.shape == Shape::List && indent == first;
        let off = if is_written { "" } else { "#" };
        let _ = writeln!(text, "{indent}{off}{}: {}", key.name, value(key));
        indent = rest;
    }
    text
}

fn value(key: &Key) -> String {
    match (&key.block, &key.default) {
        (Some((_, Shape::One)), _) => "{…}".to_owned(),
        (Some((_, Shape::List)), _) => "[{…}]".to_owned(),
        (Some((_, Shape::Named)), _) => "{<name>: {…}}".to_owned(),
        (None, Some(default)) if !default.starts_with("required") => {
            let literal = default.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
            literal.unwrap_or("…").to_owned()
        }
        (None, _) => format!("<{}>", key.kind.replace('`', "").replace("list: ", "list of ")),
    }
}

fn table(text: &mut String, blocks: &[Block], keys: &[Key]) {
    text.push_str("| key | type | default | meaning |\n|---|---|---|---|\n");
    for key in keys {
        let kind = match &key.block {
            Some((index, shape)) => {
                let title = title(&blocks[*index]);
                let what = match shape {
                    Shape::One => "",
                    Shape::List => "list of ",
                    Shape::Named => "mapping of names to ",
                };
                format!("{what}[{}](#{})", key.name, anchor(&title))
            }
            None => key.kind.clone(),
        };
        let default = match (key.need, &key.default) {
            (_, Some(default)) => default.clone(),
            (Need::Always, None) => "required".to_owned(),
            (Need::Sometimes, None) => {
                panic!("when {} must be written, nobody says: write it in words.yml", key.name)
            }
            (Need::Never, None) => String::new(),
        };
        let cells = [format!("`{}`", key.name), kind, default, linked(&key.meaning)];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | ").replace("|  |", "| |"));
    }
}

/// Links of rustdoc as their text alone.
fn linked(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find("[`") {
        let Some(end) = rest[begin..].find("`]") else { break };
        result.push_str(&rest[..begin]);
        result.push_str(&rest[begin + 1..begin + end + 1]);
        rest = &rest[begin + end + 2..];
        if rest.starts_with("(super") || rest.starts_with("(crate") {
            rest = rest.split_once(')').map_or(rest, |(_, after)| after);
        }
    }
    result + rest
}
