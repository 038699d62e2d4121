//! One conversation: which value has which placeholder, and what goes back into the answer.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;

use super::named;
use super::placeholder::{self, Kind, Placeholder};
use super::span::Span;
use super::{Config, Redactor};

/// Values of one kind that have a placeholder of their own in one conversation. Those after share one
/// without a number, such as `[ip]`, which is not put back.
const MAX_VALUES: usize = 1000;
/// How often a text is gone over; the second time nearly always finds nothing.
const MAX_PASSES: usize = 5;

/// A text that may leave the host: only a [`Session`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redacted(String);

impl Redacted {
    /// The text with its placeholders.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Redacted {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was taken out of one conversation. `Debug` prints how much, never what.
#[derive(Clone)]
pub struct Session {
    redactor: Redactor,
    taken: [Taken; Kind::ALL.len()],
}

#[derive(Clone, Default)]
struct Taken {
    numbers: HashMap<String, usize>,
    values: Vec<String>,
}

impl Session {
    pub(super) fn new(redactor: Redactor) -> Self {
        Self { redactor, taken: Default::default() }
    }

    /// Takes out what has to be, from a text of anybody's. The same value gets the same placeholder in all
    /// texts of a session. What looks like a placeholder that is put back is taken out too, as
    /// `[text-1]`, so that nobody can have a value put where the text merely said `[ip-1]`.
    pub fn redact(&mut self, text: &str) -> Redacted {
        self.replace(text, self.restorable(text).collect())
    }

    /// The same for a value that stands apart from its name, as in a field, a header or a label: behind a name such as
    /// `password` all of it is a secret.
    pub fn redact_value(&mut self, name: &str, value: &str) -> Redacted {
        self.redact_apart(name, value, false)
    }

    /// As [`Session::redact_value`]; `list`: both stand in a list of words, which may be none of name and value.
    pub(super) fn redact_apart(&mut self, name: &str, value: &str, list: bool) -> Redacted {
        if let Some(secret) = named::apart(name, value, list) {
            let placeholder = self.placeholder(Kind::Secret, &value[secret.clone()]);
            return Redacted(format!("{}{placeholder}{}", &value[..secret.start], &value[secret.end..]));
        }
        let Redacted(value) = self.redact(value);
        if list {
            return Redacted(value);
        }
        // A configured pattern may ask for both.
        let before = format!("{name}=");
        let whole = self.pass(&format!("{before}{value}"), Vec::new());
        Redacted(whole.strip_prefix(&before).map_or(value, str::to_owned))
    }

    /// The same for a text that this session has redacted before, or that a model has written from such
    /// texts: the session's own placeholders stand. Redacting twice thus changes nothing.
    pub fn redact_again(&mut self, text: &str) -> Redacted {
        let forged = self.restorable(text).filter(|found| self.value(found).is_none()).collect();
        self.replace(text, forged)
    }

    /// Puts e-mail addresses, network addresses and texts that only looked like placeholders back.
    /// Secrets, and placeholders that this session has not given, stay as they are written.
    pub fn restore(&self, text: &str) -> String {
        let mut restored = String::with_capacity(text.len());
        let mut end = 0;
        for found in self.restorable(text) {
            if let Some(value) = self.value(&found) {
                restored.push_str(&text[end..found.range.start]);
                restored.push_str(value);
                end = found.range.end;
            }
        }
        restored.push_str(&text[end..]);
        restored
    }

    /// How many different values of a kind were taken out so far.
    pub fn count(&self, kind: Kind) -> usize {
        self.taken[kind as usize].values.len()
    }

    /// What looks like a placeholder of a kind that is taken out and put back.
    fn restorable<'a>(&self, text: &'a str) -> impl Iterator<Item = Placeholder> + use<'a> {
        let Config { emails, addresses, .. } = self.redactor.config;
        placeholder::find(text).filter(move |found| match found.kind {
            Kind::Email => emails,
            Kind::Ip => addresses,
            Kind::Text => emails || addresses,
            Kind::Secret | Kind::Private => false,
        })
    }

    /// What is taken out may lay bare what stood beside it: it is gone over until nothing more is found.
    fn replace(&mut self, text: &str, forged: Vec<Placeholder>) -> Redacted {
        let mut redacted = self.pass(text, forged);
        for _ in 1..MAX_PASSES {
            if redacted == text {
                break;
            }
            let forged = self.restorable(&redacted).filter(|found| self.value(found).is_none()).collect();
            let next = self.pass(&redacted, forged);
            if next == redacted {
                break;
            }
            redacted = next;
        }
        Redacted(redacted)
    }

    fn pass(&mut self, text: &str, forged: Vec<Placeholder>) -> String {
        let forged = forged.into_iter().map(|found| Span { range: found.range, kind: Kind::Text }).collect();
        let mut redacted = String::with_capacity(text.len());
        let mut end = 0;
        for span in self.redactor.spans(text, forged) {
            redacted.push_str(&text[end..span.range.start]);
            redacted.push_str(&self.placeholder(span.kind, &text[span.range.clone()]));
            end = span.range.end;
        }
        redacted.push_str(&text[end..]);
        redacted
    }

    fn placeholder(&mut self, kind: Kind, value: &str) -> String {
        match self.taken[kind as usize].number(value) {
            Some(number) => format!("[{}-{number}]", kind.as_str()),
            None => format!("[{}]", kind.as_str()),
        }
    }

    fn value(&self, found: &Placeholder) -> Option<&str> {
        self.taken[found.kind as usize].values.get(found.number.checked_sub(1)?).map(String::as_str)
    }
}

impl Taken {
    /// The number of a value, from 1; `None` if it has none and there are too many already.
    fn number(&mut self, value: &str) -> Option<usize> {
        if let Some(number) = self.numbers.get(value) {
            return Some(*number);
        }
        let number = self.values.len() + 1;
        (number <= MAX_VALUES).then(|| {
            self.numbers.insert(value.to_owned(), number);
            self.values.push(value.to_owned());
            number
        })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = Kind::ALL.map(|kind| (kind.as_str(), self.count(kind)));
        f.debug_map().entries(counts).finish()
    }
}
