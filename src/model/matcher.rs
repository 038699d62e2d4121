//! Alertmanager matchers: `alertname="AppDown"`, `severity=~"critical|page"`.

use std::fmt;
use std::str::FromStr;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Labels;

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, anchored at both ends
    Matches,
    /// `!~`, anchored at both ends
    NotMatches,
}

/// One matcher. An absent label compares as the empty string, as in Alertmanager.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    operator: Operator,
    value: String,
    pattern: Option<Regex>,
}

/// Why a text is not a matcher.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// No operator, or no label name before it.
    #[error(
        "'{0}' is not a matcher; write a label name, one of = != =~ !~ and a quoted value, for example severity=~\"critical|page\""
    )]
    Syntax(String),
    /// The pattern is not a regular expression.
    #[error("the pattern of '{text}' is not a regular expression: {reason}")]
    Pattern {
        /// The whole matcher.
        text: String,
        /// What the parser said, on one line.
        reason: String,
    },
}

impl Matcher {
    /// `name="value"`.
    pub fn equal(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), operator: Operator::Equal, value: value.to_owned(), pattern: None }
    }

    /// `name!="value"`.
    pub fn not_equal(name: &str, value: &str) -> Self {
        Self { operator: Operator::NotEqual, ..Self::equal(name, value) }
    }

    /// Whether the label set satisfies this matcher.
    pub fn matches(&self, labels: &Labels) -> bool {
        let actual = labels.get(&self.name).unwrap_or_default();
        let equal = match &self.pattern {
            Some(pattern) => pattern.is_match(actual),
            None => actual == self.value,
        };
        equal == matches!(self.operator, Operator::Equal | Operator::Matches)
    }

    /// The label name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The operator.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The value or the pattern's text, unquoted.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Whether a label set satisfies every matcher.
pub fn matches_all(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|matcher| matcher.matches(labels))
}

/// Reads a series selector without a metric's name: `{instance="a:9100",job=~"node|db"}`, braces optional. An empty
/// one has no matchers.
pub fn parse_selector(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let trimmed = text.trim();
    let inner = trimmed.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(trimmed);
    let inner = inner.trim().strip_suffix(',').unwrap_or(inner.trim());
    if inner.is_empty() {
        return Ok(Vec::new());
    }
    split_outside_quotes(inner).into_iter().map(str::parse).collect()
}

/// The parts between the commas that are not within quotes.
fn split_outside_quotes(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.operator, &self.value) == (&other.name, other.operator, &other.value)
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Matches => "=~",
            Operator::NotMatches => "!~",
        };
        write!(f, "{}{operator}\"{}\"", self.name, super::escape_promql(&self.value))
    }
}

impl Serialize for Matcher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for Matcher {
    type Err = MatcherError;

    fn from_str(text: &str) -> Result<Self, MatcherError> {
        let syntax = || MatcherError::Syntax(text.chars().take(120).collect());
        let trimmed = text.trim();
        let split = trimmed.find(['=', '!']).ok_or_else(syntax)?;
        let (name, rest) = trimmed.split_at(split);
        let name = name.trim();
        if !is_label_name(name) {
            return Err(syntax());
        }
        let (operator, value) = split_operator(rest).ok_or_else(syntax)?;
        let value = unquote(value.trim()).ok_or_else(syntax)?;
        let pattern = match operator {
            Operator::Equal | Operator::NotEqual => None,
            Operator::Matches | Operator::NotMatches => Some(compile(text, &value)?),
        };
        Ok(Self { name: name.to_owned(), operator, value, pattern })
    }
}

fn is_label_name(name: &str) -> bool {
    let head = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(head) && name.chars().all(|c| head(c) || c.is_ascii_digit())
}

fn split_operator(text: &str) -> Option<(Operator, &str)> {
    [
        ("=~", Operator::Matches),
        ("!~", Operator::NotMatches),
        ("!=", Operator::NotEqual),
        ("=", Operator::Equal),
    ]
    .into_iter()
    .find_map(|(sign, operator)| Some((operator, text.strip_prefix(sign)?)))
}

/// Double quotes are optional, as in Alertmanager; inside them `\"`, `\\` and `\n` are escapes.
fn unquote(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else {
        return (!text.contains(['"', ','])).then(|| text.to_owned());
    };
    let mut value = String::new();
    let mut chars = inner.strip_suffix('"')?.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => match chars.next()? {
                'n' => value.push('\n'),
                escaped @ ('\\' | '"') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            plain => value.push(plain),
        }
    }
    Some(value)
}

fn compile(text: &str, pattern: &str) -> Result<Regex, MatcherError> {
    Regex::new(&format!("^(?s:{pattern})$")).map_err(|error| MatcherError::Pattern {
        text: text.to_owned(),
        reason: error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_agree_with_alertmanager() {
        let labels: Labels = [("alertname", "AppDown"), ("severity", "critical")].into_iter().collect();
        for (matcher, expected) in [
            (r#"alertname="AppDown""#, true),
            (r#"alertname = "AppDown""#, true),
            ("alertname=AppDown", true),
            (r#"alertname!="AppDown""#, false),
            (r#"severity=~"critical|page""#, true),
            (r#"severity=~"crit""#, false),
            (r#"severity!~"warn.*""#, true),
            (r#"team="""#, true),
            (r#"team!="""#, false),
        ] {
            let parsed: Matcher = matcher.parse().unwrap();
            assert_eq!(parsed.matches(&labels), expected, "{matcher}");
        }
    }

    #[test]
    fn a_broken_matcher_is_refused_when_it_is_read() {
        for text in ["", "alertname", "=x", "1a=x", r#"a="x"#, r#"a="x"y""#, r#"a=~"(""#] {
            assert!(text.parse::<Matcher>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_selector_is_a_list_of_matchers() {
        for (text, expected) in [
            ("", Some(0)),
            ("{}", Some(0)),
            (r#"{instance="a:9100"}"#, Some(1)),
            (r#" { instance="a" , job=~"b,c" , } "#, Some(2)),
            (r#"job!="a\\",x="\",y=""#, Some(2)),
            (r#"a="b",c!~"d""#, Some(2)),
            (r#"up{a="b"}"#, None),
            (r#"{a="b",,c="d"}"#, None),
            (r#"{a="b"#, None),
        ] {
            assert_eq!(parse_selector(text).ok().map(|matchers| matchers.len()), expected, "{text}");
        }
    }

    #[test]
    fn a_matcher_prints_as_it_is_read() {
        let matcher: Matcher = r#"a=~"x\"y|z""#.parse().unwrap();
        assert_eq!(matcher.to_string().parse::<Matcher>().unwrap(), matcher);
    }
}
