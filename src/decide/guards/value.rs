//! The value that a guard decided by. It becomes words where it is recorded and not before: nearly every plan is looked
//! at twice, and the first look leaves nothing behind if it lets the plan pass.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::time::Duration;

use crate::model::{Rate, Timestamp, write_duration};

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
    /// In words.
    pub fn text(&self) -> String {
        match self {
            Self::Words(words) => words.clone().into_owned(),
            other => {
                let mut text = String::with_capacity(64);
                write!(text, "{other}").expect("a String can be written");
                text
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Since(at) => write!(f, "since {at}"),
            Self::Until(at) => write!(f, "until {at}"),
            Self::Firing(lasted, least) => {
                f.write_str("firing for ")?;
                write_duration(f, Duration::from_secs(lasted.as_secs()))?;
                f.write_str(" of ")?;
                write_duration(f, *least)
            }
            Self::Counted(count, rate, until) => {
                write!(f, "{count} of {} in the last ", rate.count())?;
                write_duration(f, rate.per())?;
                until.map_or(Ok(()), |until| write!(f, ", until {until}"))
            }
            Self::UnderWay(running, most) => write!(f, "{running} of {most} are under way"),
        }
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
