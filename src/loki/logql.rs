//! The expression for a question. Pure. Text from outside stands in it as a quoted string only.

use std::fmt::Write;

use super::Config;
use crate::log::Level;

/// What lines of a level are called, by whoever wrote them; from the most severe down.
const NAMES: [(Level, &str); 4] = [
    (Level::Error, "error|err|critical|crit|fatal|alert|emergency|emerg|panic"),
    (Level::Warn, "warning|warn"),
    (Level::Info, "information|info|notice"),
    (Level::Debug, "debug"),
];

/// The lines of a service, of all services where it is `None`, that hold a text whatever its case, and are at least so
/// severe.
pub(super) fn logql(
    config: &Config,
    service: Option<&str>,
    contains: Option<&str>,
    level: Option<Level>,
) -> String {
    let label = &config.label;
    let mut expr = match service {
        Some(service) => format!("{{{label}={}}}", quoted(service)),
        None => format!("{{{label}=~\".+\"}}"),
    };
    if let Some(text) = contains {
        // Lines are compared whatever their case only by an expression; the text is one of literals.
        push(&mut expr, &format!("|~ {}", quoted(&format!("(?i){}", regex::escape(text)))));
    }
    if let Some(level) = level.filter(|level| *level > Level::Trace) {
        push(&mut expr, &format!("| {}=~{}", config.level_label, quoted(&names_from(level))));
    }
    expr
}

fn push(expr: &mut String, part: &str) {
    expr.push(' ');
    expr.push_str(part);
}

/// What a level, and whatever is more severe, may be called.
fn names_from(level: Level) -> String {
    let names = NAMES.iter().filter(|(one, _)| *one >= level).map(|(_, names)| *names);
    format!("(?i)({})", names.collect::<Vec<_>>().join("|"))
}

/// The level that a word stands for; `None` if nobody knows.
pub(super) fn level_of(word: &str) -> Option<Level> {
    let word = word.to_ascii_lowercase();
    let found = NAMES.iter().find(|(_, names)| names.split('|').any(|name| name == word));
    found.map(|(level, _)| *level).or_else(|| (word == "trace").then_some(Level::Trace))
}

/// A string of LogQL, which unquotes it as Go does.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::new("http://loki:3100".parse().unwrap())
    }

    #[test]
    fn a_question_becomes_an_expression() {
        for (claim, service, contains, level, expected) in [
            ("everything", None, None, None, r#"{service_name=~".+"}"#),
            ("a service", Some("shop"), None, None, r#"{service_name="shop"}"#),
            ("a text", None, Some("Time out"), None, r#"{service_name=~".+"} |~ "(?i)Time out""#),
            (
                "a level",
                Some("shop"),
                None,
                Some(Level::Warn),
                r#"{service_name="shop"} | detected_level=~"(?i)(error|err|critical|crit|fatal|alert|emergency|emerg|panic|warning|warn)""#,
            ),
            (
                "the least level is every line",
                Some("shop"),
                None,
                Some(Level::Trace),
                r#"{service_name="shop"}"#,
            ),
        ] {
            assert_eq!(logql(&config(), service, contains, level), expected, "{claim}");
        }
    }

    #[test]
    fn text_stays_within_its_quotes() {
        for (text, service, line) in [
            (r#""} or {a="b"#, r#""\"} or {a=\"b""#, r#""(?i)\"\\} or \\{a=\"b""#),
            (r"back\", r#""back\\""#, r#""(?i)back\\\\""#),
            ("a`|= `b", "\"a`|= `b\"", "\"(?i)a`\\\\|= `b\""),
            ("two\nlines", r#""two\u000alines""#, r#""(?i)two\u000alines""#),
            ("\0\u{1b}[31m\u{9b}", r#""\u0000\u001b[31m\u009b""#, r#""(?i)\u0000\u001b\\[31m\u009b""#),
            ("a.*b", r#""a.*b""#, r#""(?i)a\\.\\*b""#),
            ("straße", "\"straße\"", "\"(?i)straße\""),
        ] {
            let expected = format!("{{service_name={service}}} |~ {line}");
            assert_eq!(logql(&config(), Some(text), Some(text), None), expected, "{text:?}");
        }
    }

    #[test]
    fn a_level_is_known_by_many_names() {
        for (word, expected) in [
            ("error", Some(Level::Error)),
            ("CRITICAL", Some(Level::Error)),
            ("Warning", Some(Level::Warn)),
            ("info", Some(Level::Info)),
            ("debug", Some(Level::Debug)),
            ("trace", Some(Level::Trace)),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(level_of(word), expected, "{word}");
        }
    }
}
