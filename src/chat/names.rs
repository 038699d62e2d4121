//! The names that are known, and which of them a word means: exactly, else by host, else by its beginning. Pure.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// Shortest beginning of a name that stands for it, in characters.
const SHORTEST_PREFIX: usize = 3;
/// Names of one kind that are known at most.
const MAX_NAMES: usize = 20_000;
/// Longest name, in bytes.
const MAX_NAME: usize = 256;

/// What a name is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The value of `instance`, without its port.
    Host,
    /// The value of `job` or `service`.
    Service,
    /// A query that is scored.
    Query,
    /// An alert.
    Alert,
    /// Nothing that is known: a word that stands where a name does.
    Unknown,
}

/// A name that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// What it is.
    pub kind: Kind,
    /// As it is spelt. Untrusted text.
    pub text: String,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Host => "the host",
            Kind::Service => "the service",
            Kind::Query => "the query",
            Kind::Alert => "the alert",
            Kind::Unknown => return write!(f, "'{}'", self.text),
        };
        write!(f, "{kind} {}", self.text)
    }
}

/// Which name a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// This one.
    One(Name),
    /// One of these; at least two.
    Several(Vec<Name>),
    /// None that is known; perhaps it is a slip for this one.
    Unknown(Option<Name>),
}

/// All names that are known.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Each in lower case as well, so that this is made once and not for each word.
    known: BTreeMap<Name, String>,
    /// By their letters alone; `None`: several are spelt like this.
    squeezed: HashMap<String, Option<Name>>,
}

/// Whether a name, whose lower case is given, is meant.
type Rule<'r> = &'r dyn Fn(&Name, &str) -> bool;

impl Names {
    /// Takes in a name. What is empty, very long or beyond the bound is left out.
    pub fn add(&mut self, kind: Kind, text: &str) {
        let text = if kind == Kind::Host { host(text) } else { text };
        let is_plain = !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control);
        let name = Name { kind, text: text.to_owned() };
        if !is_plain || self.known.len() >= MAX_NAMES || self.known.contains_key(&name) {
            return;
        }
        let low = text.to_lowercase();
        let only = self.squeezed.entry(low.replace(['_', '-', ' '], ""));
        only.and_modify(|only| *only = None).or_insert_with(|| Some(name.clone()));
        self.known.insert(name, low);
    }

    /// Takes in what labels name: hosts, services, alerts.
    pub fn add_label(&mut self, label: &str, value: &str) {
        match label {
            "instance" | "host" | "node" | "hostname" => self.add(Kind::Host, value),
            "job" | "service" | "app" | "name" => self.add(Kind::Service, value),
            "query" => self.add(Kind::Query, value),
            "alertname" => self.add(Kind::Alert, value),
            _ => {}
        }
    }

    /// Which name a word means. Case does not count; nothing is guessed: several that fit are several.
    pub fn find(&self, word: &str) -> Meant {
        let word = word.to_lowercase();
        let given = host(&word);
        let prefix = word.chars().count() >= SHORTEST_PREFIX;
        let rules: [Rule<'_>; 3] = [
            &|name, low| low == word || (name.kind == Kind::Host && low == given),
            &|name, low| name.kind == Kind::Host && !given.contains('.') && short(low) == short(given),
            &|_, low| prefix && low.starts_with(&word),
        ];
        for fits in rules {
            let fitting = self.known.iter().filter(|(name, low)| fits(name, low));
            let found: Vec<Name> = fitting.map(|(name, _)| name.clone()).collect();
            match found.len() {
                0 => {}
                1 => return found.into_iter().next().map_or(Meant::Unknown(None), Meant::One),
                _ => return Meant::Several(found),
            }
        }
        Meant::Unknown(self.nearest(&word))
    }

    /// The same for words side by side that spell a name together: `high latency`, `node cpu busy`.
    pub fn find_joined(&self, words: &[&str]) -> Option<Name> {
        self.squeezed.get(&words.concat().to_lowercase())?.clone()
    }

    fn nearest(&self, word: &str) -> Option<Name> {
        let most = (word.len() / 4).min(2);
        // A slip changes the length by as many bytes as letters, and a letter has four at most.
        let alike = |low: &str| most > 0 && low.len() <= 64 && low.len().abs_diff(word.len()) <= 4 * most;
        let near = self.known.iter().filter(|(_, low)| alike(low)).filter_map(|(name, low)| {
            let wrong = strsim::osa_distance(word, low);
            (wrong <= most).then_some((wrong, name))
        });
        near.min_by_key(|(wrong, _)| *wrong).map(|(_, name)| name.clone())
    }
}

