//! An expression of PromQL in pieces, as far as it matters which numbers it reckons with. Pure.

/// A piece.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'e> {
    /// The name of a metric or a function, or a word of the language.
    Word(&'e str),
    /// A number; not a number where it is written as a duration.
    Number(f64),
    /// A text.
    Text,
    /// Matchers, with their braces.
    Braces,
    /// A range, with its brackets.
    Brackets,
    /// An operator, a bracket or a comma.
    Sign(&'e str),
}

/// The pieces of an expression, in order. White space and comments are none.
pub(super) struct Tokens<'e> {
    rest: &'e str,
}

impl<'e> Tokens<'e> {
    pub fn new(expr: &'e str) -> Self {
        Self { rest: expr }
    }

    fn take(&mut self, length: usize) -> &'e str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'e str {
        self.take(self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len()))
    }

    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }

    /// A text, its quotes included.
    fn text(&mut self, quote: char) {
        self.take(1);
        let mut escaped = false;
        let end = self.rest.find(|c| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && quote != '`' && !escaped;
            ends
        });
        self.take(end.map_or(self.rest.len(), |end| end + 1));
    }

    /// What stands in braces or brackets, these included. They hold texts, and no others of their kind.
    fn enclosed(&mut self, end: char) {
        self.take(1);
        while let Some(c) = self.rest.chars().next() {
            match c {
                '"' | '\'' | '`' => self.text(c),
                _ => drop(self.take(c.len_utf8())),
            }
            if c == end {
                return;
            }
        }
    }

    fn number(&mut self) -> f64 {
        let mut previous = ' ';
        let hexadecimal = self.rest.starts_with("0x") || self.rest.starts_with("0X");
        let end = self.rest.find(|c: char| {
            let exponent = matches!(c, '+' | '-') && matches!(previous, 'e' | 'E') && !hexadecimal;
            previous = c;
            !(c.is_alphanumeric() || matches!(c, '.' | '_') || exponent)
        });
        let written = self.take(end.unwrap_or(self.rest.len()));
        written.replace('_', "").parse().unwrap_or(f64::NAN)
    }

    fn sign(&mut self) -> &'e str {
        let two = self.rest.get(..2).filter(|two| matches!(*two, "==" | "!=" | "<=" | ">=" | "=~" | "!~"));
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        self.take(two.map_or(first, str::len))
    }
}

impl<'e> Iterator for Tokens<'e> {
    type Item = Token<'e>;

    fn next(&mut self) -> Option<Token<'e>> {
        self.skip();
        let first = self.rest.chars().next()?;
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
        Some(match first {
            '"' | '\'' | '`' => {
                self.text(first);
                Token::Text
            }
            '{' => {
                self.enclosed('}');
                Token::Braces
            }
            '[' => {
                self.enclosed(']');
                Token::Brackets
            }
            '0'..='9' | '.' => Token::Number(self.number()),
            c if is_part(c) => Token::Word(self.take_while(is_part)),
            _ => Token::Sign(self.sign()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_read_in_pieces() {
        use Token::{Braces, Brackets, Number, Sign, Text, Word};
        for (expr, expected) in [
            ("up{a=\"}\"}[5m:1m] # x\n>= 1e+3", vec![Word("up"), Braces, Brackets, Sign(">="), Number(1e3)]),
            (
                "f('\\'', `\\`, .5)",
                vec![Word("f"), Sign("("), Text, Sign(","), Text, Sign(","), Number(0.5), Sign(")")],
            ),
            ("a:b-1_000", vec![Word("a:b"), Sign("-"), Number(1000.0)]),
            ("\"never ends", vec![Text]),
            ("{never", vec![Braces]),
            ("é€", vec![Word("é"), Sign("€")]),
        ] {
            assert_eq!(Tokens::new(expr).collect::<Vec<_>>(), expected, "{expr}");
        }
        assert!(matches!(Tokens::new("5m").next(), Some(Number(number)) if number.is_nan()));
    }
}
