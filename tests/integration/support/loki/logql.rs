//! The part of LogQL that a question for lines needs, read strictly: a selector, filters of the line, filters of
//! labels. Strings are those of Go.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;

/// An expression.
pub struct Expression {
    selector: Vec<(String, Test)>,
    lines: Vec<Test>,
    labels: Vec<(String, Test)>,
}

/// What a text must be.
enum Test {
    Equal(String),
    Holds(String),
    Matches(Regex),
}

impl Test {
    fn passes(&self, text: &str) -> bool {
        match self {
            Self::Equal(wanted) => text == wanted,
            Self::Holds(part) => text.contains(part.as_str()),
            Self::Matches(pattern) => pattern.is_match(text),
        }
    }
}

impl Expression {
    /// Reads all of a text, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text.chars().peekable() };
        reader.sign("{")?;
        let selector = vec![reader.label_test()?];
        reader.sign("}")?;
        if selector.iter().all(|(_, test)| test.passes("")) {
            return Err("at least one matcher must not match the empty value".to_owned());
        }
        let mut expression = Self { selector, lines: Vec::new(), labels: Vec::new() };
        while reader.skip_spaces().is_some() {
            reader.sign("|")?;
            match reader.rest.peek() {
                Some('=') => {
                    reader.sign("=")?;
                    expression.lines.push(Test::Holds(reader.string()?));
                }
                Some('~') => {
                    reader.sign("~")?;
                    expression.lines.push(Test::Matches(pattern(&reader.string()?)?));
                }
                _ => expression.labels.push(reader.label_test()?),
            }
        }
        Ok(expression)
    }

    /// Whether a line of a stream is meant.
    pub fn matches(&self, labels: &BTreeMap<String, String>, line: &str) -> bool {
        let passes = |(name, test): &(String, Test)| test.passes(labels.get(name).map_or("", String::as_str));
        self.selector.iter().chain(&self.labels).all(passes)
            && self.lines.iter().all(|test| test.passes(line))
    }
}

fn pattern(source: &str) -> Result<Regex, String> {
    Regex::new(source).map_err(|error| error.to_string())
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    fn skip_spaces(&mut self) -> Option<char> {
        while self.rest.next_if_eq(&' ').is_some() {}
        self.rest.peek().copied()
    }

    fn sign(&mut self, sign: &str) -> Result<(), String> {
        self.skip_spaces();
        for wanted in sign.chars() {
            let found = self.rest.next();
            if found != Some(wanted) {
                return Err(format!("syntax error: unexpected {found:?}, expecting {sign}"));
            }
        }
        Ok(())
    }

    fn label_test(&mut self) -> Result<(String, Test), String> {
        self.skip_spaces();
        let mut name = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
        }
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Err(format!("syntax error: '{name}' is no label"));
        }
        self.sign("=")?;
        // A pattern of a label is anchored, and its dot stands for a line break too.
        let test = match self.rest.next_if_eq(&'~') {
            Some(_) => Test::Matches(pattern(&format!("^(?s:{})$", self.string()?))?),
            None => Test::Equal(self.string()?),
        };
        Ok((name, test))
    }

    fn string(&mut self) -> Result<String, String> {
        self.sign("\"")?;
        let mut text = String::new();
        loop {
            match self.rest.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(c) if c >= ' ' => text.push(c),
                other => return Err(format!("literal not terminated: {other:?}")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let unknown = |c| format!("unknown escape sequence: {c:?}");
        let digits = match self.rest.next() {
            Some(c @ ('"' | '\\')) => return Ok(c),
            Some('n') => return Ok('\n'),
            Some('r') => return Ok('\r'),
            Some('t') => return Ok('\t'),
            Some('u') => 4,
            Some('U') => 8,
            other => return Err(unknown(other)),
        };
        let hexadecimal: String = self.rest.by_ref().take(digits).collect();
        let code = u32::from_str_radix(&hexadecimal, 16).map_err(|error| error.to_string())?;
        char::from_u32(code).filter(|_| hexadecimal.len() == digits).ok_or_else(|| unknown(None))
    }
}

#[test]
fn it_reads_what_it_should_and_refuses_the_rest() {
    let labels =
        BTreeMap::from([("a".to_owned(), "b\"c".to_owned()), ("level".to_owned(), "WARN".to_owned())]);
    for (text, expected) in [
        (r#"{a="b\"c"}"#, Some(true)),
        (r#"{a=~".+"} |= "x.y""#, Some(true)),
        (r#"{a=~".+"} |~ "(?i)X\\.Y" | level=~"(?i)(warn|error)""#, Some(true)),
        (r#"{a=~".+"} |~ "(?i)x\\+y""#, Some(false)),
        (r#"{a="b"}"#, Some(false)),
        (r#"{a="\u0062\"c"}"#, Some(true)),
        (r#"{a=~".*"}"#, None),
        (r#"{a="b"} or {a="c"}"#, None),
        (r#"{a="\."}"#, None),
        ("{a=\"\n\"}", None),
        (r#"{a="b"} |~ "(""#, None),
        (r#"{a="b"} | level"#, None),
        (r#"{a="b"#, None),
        ("", None),
    ] {
        let read = Expression::parse(text).ok().map(|expression| expression.matches(&labels, "x.y"));
        assert_eq!(read, expected, "{text}");
    }
}
