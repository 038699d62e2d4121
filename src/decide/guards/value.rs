//! The value that a guard decided by. It becomes words where it is recorded and not before: nearly every plan is looked
//! at twice, and the first look leaves nothing behind if it lets the plan pass.

use std::borrow::Cow;
use std::fmt::Write;
use std::time::Duration;

use crate::model::{Rate, Timestamp, push_duration};

/// What a guard decided by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A sentence.
    Words(Cow<'static, str>),
    /// The moment from which it lets pass.
    Since(Timestamp),
    /// The moment up to which it holds.
    Until(Timestamp),
    /// For how long an alert has been firing, and for how long it must.
    Firing(Duration, Duration),
    /// So many events lie in a rate's window; and when one of them leaves it, where that is waited for.
    Counted(usize, Rate, Option<Timestamp>),
    /// So many runs are under way, and so many may be.
    UnderWay(usize, usize),
}

impl Value {
    /// In words. Every decision keeps some twenty of them, and most are counts and times: they are written without
    /// the machinery of `format!`.
    pub fn text(&self) -> Cow<'static, str> {
        let mut text = String::new();
        match self {
            Self::Words(words) => return words.clone(),
            Self::Since(at) => write!(text, "since {at}").expect("a String can be written"),
            Self::Until(at) => write!(text, "until {at}").expect("a String can be written"),
            Self::Firing(lasted, least) => {
                text.push_str("firing for ");
                push_duration(&mut text, Duration::from_secs(lasted.as_secs()));
                text.push_str(" of ");
                push_duration(&mut text, *least);
            }
            Self::Counted(count, rate, until) => counted(&mut text, *count, *rate, *until),
            Self::UnderWay(running, most) => {
                text.push_str(itoa::Buffer::new().format(*running));
                text.push_str(" of ");
                text.push_str(itoa::Buffer::new().format(*most));
                text.push_str(" are under way");
            }
        }
        text.into()
    }
}

fn counted(text: &mut String, count: usize, rate: Rate, until: Option<Timestamp>) {
    text.reserve(24);
    text.push_str(itoa::Buffer::new().format(count));
    text.push_str(" of ");
    text.push_str(itoa::Buffer::new().format(rate.count()));
    text.push_str(" in the last ");
    push_duration(text, rate.per());
    if let Some(until) = until {
        write!(text, ", until {until}").expect("a String can be written");
    }
}

impl From<&'static str> for Value {
    fn from(words: &'static str) -> Self {
        Self::Words(words.into())
    }
}

impl From<String> for Value {
    fn from(words: String) -> Self {
        Self::Words(words.into())
    }
}
