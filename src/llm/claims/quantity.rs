//! A number as it is written, with its unit and how precisely it is given.

use super::unit::{self, Unit};

const WORDS: [(&str, f64); 24] = [
    ("zero", 0.0),
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("dozen", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
    ("hundred", 100.0),
];

/// A number in a text; never negative, for a fall by 5 is written either way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantity {
    /// As it is written, without its sign.
    pub(super) value: f64,
    /// Half of its last digit's place: what rounding may have changed.
    pub(super) half: f64,
    /// Its unit.
    pub(super) unit: Unit,
    /// Half of the place of its last digit other than zero: what "about" may mean.
    pub(super) about: f64,
    /// Whether it is written as a word or as an ordinal.
    pub(super) form: Form,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In digits.
    Digits,
    /// As a word: `two`.
    Word,
    /// As an ordinal: `2nd`.
    Ordinal,
}

impl Quantity {
    /// A number as it is, exactly.
    pub(super) fn exact(value: f64) -> Self {
        Self { value: value.abs(), half: 0.0, unit: Unit::None, about: 0.0, form: Form::Digits }
    }

    /// A number in words, up to a hundred.
    pub(super) fn word(word: &str) -> Option<Self> {
        let (_, value) = WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
        Some(Self { value: *value, half: 0.5, unit: Unit::None, about: 0.5, form: Form::Word })
    }

    /// A token that is one number, with its unit if that is glued to it: `5`, `1,234.5`, `93.4%`, `1h30m`.
    pub(super) fn token(token: &str) -> Option<Self> {
        let (number, rest) = leading(token)?;
        if let "st" | "nd" | "rd" | "th" = rest {
            return Some(Self { form: Form::Ordinal, ..number });
        }
        let rest = rest
            .strip_prefix('-')
            .map_or(rest, |word| if unit::read(word, false).is_some() { word } else { rest });
        match unit::read(rest, true) {
            Some(unit) => Some(number.with(unit)),
            None if is_adjective(rest) => Some(number),
            None => compound(number, rest),
        }
    }

    /// The same in a unit.
    pub(super) fn with(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }
}

/// `-node` in "a 3-node cluster".
fn is_adjective(rest: &str) -> bool {
    rest.strip_prefix('-')
        .is_some_and(|word| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// `1h30m`: every part a time, each smaller than the one before.
fn compound(first: Quantity, rest: &str) -> Option<Quantity> {
    let (mut seconds, mut smallest, mut rest, mut number) = (0.0, f64::INFINITY, rest, first);
    loop {
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let Some(Unit::Time(factor)) = unit::read(&rest[..letters], true) else { return None };
        if factor >= smallest {
            return None;
        }
        seconds += number.value * factor;
        smallest = factor;
        if letters == rest.len() {
            let half = smallest / 2.0;
            return Some(Quantity { value: seconds, half, about: half, unit: Unit::Time(1.0), ..first });
        }
        (number, rest) = leading(&rest[letters..])?;
    }
}

/// The number at the beginning of a token, and what follows it.
fn leading(token: &str) -> Option<(Quantity, &str)> {
    let token = token.trim_start_matches(['-', '+']);
    let whole = token.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(token.len());
    let fraction = token[whole..].strip_prefix('.').map_or(0, digits);
    let decimals = if fraction > 0 { fraction + 1 } else { 0 };
    let exponent = exponent(&token[whole + decimals..]);
    let end = whole + decimals + exponent;
    let plain = token[..end].replace(',', "");
    let value: f64 = plain.parse().ok().filter(|value: &f64| value.is_finite())?;
    let power: i32 = token[whole + decimals..end].get(1..).and_then(|power| power.parse().ok()).unwrap_or(0);
    let place = 10f64.powi(power - fraction as i32);
    let mantissa = plain[..plain.len() - exponent].trim_end_matches('0');
    let zeros = if fraction == 0 { plain.len() - exponent - mantissa.len() } else { 0 };
    let about = place * 10f64.powi(if mantissa.is_empty() { 0 } else { zeros as i32 }) / 2.0;
    let quantity = Quantity { value, half: place / 2.0, unit: Unit::None, about, form: Form::Digits };
    Some((quantity, &token[end..]))
}

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

/// Bytes of `e9`, `e-05`; nothing if no digit follows the letter.
fn exponent(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return 0 };
    let sign = usize::from(rest.starts_with(['-', '+']));
    match digits(&rest[sign..]) {
        0 => 0,
        power => 1 + sign + power,
    }
}
