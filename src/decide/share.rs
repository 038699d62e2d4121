//! So many, or so large a share: what of a group must be left, and what may be worked on at once.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::template::Template;

/// A count, or a share of another count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// So many.
    Count(u32),
    /// So many of a hundred; above 0, up to 100.
    Percent(f64),
}

/// Why a text is no share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is neither a count nor a share; write for example 2 or 20%")]
pub struct ShareError(String);

impl Share {
    /// How many that is of so many, not rounded.
    pub fn of(self, all: f64) -> f64 {
        match self {
            Self::Count(count) => f64::from(count),
            Self::Percent(percent) => percent * all / 100.0,
        }
    }
}

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        let share = match text.trim().strip_suffix('%') {
            Some(percent) => {
                percent.trim().parse().ok().filter(|p| *p > 0.0 && *p <= 100.0).map(Self::Percent)
            }
            None => text.trim().parse().ok().filter(|count| *count > 0).map(Self::Count),
        };
        share.ok_or_else(|| ShareError(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// How many runs of a policy there may be at once.
#[derive(Clone, Debug)]
pub struct AtMost {
    /// So many.
    pub share: Share,
    /// PromQL with one number as its result, of which it is a share; there for a share, and only then.
    pub of: Option<Template>,
}

/// Who stands in for a target while it is acted on.
#[derive(Clone, Debug)]
pub struct Group {
    /// PromQL with one series a member.
    pub members: Template,
    /// PromQL with one series a healthy member.
    pub healthy: Template,
    /// The label that names a member as the target is named.
    pub label: Arc<str>,
    /// How many healthy members must be left, what is under way counted as not healthy.
    pub keep: Option<Share>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_count_or_a_percentage() {
        for (text, all, expected) in [
            ("2", 10.0, Some(2.0)),
            ("20%", 10.0, Some(2.0)),
            ("12.5 %", 8.0, Some(1.0)),
            ("100%", 3.0, Some(3.0)),
            ("0", 1.0, None),
            ("0%", 1.0, None),
            ("101%", 1.0, None),
            ("NaN%", 1.0, None),
            ("-1", 1.0, None),
            ("", 1.0, None),
            ("half", 1.0, None),
        ] {
            assert_eq!(text.parse::<Share>().ok().map(|share| share.of(all)), expected, "{text}");
        }
        assert_eq!("20%".parse::<Share>().unwrap().to_string(), "20%");
    }
}
