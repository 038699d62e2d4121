//! Whether the numbers that an expression of PromQL returns are those of series, or rest on numbers that stand in the
//! expression. Pure.
//!
//! Series may be compared with numbers, ranked by them and converted by them: multiplied or divided by the factors
//! between units, and taken from a whole, which is 1 or 100, once. Any other number that is reckoned with comes from
//! whoever wrote the expression. What is not understood counts as such.

use std::iter::Peekable;

use super::tokens::{Token, Tokens};

/// Brackets within brackets that are followed: more than anybody writes, and bounded for the stack.
const MAX_DEPTH: usize = 40;
/// Factors between units, besides the powers of ten and of 1024: bits, hours of a day, seconds.
const FACTORS: [f64; 6] = [8.0, 24.0, 60.0, 3600.0, 86_400.0, 604_800.0];
/// What a share is taken from.
const WHOLES: [f64; 2] = [1.0, 100.0];
/// Functions whose numbers choose among the values of series, and become none.
const CHOOSING: [&str; 8] = [
    "bottomk",
    "histogram_fraction",
    "histogram_quantile",
    "limit_ratio",
    "limitk",
    "quantile",
    "quantile_over_time",
    "topk",
];
/// Lists of labels follow these.
const LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// Whether numbers of the expression itself are in what it returns.
pub(super) fn computed(expr: &str) -> bool {
    let mut reader = Reader { tokens: Tokens::new(expr).peekable(), depth: 0 };
    let kind = reader.expression(0);
    !matches!(kind, Some(Kind::Series { .. })) || reader.tokens.next().is_some()
}

/// What a part of an expression is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A number that stands there.
    Number(f64),
    /// Values of series; `rest`: what is left of a whole without them.
    Series { rest: bool },
}

/// Reads an expression; `None`: it is not understood, or reckons with numbers of its own.
struct Reader<'e> {
    tokens: Peekable<Tokens<'e>>,
    depth: usize,
}

impl<'e> Reader<'e> {
    fn expression(&mut self, least: u8) -> Option<Kind> {
        self.depth += 1;
        let mut left = if self.depth > MAX_DEPTH { None } else { self.signed() }?;
        while let Some((operator, binding)) = self.operator().filter(|(_, binding)| *binding >= least) {
            self.tokens.next();
            self.modifiers()?;
            // A power binds to the right.
            let right = self.expression(if operator == "^" { binding } else { binding + 1 })?;
            left = join(operator, left, right)?;
        }
        self.depth -= 1;
        Some(left)
    }

    fn operator(&mut self) -> Option<(&'e str, u8)> {
        let (Token::Sign(text) | Token::Word(text)) = *self.tokens.peek()? else { return None };
        let binding = match text.to_ascii_lowercase().as_str() {
            "or" => 1,
            "and" | "unless" => 2,
            "==" | "!=" | "<" | ">" | "<=" | ">=" => 3,
            "+" | "-" => 4,
            "*" | "/" | "%" | "atan2" => 5,
            "^" => 6,
            _ => return None,
        };
        Some((text, binding))
    }

    /// What may stand between an operator and its right side.
    fn modifiers(&mut self) -> Option<()> {
        while let Some(Token::Word(word)) = self.tokens.peek() {
            let word = word.to_ascii_lowercase();
            if word == "bool" {
                self.tokens.next();
            } else if !self.list(&word)? {
                break;
            }
        }
        Some(())
    }

    /// Passes over a list of labels, if that is what comes.
    fn list(&mut self, word: &str) -> Option<bool> {
        if !LISTS.contains(&word) {
            return Some(false);
        }
        self.tokens.next();
        if self.tokens.peek() == Some(&Token::Sign("(")) {
            while self.tokens.next()? != Token::Sign(")") {}
        }
        Some(true)
    }

