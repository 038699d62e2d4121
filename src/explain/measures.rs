//! Which metrics an expression reads: two that read the same one tell the same thing. Pure.

use std::collections::BTreeSet;

/// Words of PromQL that a bracket or another word follows, and that are no metrics.
const WORDS: [&str; 29] = [
    "and",
    "atan2",
    "avg",
    "bool",
    "bottomk",
    "by",
    "count",
    "count_values",
    "end",
    "group",
    "group_left",
    "group_right",
    "ignoring",
    "inf",
    "limitk",
    "max",
    "min",
    "nan",
    "offset",
    "on",
    "or",
    "quantile",
    "start",
    "stddev",
    "stdvar",
    "sum",
    "topk",
    "unless",
    "without",
];
/// Those that a list of labels follows.
const LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// The metrics that are named outside of braces; one that only `__name__` names is not found.
pub fn metrics(expr: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut rest = expr;
    while let Some(c) = rest.chars().next() {
        if is_first(c) || c.is_ascii_digit() {
            let end = rest.find(|c: char| !is_first(c) && !c.is_ascii_digit()).unwrap_or(rest.len());
            let word = &rest[..end];
            rest = rest[end..].trim_start();
            let (called, listed) = (rest.starts_with('('), is_one(&LISTS, word));
            if called && listed {
                rest = behind(rest);
            } else if is_first(c) && !called && !is_one(&WORDS, word) {
                found.insert(word);
            }
        } else if matches!(c, '{' | '[' | '"' | '\'' | '`') {
            rest = behind(rest);
        } else {
            rest = &rest[c.len_utf8()..];
        }
    }
    found
}

fn is_first(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | ':')
}

fn is_one(words: &[&str], word: &str) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}

/// What follows the text or the bracket that begins here; a bracket within a text does not count.
fn behind(text: &str) -> &str {
    let (mut quote, mut escaped, mut depth) = (None, false, 0_usize);
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(end) if c == '\\' && end != '`' => escaped = true,
            Some(end) if c == end => quote = None,
            Some(_) => continue,
            None => match c {
                '"' | '\'' | '`' => quote = Some(c),
                '{' | '[' | '(' => depth += 1,
                '}' | ']' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
        if depth == 0 && quote.is_none() && !escaped {
            return &text[at + c.len_utf8()..];
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_what_is_neither_function_nor_label_nor_word() {
        for (expr, expected) in [
            ("up == 0", &["up"][..]),
            (
                r#"sum by (job, mode) (rate(a:b{c="d > e"}[5m])) / on (job) group_left (x) total > 0.5"#,
                &["a:b", "total"],
            ),
            (
                "1 - avg without (cpu) (rate(node_cpu_seconds_total{mode='}'}[5m] offset 1h))",
                &["node_cpu_seconds_total"],
            ),
            (r#"label_replace(a, "b", "$1 (", "c", "\"d")"#, &["a"]),
            ("SUM(a) BY (b) AND NOT_A_WORD unless on() c", &["NOT_A_WORD", "a", "c"]),
            ("1e9 * 5 + inf", &[]),
            (r#"{__name__="a"}"#, &[]),
            ("a{b=\"", &["a"]),
            ("", &[]),
        ] {
            assert_eq!(metrics(expr), expected.iter().copied().collect(), "{expr}");
        }
    }
}
