//! The words of a question, with the time and the names in them found. Pure.

use super::super::names::{Kind, Meant, Name, Names};
use super::super::vocabulary::{self, Word};
use super::super::when::{self, Span};
use super::super::words::{Token, tokens};
use super::{Context, several, stranger, unknown};

/// Words of a question that rules can read: each is looked for among all names.
const MAX_WORDS: usize = 60;
/// Words that spell one name together at most.
const MAX_JOINED: usize = 5;

/// What a word is for.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// A word with a meaning.
    Word,
    /// It belongs to the time.
    Time,
    /// It belongs to a name that came before.
    Rest,
    /// It is a text that is searched for.
    Text,
    /// A name, or several.
    Named(Meant),
    /// An unknown word that may be a name: by its spelling, or by its place in the sentence.
    Candidate(Option<Name>),
    /// An unknown word.
    Stray,
}

/// A question that is read.
pub(super) struct Reading {
    tokens: Vec<Token>,
    parts: Vec<Part>,
    pub span: Option<Span>,
    pub contains: Option<String>,
}

impl Reading {
    pub fn new(question: &str, context: &Context<'_>) -> Self {
        let mut tokens = tokens(question);
        if tokens.len() > MAX_WORDS {
            tokens.clear();
        }
        let parts = vec![Part::Word; tokens.len()];
        let mut reading = Self { tokens, parts, span: None, contains: None };
        reading.find_time(context);
        reading.find_text();
        reading.find_joined(context.names);
        (0..reading.tokens.len()).for_each(|at| reading.read_word(at, context.names));
        reading
    }

    fn find_time(&mut self, context: &Context<'_>) {
        let lows: Vec<&str> = self.tokens.iter().map(|token| token.low.as_str()).collect();
        let Some(found) = when::find(&lows, context.now, context.zone) else { return };
        self.span = Some(found.span);
        self.parts[found.range].fill(Part::Time);
    }

    fn find_text(&mut self) {
        let Some(at) = self.tokens.iter().position(|token| token.is(Word::Contain)) else { return };
        if let Some(token) = self.tokens.get(at + 1).filter(|_| self.parts[at + 1] == Part::Word) {
            self.contains = Some(token.written.clone());
            self.parts[at + 1] = Part::Text;
        }
    }

    fn find_joined(&mut self, names: &Names) {
        for length in (2..=MAX_JOINED).rev() {
            for start in 0..(self.tokens.len() + 1).saturating_sub(length) {
                let range = start..start + length;
                if self.parts[range.clone()].iter().any(|part| *part != Part::Word) {
                    continue;
                }
                let lows: Vec<&str> =
                    self.tokens[range.clone()].iter().map(|token| token.low.as_str()).collect();
                if let Some(name) = names.find_joined(&lows) {
                    self.parts[range].fill(Part::Rest);
                    self.parts[start] = Part::Named(Meant::One(name));
                }
            }
        }
    }

    fn read_word(&mut self, at: usize, names: &Names) {
        let token = &self.tokens[at];
        if self.parts[at] != Part::Word {
            return;
        }
        let (low, in_place) = (token.written.to_lowercase(), self.is_name_place(at));
        let meant = names.find(&token.written);
        let spelt = matches!(&meant, Meant::One(name) if name.text.to_lowercase() == low);
        let is_slip = token.word.is_some() && vocabulary::exactly(&low).is_none();
        // A word that is known is a name only where one is expected, and a slip only if it is none.
        let is_name = match token.word {
            None => true,
            Some(_) if is_slip => spelt,
            Some(word) => spelt && in_place && word != Word::Everything,
        };
        if !is_name {
            return;
        }
        self.parts[at] = match meant {
            Meant::Unknown(_) if in_place => Part::Named(meant),
            Meant::Unknown(near) if token.looks_like_name() || self.is_candidate(at) => Part::Candidate(near),
            Meant::Unknown(_) => Part::Stray,
            known => Part::Named(known),
        };
    }

    /// Whether a name is expected here: behind `on`, `of`, `host` and the like, or before `host`.
    fn is_name_place(&self, at: usize) -> bool {
        let before = self.tokens[..at].iter().rev().find(|token| !is_article(token));
        let expects = |token: &Token| token.is(Word::Preposition) || token.is(Word::Noun);
        let followed = self.tokens.get(at + 1).is_some_and(|next| next.is(Word::Noun));
        before.is_some_and(expects) || (followed && self.tokens[at].word.is_none())
    }