    fn signed(&mut self) -> Option<Kind> {
        match self.tokens.peek()? {
            Token::Sign("+") => {
                self.tokens.next();
                self.expression(6)
            }
            Token::Sign("-") => {
                self.tokens.next();
                Some(match self.expression(6)? {
                    Kind::Number(number) => Kind::Number(-number),
                    series => series,
                })
            }
            _ => self.one(),
        }
    }

    fn one(&mut self) -> Option<Kind> {
        let found = match self.tokens.next()? {
            Token::Sign("(") => {
                let within = self.expression(0)?;
                self.closed(within)?
            }
            Token::Number(number) => Kind::Number(number),
            Token::Braces => Kind::Series { rest: false },
            Token::Word(word) => self.named(word)?,
            Token::Brackets | Token::Sign(_) | Token::Text => return None,
        };
        self.shifted()?;
        Some(found)
    }

    fn closed(&mut self, within: Kind) -> Option<Kind> {
        (self.tokens.next()? == Token::Sign(")")).then_some(within)
    }

    /// A metric, or a function of what follows.
    fn named(&mut self, word: &str) -> Option<Kind> {
        let lower = word.to_ascii_lowercase();
        while let Some(Token::Word(list)) = self.tokens.peek() {
            let list = list.to_ascii_lowercase();
            if !self.list(&list)? {
                break;
            }
        }
        match self.tokens.peek() {
            Some(Token::Sign("(")) => self.called(&lower),
            Some(Token::Braces) => {
                self.tokens.next();
                Some(Kind::Series { rest: false })
            }
            _ if ["inf", "nan"].contains(&lower.as_str()) => Some(Kind::Number(f64::NAN)),
            _ => Some(Kind::Series { rest: false }),
        }
    }

    fn called(&mut self, function: &str) -> Option<Kind> {
        self.tokens.next();
        let mut result = Kind::Series { rest: false };
        let mut more = self.tokens.peek()? != &Token::Sign(")");
        if !more {
            self.tokens.next();
        }
        while more {
            match self.expression(0)? {
                Kind::Series { rest: true } => result = Kind::Series { rest: true },
                Kind::Number(number) if !CHOOSING.contains(&function) && !converts(number) => return None,
                _ => {}
            }
            more = match self.tokens.next()? {
                Token::Sign(",") => true,
                Token::Sign(")") => false,
                _ => return None,
            };
        }
        while let Some(Token::Word(list)) = self.tokens.peek() {
            let list = list.to_ascii_lowercase();
            if !self.list(&list)? {
                break;
            }
        }
        Some(result)
    }

    /// A range, and from when on it is looked back: none of it becomes a value.
    fn shifted(&mut self) -> Option<()> {
        loop {
            match self.tokens.peek() {
                Some(Token::Brackets) => drop(self.tokens.next()),
                Some(Token::Word(word)) if word.eq_ignore_ascii_case("offset") => {
                    self.tokens.next();
                    self.moment()?;
                }
                Some(Token::Sign("@")) => {
                    self.tokens.next();
                    self.moment()?;
                }
                _ => return Some(()),
            }
        }
    }

    fn moment(&mut self) -> Option<()> {
        if self.tokens.peek() == Some(&Token::Sign("-")) {
            self.tokens.next();
        }
        match self.tokens.next()? {
            Token::Number(_) => Some(()),
            Token::Word(_) => {
                let brackets = (self.tokens.next()?, self.tokens.next()?);
                (brackets == (Token::Sign("("), Token::Sign(")"))).then_some(())
            }
            _ => None,
        }
    }
}

fn join(operator: &str, left: Kind, right: Kind) -> Option<Kind> {
    use Kind::{Number, Series};
    match (left, operator, right) {
        (Number(left), _, Number(right)) => reckoned(operator, left, right).map(Number),
        (Series { rest: left }, _, Series { rest: right }) => Some(Series { rest: left || right }),
        (Series { rest }, "==" | "!=" | "<" | ">" | "<=" | ">=", Number(_))
        | (Number(_), "==" | "!=" | "<" | ">" | "<=" | ">=", Series { rest }) => Some(Series { rest }),
        (Series { rest }, "*" | "/", Number(number)) | (Number(number), "*" | "/", Series { rest }) => {
            converts(number).then_some(Series { rest })
        }
        (Number(whole), "-", Series { rest: false }) => {
            WHOLES.contains(&whole).then_some(Series { rest: true })
        }
        _ => None,
    }
}

