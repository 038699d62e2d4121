//! What only people can say of keys: `words.yml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// What is said of keys beside what the code says, each by the key's path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    kinds: BTreeMap<String, String>,
    defaults: BTreeMap<String, String>,
    meanings: BTreeMap<String, String>,
    /// Text at the beginning of a block.
    blocks: BTreeMap<String, String>,
    #[serde(skip)]
    used: BTreeSet<String>,
}

impl Words {
    /// Reads the file.
    pub fn read(text: &str) -> Self {
        serde_yaml::from_str(text).unwrap()
    }

    fn find(
        used: &mut BTreeSet<String>,
        what: &str,
        table: &BTreeMap<String, String>,
        path: &str,
    ) -> Option<String> {
        let found = table.get(path)?;
        used.insert(format!("{what}: {path}"));
        Some(found.trim().to_owned())
    }

    /// What a key takes.
    pub fn kind(&mut self, path: &str) -> Option<String> {
        Self::find(&mut self.used, "kinds", &self.kinds, path)
    }

    /// What a key is without being written; `-` is nothing.
    pub fn default(&mut self, path: &str) -> Option<String> {
        Self::find(&mut self.used, "defaults", &self.defaults, path)
    }

    /// What a key means.
    pub fn meaning(&mut self, path: &str) -> Option<String> {
        Self::find(&mut self.used, "meanings", &self.meanings, path)
    }

    /// What a block begins with.
    pub fn block(&mut self, path: &str) -> Option<String> {
        Self::find(&mut self.used, "blocks", &self.blocks, path)
    }

    /// What nothing in the code has asked for.
    pub fn unused(&self) -> Vec<String> {
        let tables = [
            ("kinds", &self.kinds),
            ("defaults", &self.defaults),
            ("meanings", &self.meanings),
            ("blocks", &self.blocks),
        ];
        let all = tables
            .into_iter()
            .flat_map(|(what, table)| table.keys().map(move |path| format!("{what}: {path}")));
        all.filter(|name| !self.used.contains(name)).collect()
    }
}
