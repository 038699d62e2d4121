//! The keys of the configuration as blocks of a page: what is read several times is told once.

use super::code::Code;
use super::meaning;
use super::types::{self, Kind};
use super::values::Value;
use super::walk::{Read, SECRET};
use super::words::Words;

/// Whether a key must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Never,
    /// Unless something else is written instead.
    Sometimes,
    Always,
}

/// One key of a block.
pub struct Key {
    pub name: String,
    pub need: Need,
    /// What it takes, in the user's words; of a block, empty.
    pub kind: String,
    /// As it is written in the file, in backticks, or in words; `None`: there is none.
    pub default: Option<String>,
    pub meaning: String,
    /// The block that it holds, by its number, and whether that is one of many.
    pub block: Option<(usize, Shape)>,
}

/// How a block stands below its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    One,
    /// A list of them.
    List,
    /// One for each name of the user's own.
    Named,
}

/// A mapping of the file.
pub struct Block {
    /// Where it stands, each time.
    pub paths: Vec<String>,
    pub shape: Shape,
    pub meaning: String,
    pub keys: Vec<Key>,
    /// What tells it from others: the file that reads it, its key, and its keys.
    identity: (usize, String, Vec<String>),
}

/// All blocks; the first is the whole file.
pub fn blocks(code: &Code, reads: &[Read], words: &mut Words) -> Vec<Block> {
    let whole = Block {
        paths: vec![String::new()],
        shape: Shape::One,
        meaning: String::new(),
        keys: Vec::new(),
        identity: (usize::MAX, String::new(), Vec::new()),
    };
    let mut tree = Tree { code, words, blocks: vec![whole] };
    tree.blocks[0].keys = tree.keys("", reads);
    tree.blocks
}

struct Tree<'a> {
    code: &'a Code,
    words: &'a mut Words,
    blocks: Vec<Block>,
}

