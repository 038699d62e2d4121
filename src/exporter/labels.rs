//! Input labels as text of the exposition formats.
//!
//! Names and values come from a Prometheus we do not own. Labels that begin with `__` are Prometheus's
//! own and are left out; an empty value means an absent label. A name that clashes with one of ours gets
//! `exported_` in front, as often as it takes, as Prometheus does. A name that the classic format cannot
//! express (Prometheus 3 allows any UTF-8) has each foreign character replaced by `_`.

use std::borrow::Cow;
use std::ops::Add;

use crate::model::Labels;

/// The label names that are ours on a score.
pub(super) const OURS: &[&str] = &["query", "model"];
/// And on a member's part of one.
pub(super) const OURS_OF_MEMBERS: &[&str] = &["query", "model", "feature"];

/// How many labels are not on the page as they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Altered {
    /// The name holds characters that the classic format cannot express, and they were replaced.
    pub(super) renamed: u64,
    /// The name is empty: nothing could be written.
    pub(super) dropped: u64,
}

impl Add for Altered {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { renamed: self.renamed + other.renamed, dropped: self.dropped + other.dropped }
    }
}

/// Appends `,name="value"` for every label that belongs on the page, sorted by the names as written: two
/// label sets that are one on the page have one text.
pub(super) fn append_input(text: &mut String, labels: &Labels, ours: &[&str], altered: &mut Altered) {
    let kept = labels.iter().filter(|(name, value)| !name.starts_with("__") && !value.is_empty());
    let mut written: Vec<(Cow<'_, str>, &str)> = Vec::with_capacity(labels.len());
    let mut in_order = true;
    for (name, value) in kept {
        if name.is_empty() {
            altered.dropped += 1;
            continue;
        }
        let mut classic = classic_name(name);
        let foreign = matches!(classic, Cow::Owned(_));
        altered.renamed += u64::from(foreign);
        if foreign || ours.contains(&name) {
            classic = free_name(classic.into_owned(), labels, ours, &written).into();
            in_order = false;
        }
        written.push((classic, value));
    }
    if !in_order {
        written.sort_unstable();
    }
    for (name, value) in written {
        text.push(',');
        append(text, &name, value);
    }
}

/// Appends `name="value"`, the value escaped. Every other character may stand in a value as it is.
pub(super) fn append(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push_str("=\"");
    let mut rest = value;
    while let Some(at) = rest.find(['\\', '"', '\n']) {
        text.push_str(&rest[..at]);
        text.push_str(match rest.as_bytes()[at] {
            b'\\' => "\\\\",
            b'"' => "\\\"",
            _ => "\\n",
        });
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
    text.push('"');
}

/// The name with `_` for every character outside `[a-zA-Z_][a-zA-Z0-9_]*`.
fn classic_name(name: &str) -> Cow<'_, str> {
    let fits =
        |index: usize, c: char| c == '_' || c.is_ascii_alphabetic() || (index > 0 && c.is_ascii_digit());
    if name.bytes().enumerate().all(|(index, byte)| fits(index, char::from(byte))) {
        return name.into();
    }
    name.chars().enumerate().map(|(index, c)| if fits(index, c) { c } else { '_' }).collect::<String>().into()
}

/// `name` with `exported_` in front until it clashes with nothing. Ends after as many turns as there are
/// labels, plus one.
fn free_name(mut name: String, labels: &Labels, ours: &[&str], written: &[(Cow<'_, str>, &str)]) -> String {
    while ours.contains(&&*name)
        || name.starts_with("__")
        || labels.get(&name).is_some()
        || written.iter().any(|(taken, _)| *taken == name)
    {
        name.insert_str(0, "exported_");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pairs: &[(&str, &str)]) -> (String, Altered) {
        let (mut text, mut altered) = (String::new(), Altered::default());
        append_input(&mut text, &pairs.iter().copied().collect(), OURS, &mut altered);
        (text, altered)
    }

    #[test]
    fn labels_are_written_as_prometheus_would_keep_them() {
        for (claim, pairs, expected) in [
            (
                "plain labels stay",
                &[("instance", "a:9100"), ("job", "node")][..],
                r#",instance="a:9100",job="node""#,
            ),
            ("no labels, no text", &[], ""),
            (
                "Prometheus's own labels go",
                &[("__name__", "up"), ("__meta_x", "1"), ("job", "a")],
                r#",job="a""#,
            ),
            ("an empty value is an absent label", &[("a", ""), ("b", "1")], r#",b="1""#),
            (
                "a clash is renamed",
                &[("model", "m"), ("query", "q")],
                r#",exported_model="m",exported_query="q""#,
            ),
            (
                "the prefix repeats until the name is free",
                &[("exported_exported_query", "3"), ("exported_query", "2"), ("query", "1")],
                r#",exported_exported_exported_query="1",exported_exported_query="3",exported_query="2""#,
            ),
            ("backslash, quote and newline are escaped", &[("a", "\\x\"y\n")], r#",a="\\x\"y\n""#),
            ("other control characters stay", &[("a", "\r\t\0\u{1b}")], ",a=\"\r\t\0\u{1b}\""),
            ("non-ASCII values stay", &[("a", "Zürich 温度")], ",a=\"Zürich 温度\""),
        ] {
            assert_eq!(written(pairs), (expected.to_owned(), Altered::default()), "{claim}");
        }
    }

    #[test]
    fn names_that_cannot_be_written_are_replaced_and_counted() {
        for (claim, pairs, expected, renamed) in [
            ("a dot becomes an underscore", &[("http.method", "GET")][..], r#",http_method="GET""#, 1),
            ("a colon is for metric names only", &[("a:b", "1")], r#",a_b="1""#, 1),
            ("a leading digit is replaced", &[("1a", "1")], r#",_a="1""#, 1),
            ("one underscore per character, not per byte", &[("é", "1")], r#",_="1""#, 1),
            (
                "replaced names stay apart from real ones",
                &[("a.b", "1"), ("a_b", "2")],
                r#",a_b="2",exported_a_b="1""#,
                1,
            ),
            ("and from each other", &[("a-b", "1"), ("a.b", "2")], r#",a_b="1",exported_a_b="2""#, 2),
            ("none becomes one of Prometheus's own", &[("é.x", "1")], r#",exported___x="1""#, 1),
        ] {
            assert_eq!(written(pairs), (expected.to_owned(), Altered { renamed, dropped: 0 }), "{claim}");
        }
        assert_eq!(
            written(&[("", "1"), ("a", "2")]),
            (r#",a="2""#.to_owned(), Altered { renamed: 0, dropped: 1 })
        );
    }
}
