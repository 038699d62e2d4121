//! The value that a guard decided by. It becomes words where it is read or written down and not before: thousands of
//! decisions may be made at once, and each keeps some twenty values.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Rate, Timestamp, push_duration};

/// What a guard decided by. Two are equal if they say the same; serialised, it is its words.
#[derive(Clone, Debug)]
pub enum CheckValue {
    /// A sentence.
    Words(Cow<'static, str>),
    /// An expression that holds.
    Holds(Arc<str>),
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

impl CheckValue {
    /// In words. Most are counts and times: they are written without the machinery of `format!`.
    pub fn text(&self) -> Cow<'static, str> {
        let mut text = String::new();
        match self {
            Self::Words(words) => return words.clone(),
            Self::Holds(expr) => text.extend(["holds: ", expr]),
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

impl PartialEq for CheckValue {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for CheckValue {}

impl fmt::Display for CheckValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Serialize for CheckValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for CheckValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl From<&'static str> for CheckValue {
    fn from(words: &'static str) -> Self {
        Self::Words(words.into())
    }
}

impl From<String> for CheckValue {
    fn from(words: String) -> Self {
        Self::Words(words.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_says_the_same_before_and_after_it_is_written() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let (minute, rate) = (Duration::from_secs(60), "2/10m".parse().expect("a rate"));
        for (value, words) in [
            (CheckValue::from("calm"), "calm"),
            (CheckValue::Holds("up == 1".into()), "holds: up == 1"),
            (CheckValue::Since(at), "since 2023-11-14T22:13:20Z"),
            (CheckValue::Until(at), "until 2023-11-14T22:13:20Z"),
            (CheckValue::Firing(minute, 5 * minute), "firing for 1m of 5m"),
            (CheckValue::Counted(1, rate, None), "1 of 2 in the last 10m"),
            (CheckValue::Counted(2, rate, Some(at)), "2 of 2 in the last 10m, until 2023-11-14T22:13:20Z"),
            (CheckValue::UnderWay(1, 4), "1 of 4 are under way"),
        ] {
            let written = serde_json::to_string(&value).expect("words");
            let read: CheckValue = serde_json::from_str(&written).expect("words");
            assert_eq!((value.to_string().as_str(), &read), (words, &value));
        }
    }
}