/// A host without its port.
fn host(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((host, port))
            if !host.is_empty() && !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()) =>
        {
            host
        }
        _ => text,
    }
}

/// A host's name up to its first point; an address is all of it.
fn short(host: &str) -> &str {
    match host.split_once('.') {
        Some((short, _)) if !short.bytes().all(|c| c.is_ascii_digit()) => short,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        for (label, value) in [
            ("instance", "web-1:9100"),
            ("instance", "web-1:80"),
            ("instance", "web-2:9100"),
            ("instance", "db-1.eu.example.org:5432"),
            ("instance", "db-2.eu.example.org"),
            ("instance", "db-2.us.example.org"),
            ("instance", "10.0.0.7:9100"),
            ("job", "checkout"),
            ("job", "check"),
            ("alertname", "HighLatency"),
            ("query", "node_cpu_busy"),
            ("instance", "dup"),
            ("job", "dup"),
            ("zone", "eu"),
        ] {
            names.add_label(label, value);
        }
        names
    }

    #[test]
    fn a_word_means_a_name_that_it_spells_or_begins_and_nothing_is_guessed() {
        for (word, expected, sentence) in [
            ("web-1", "the host web-1", "a host, whatever its ports"),
            ("WEB-1", "the host web-1", "case does not count"),
            ("web-1:9100", "the host web-1", "an instance is its host"),
            ("web", "the host web-1 or the host web-2", "a beginning that two have"),
            ("db-1", "the host db-1.eu.example.org", "a host by its short name"),
            ("db-2", "the host db-2.eu.example.org or the host db-2.us.example.org", "two that share one"),
            ("db-2.eu", "the host db-2.eu.example.org", "a beginning tells them apart"),
            ("10.0.0.7", "the host 10.0.0.7", "an address"),
            ("10", "nothing", "too short for a beginning"),
            ("check", "the service check", "exactly goes before a beginning"),
            ("checko", "the service checkout", "a beginning that one has"),
            ("highlatency", "the alert HighLatency", "an alert"),
            ("node_cpu_busy", "the query node_cpu_busy", "a query"),
            ("dup", "the host dup or the service dup", "two kinds"),
            ("chekout", "nothing, perhaps the service checkout", "a slip is told, not taken"),
            ("web-9", "nothing, perhaps the host web-1", "another number is a slip at most"),
            ("payments", "nothing", "a stranger"),
            ("eu", "nothing", "a label that is no name"),
        ] {
            let found = match names().find(word) {
                Meant::One(name) => name.to_string(),
                Meant::Several(several) => {
                    several.iter().map(Name::to_string).collect::<Vec<_>>().join(" or ")
                }
                Meant::Unknown(None) => "nothing".to_owned(),
                Meant::Unknown(Some(near)) => format!("nothing, perhaps {near}"),
            };
            assert_eq!(found, expected, "{sentence}");
        }
    }

    #[test]
    fn words_side_by_side_can_spell_a_name() {
        for (words, expected) in [
            (&["high", "latency"][..], Some("HighLatency")),
            (&["node", "cpu", "busy"], Some("node_cpu_busy")),
            (&["cpu", "busy"], None),
        ] {
            let found = names().find_joined(words).map(|name| name.text);
            assert_eq!(found.as_deref(), expected, "{words:?}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_known() {
        let mut names = Names::default();
        for text in ["", "a\nb", "\u{1b}[2J", &"x".repeat(257)] {
            names.add(Kind::Service, text);
        }
        assert_eq!(names.find("a"), Meant::Unknown(None));
        assert!(names.known.is_empty());
    }
}