    /// Whether an unknown word stands where a sentence has whom it is about: `is X up`, `why did X not restart`.
    fn is_candidate(&self, at: usize) -> bool {
        let before = self.tokens[..at].iter().rev().find(|token| !is_article(token));
        before.is_some_and(|token| {
            ["is", "was", "are", "were", "did", "does", "has", "have", "not", "restart", "reboot"]
                .contains(&token.low.as_str())
        })
    }

    /// Whether a word is there that means this, and that is not part of a name or a time.
    pub fn has(&self, word: Word) -> bool {
        self.words().any(|token| token.is(word))
    }

    pub fn has_any(&self, words: &[Word]) -> bool {
        words.iter().any(|word| self.has(*word))
    }

    /// Whether this word is there, as it is spelt.
    pub fn says(&self, low: &str) -> bool {
        self.words().any(|token| token.low == low)
    }

    /// Whether these words are there side by side.
    pub fn says_together(&self, first: &str, second: &str) -> bool {
        self.tokens.windows(2).any(|pair| pair[0].low == first && pair[1].low == second)
    }

    fn words(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().zip(&self.parts).filter(|(_, part)| **part == Part::Word).map(|(token, _)| token)
    }

    /// Unknown words that no rule may pass over, `since` without a time among them.
    pub fn strays(&self) -> usize {
        let since = self.words().filter(|token| token.is(Word::Since)).count();
        let since = since.saturating_sub(usize::from(self.says_together("since", "when")));
        self.parts.iter().filter(|part| **part == Part::Stray).count() + since
    }

    /// Unknown words where the sentence has whom it is about.
    pub fn candidates(&self) -> usize {
        self.parts.iter().filter(|part| matches!(part, Part::Candidate(_))).count()
    }

    /// Whom it is about: names that are known, and words that stand where names do.
    pub fn about(&self) -> Vec<Name> {
        let mut about: Vec<Name> = Vec::new();
        for (token, part) in self.tokens.iter().zip(&self.parts) {
            let name = match part {
                Part::Named(Meant::One(name)) => name.clone(),
                Part::Named(Meant::Unknown(_)) | Part::Candidate(_) => stranger(&token.written),
                _ => continue,
            };
            if !about.contains(&name) {
                about.push(name);
            }
        }
        about
    }

    /// Whether any of the names is known.
    pub fn knows_name(&self) -> bool {
        self.about().iter().any(|name| name.kind != Kind::Unknown)
    }

    pub fn level(&self) -> Option<&'static str> {
        match (self.has(Word::Warning), self.has(Word::Error)) {
            (true, _) => Some("warn"),
            (false, true) => Some("error"),
            (false, false) => None,
        }
    }

    /// Whether nothing is said but another name or another time: `and on web-2?`, `what about yesterday?`.
    pub fn is_follow_up(&self) -> bool {
        let Some(first) = self.tokens.first() else { return false };
        let second = self.tokens.get(1).map_or("", |token| token.low.as_str());
        let begins = first.is(Word::And)
            || first.is(Word::Same)
            || (["what", "how"].contains(&first.low.as_str()) && second == "about")
            || (first.is(Word::Preposition) && !self.about().is_empty());
        let plain = [
            Word::And,
            Word::Same,
            Word::Preposition,
            Word::Noun,
            Word::Filler,
            Word::Time,
            Word::What,
            Word::How,
            Word::Error,
            Word::Warning,
        ];
        let only = self.words().all(|token| token.word.is_some_and(|word| plain.contains(&word)));
        let says = self.span.is_some() || !self.about().is_empty() || self.level().is_some();
        begins && only && says && self.strays() == 0
    }

    /// The sentence about the first name that fits several.
    pub fn ambiguity(&self) -> Option<String> {
        self.tokens.iter().zip(&self.parts).find_map(|(token, part)| match part {
            Part::Named(Meant::Several(names)) => Some(several(&token.written, names)),
            _ => None,
        })
    }

    /// What was read otherwise than it was written, and which names are not known.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (token, part) in self.tokens.iter().zip(&self.parts) {
            match part {
                Part::Word
                    if token.word.is_some()
                        && vocabulary::exactly(&token.written.to_lowercase()).is_none() =>
                {
                    notes.push(format!("'{}' was read as '{}'.", token.written, token.low));
                }
                Part::Named(Meant::Unknown(near)) | Part::Candidate(near) => {
                    notes.push(unknown(&token.written, near.as_ref()));
                }
                _ => {}
            }
        }
        notes
    }
}

fn is_article(token: &Token) -> bool {
    ["the", "a", "an", "our", "my", "all", "not"].contains(&token.low.as_str())
}