impl Tree<'_> {
    fn keys(&mut self, path: &str, reads: &[Read]) -> Vec<Key> {
        let mut names: Vec<&str> = Vec::new();
        for read in reads {
            if !names.contains(&read.key.as_str()) {
                names.push(&read.key);
            }
        }
        let of = |name: &str| reads.iter().filter(|read| read.key == name).collect::<Vec<_>>();
        names.into_iter().map(|name| self.key(path, name, &of(name))).collect()
    }

    fn key(&mut self, path: &str, name: &str, reads: &[&Read]) -> Key {
        let place = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let required = reads.iter().filter(|read| read.method.starts_with("required")).count();
        let need = match required {
            _ if reads.iter().all(|read| read.method == SECRET) => Need::Sometimes,
            0 => Need::Never,
            all if all == reads.len() => Need::Always,
            _ => Need::Sometimes,
        };
        let meaning = self.meaning(&place, name, reads);
        let block = reads.iter().find(|read| !read.inside.is_empty());
        let block = block.map(|read| self.block(&place, read, &meaning));
        let found = reads.iter().find_map(|read| types::kind(self.code, read.reader.as_ref()?));
        let kind = match (&block, self.words.kind(&place)) {
            (Some(_), _) => String::new(),
            (None, Some(own)) => own,
            (None, None) => kind(&place, name, reads, found.as_ref()),
        };
        let own = self.words.default(&place);
        // What is written by hand says as well where a key need not be there.
        let need = if own.is_some() { Need::Never } else { need };
        let default = own.or_else(|| self.usual(&place, reads, found.as_ref(), need));
        let default = default.filter(|text| block.is_none() && text != "-");
        Key { name: name.to_owned(), need, kind, default, meaning, block }
    }

    fn meaning(&mut self, place: &str, name: &str, reads: &[&Read]) -> String {
        let own = self.words.meaning(place);
        let secret = || {
            let what = |end: &str| Some(name.strip_suffix(end)?.replace('_', " "));
            let is_secret = reads.iter().any(|read| read.reader.is_none());
            let file = what("_file").map(|what| format!("The file that holds the {what}, and nothing else."));
            let env = what("_env")
                .map(|what| format!("The environment variable that holds the {what}, instead of a file."));
            file.or(env).filter(|_| is_secret)
        };
        let documented = || {
            let doc = reads.iter().find_map(|read| meaning::field(self.code, read)).map(|field| field.doc);
            doc.filter(|doc| !doc.is_empty()).map(|doc| for_users(&doc))
        };
        let found = own.or_else(documented).or_else(secret);
        found.unwrap_or_else(|| {
            panic!("{place} has no meaning: document the field that it ends up in, or write it in words.yml")
        })
    }

    /// What the column of the default says.
    fn usual(&self, place: &str, reads: &[&Read], kind: Option<&Kind>, need: Need) -> Option<String> {
        if need == Need::Sometimes && reads[0].method == SECRET {
            return Some(format!("required, or `{}_env`", reads[0].key.trim_end_matches("_file")));
        }
        Some(format!("`{}`", self.default(place, reads, kind, need)?))
    }

    fn default(&self, place: &str, reads: &[&Read], kind: Option<&Kind>, need: Need) -> Option<String> {
        let value = reads.iter().find_map(|read| meaning::default(self.code, read));
        let written = reads.iter().any(|read| read.default.is_some());
        assert!(
            value.is_some() || !written || need == Need::Always,
            "the default of {place} is not known before the daemon runs: write it in words.yml under defaults"
        );
        match (kind, value?) {
            (Some(kind), value) => Some(types::default(kind, &value)),
            (None, Value::List(items)) if items.is_empty() => None,
            (None, value) => Some(types::shown(&value)),
        }
    }

    fn block(&mut self, place: &str, read: &Read, meaning: &str) -> (usize, Shape) {
        let shape = match read.method {
            "list" | "required_list" | "required_items" => Shape::List,
            "named_items" => Shape::Named,
            _ => Shape::One,
        };
        let end = match shape {
            Shape::One => "",
            Shape::List => "[]",
            Shape::Named => ".<name>",
        };
        let path = format!("{place}{end}");
        let file = read.inside[0].frames[0].scope.file;
        let identity = (file, read.key.clone(), read.inside.iter().map(|read| read.key.clone()).collect());
        if let Some(index) = self.blocks.iter().position(|block| block.identity == identity) {
            self.blocks[index].paths.push(path);
            return (index, shape);
        }
        let index = self.blocks.len();
        let block = Block {
            paths: vec![path.clone()],
            shape,
            meaning: meaning.to_owned(),
            keys: Vec::new(),
            identity,
        };
        self.blocks.push(block);
        self.blocks[index].keys = self.keys(&path, &read.inside);
        (index, shape)
    }
}

fn kind(place: &str, name: &str, reads: &[&Read], found: Option<&Kind>) -> String {
    let is = |methods: &[&str]| reads.iter().any(|read| methods.contains(&read.method));
    let words = match found {
        Some(kind) => kind.words.clone(),
        None if is(&["file", "required_file", SECRET]) => "file name".to_owned(),
        None if name.ends_with("_env") => "name of an environment variable".to_owned(),
        None => panic!("what {place} takes has no words: add the function that reads it to types.rs"),
    };
    match (is(&["list", "required_list", "required_items"]), is(&["value", "required"])) {
        (true, true) => format!("{words}, or a list"),
        (true, false) => format!("list: {words}"),
        _ if is(&["pairs"]) => format!("mapping of names to {words}"),
        _ => words,
    }
}

/// A documentation of a field as one of a key: without the default, which has a column, and without words of Rust.
fn for_users(doc: &str) -> String {
    let doc = match doc.find("Default") {
        Some(0) => "",
        Some(at) if doc[..at].ends_with(". ") => doc[..at].trim_end(),
        _ => doc,
    };
    doc.replace("`None`:", "without it").replace("`None`", "without it").replace(", in bytes", "")
}