fn reckoned(operator: &str, left: f64, right: f64) -> Option<f64> {
    match operator {
        "+" => Some(left + right),
        "-" => Some(left - right),
        "*" => Some(left * right),
        "/" => Some(left / right),
        "^" => Some(left.powf(right)),
        _ => None,
    }
}

/// Whether a number is a factor between units, either way.
fn converts(number: f64) -> bool {
    let factor = number.abs();
    [factor, 1.0 / factor].into_iter().any(|factor| {
        let power = |base: f64| (0..=15).any(|exponent| close(factor, base.powi(exponent)));
        power(10.0) || power(1024.0) || FACTORS.iter().any(|known| close(factor, *known))
    })
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= other * 1e-12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_series_unless_the_expression_reckons_with_its_own() {
        for (expr, sentence) in [
            ("up", "a series"),
            ("up{job=\"a\", instance=~\"97|(b)\"}", "numbers within a selector"),
            ("{__name__=\"up\"}", "a selector without a name"),
            ("sum by (job) (rate(http_requests_total[5m]))", "an aggregation"),
            ("sum(rate(a[5m])) without (x) / on(job) group_left(b) sum by (job) (c)", "one by another"),
            ("topk(5, a)", "the first five"),
            ("histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m])))", "a quantile"),
            ("a > 0.9 and on (instance) b == bool 97", "compared with numbers"),
            ("a offset 5m - a offset -1h", "at other times"),
            ("a @ 1609746000 / a @ end()", "at given times"),
            ("max_over_time(rate(a[5m])[1h:30s])", "a subquery"),
            ("a * 100", "in percent"),
            ("a / 1024 / 1024", "in MiB"),
            ("a / (1024 ^ 3)", "in GiB"),
            ("rate(a[5m]) * 60 * 60", "an hour"),
            ("a / 1e9", "from nanoseconds"),
            ("a * 0.001", "from thousandths"),
            ("-a * 8", "in bits"),
            ("1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))", "the rest of 1"),
            ("100 - (avg(a) * 100)", "the rest of 100"),
            ("time() - process_start_time_seconds # 97", "since a start"),
            ("round(a, 0.1)", "to a tenth"),
            ("a[5m]", "samples"),
        ] {
            assert!(!computed(expr), "{sentence}: {expr}");
        }
        for (expr, sentence) in [
            ("up*0+97", "a number added to nothing"),
            ("up * 0 + (97)", "in brackets"),
            ("97 + up", "before it"),
            ("up * 97", "a factor of no units"),
            ("up / 0.97", "a divisor of none"),
            ("up % 97", "a remainder"),
            ("up ^ 2", "a power"),
            ("up * 0", "nothing"),
            ("up * (90 + 7)", "a number of numbers"),
            ("up - 3", "less a number"),
            ("98 - up", "the rest of no whole"),
            ("100 - (1 - up)", "the rest of a rest"),
            ("clamp_min(up, 97)", "a bound"),
            ("sum(up * 97)", "within a function"),
            ("predict_linear(a[1h], 4 * 3600)", "how far ahead"),
            ("up or 97", "a number beside series"),
            ("90 + 7", "numbers alone"),
            ("97", "a number"),
            ("0x61 + up", "in another notation"),
            ("up + Inf", "no number"),
            ("up + 97s", "a duration"),
            ("(up", "what does not end"),
            ("up up", "what is no expression"),
            ("", "nothing at all"),
        ] {
            assert!(computed(expr), "{sentence}: {expr}");
        }
        let deep = format!("{}up{}", "(".repeat(1000), ")".repeat(1000));
        assert!(computed(&deep), "deeper than anybody writes");
    }
}
