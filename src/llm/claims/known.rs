//! What may be claimed: the evidence, read once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::code::squeezed;
use super::derived::Lines;
use super::moment::Moment;
use super::names::Names;
use super::normal::normal;
use super::numbers::Numbers;
use super::quantity::Quantity;
use super::times::Times;
use super::tokens::{Item, items};

/// Bytes of evidence that are read; a claim about what comes after is struck.
pub const MAX_EVIDENCE: usize = 64 * 1024;

/// A label with its value.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\b([A-Za-z_][A-Za-z0-9_]*)=(?:"([^"]*)"|([^\s",;(){}]+))"#).expect("it is valid")
});

/// The evidence, and what else is known to be true.
#[derive(Clone, Debug, Default)]
pub struct Known {
    text: String,
    pub(super) numbers: Numbers,
    pub(super) lines: Lines,
    pub(super) times: Times,
    pub(super) names: Names,
    pub(super) links: HashSet<String>,
    /// How many different values each label has.
    counts: HashMap<String, usize>,
}

impl Known {
    /// Reads the evidence, as it was sent to the model.
    pub fn new(evidence: &str) -> Self {
        Self::with(evidence, [], [])
    }

    /// The same with numbers and names that are known besides, such as counts and the ids of pieces of
    /// evidence. An id that is a number alone is a number.
    pub fn with<'a>(
        evidence: &str,
        numbers: impl IntoIterator<Item = f64>,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let text = normal_lines(&evidence[..evidence.floor_char_boundary(MAX_EVIDENCE)]);
        let mut known = Self::default();
        known.add_labels(labels(&text));
        names.into_iter().for_each(|name| known.names.add(name));
        let mut quantities: Vec<Quantity> = numbers.into_iter().map(Quantity::exact).collect();
        let mut moments = Vec::new();
        for line in text.lines() {
            let before = quantities.len();
            known.read(line, &mut quantities, &mut moments);
            known.lines.add(&quantities[before..]);
        }
        known.lines.settle();
        known.numbers = Numbers::new(&quantities);
        known.times = Times::new(&moments);
        known.text = squeezed(&text);
        known
    }

    fn read(&mut self, line: &str, quantities: &mut Vec<Quantity>, moments: &mut Vec<Moment>) {
        for item in items(line) {
            match item {
                Item::Link(link) => self.add_link(link),
                Item::Moment(moment) => moments.push(moment),
                Item::Quantity(quantity, _) => quantities.push(quantity),
                Item::Word(word) => {
                    self.names.add(word);
                    quantities.extend(word.split([':', '/']).skip(1).filter_map(port));
                }
            }
        }
    }

    /// A label may be named with its value: `job:shop`.
    fn add_labels(&mut self, labels: HashMap<String, HashSet<&str>>) {
        for (label, values) in labels {
            values.iter().for_each(|value| self.names.add_whole(&format!("{label}:{value}")));
            self.counts.insert(label, values.len());
        }
    }

    /// A link is known with its host alone, and its host is a name.
    fn add_link(&mut self, link: &str) {
        let host = link.split_once("://").map_or(link, |(_, rest)| rest).split(['/', '?', '#']).next();
        let host = host.unwrap_or_default();
        self.names.add(host);
        if let Some((scheme, _)) = link.split_once("://") {
            self.links.insert(format!("{scheme}://{host}"));
        }
        self.links.insert(link.to_owned());
    }

    /// Whether the evidence has a text word for word, in any blanks.
    pub(super) fn has_code(&self, code: &str) -> bool {
        let code = squeezed(code);
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        self.text.match_indices(&code).any(|(at, _)| {
            let before = self.text[..at].chars().next_back();
            let after = self.text[at + code.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    }

    /// Whether a label of this name, also in its plural, has so many values.
    pub(super) fn counts(&self, word: &str, number: f64) -> bool {
        let word = word.to_lowercase();
        let singular = word.strip_suffix('s').unwrap_or(&word);
        [word.as_str(), singular]
            .iter()
            .any(|name| self.counts.get(*name).is_some_and(|count| *count as f64 == number))
    }
}

fn normal_lines(text: &str) -> String {
    text.lines().map(normal).collect::<Vec<_>>().join("\n")
}

/// A port, a line or the like behind a name.
fn port(part: &str) -> Option<Quantity> {
    let is_number = !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| part.parse().ok()).flatten().map(Quantity::exact)
}

/// Every label's different values.
fn labels(text: &str) -> HashMap<String, HashSet<&str>> {
    let mut values: HashMap<String, HashSet<&str>> = HashMap::new();
    for label in LABEL.captures_iter(text) {
        let value = label.get(2).or_else(|| label.get(3)).map_or("", |value| value.as_str());
        values.entry(label[1].to_lowercase()).or_default().insert(value);
    }
    values
}
