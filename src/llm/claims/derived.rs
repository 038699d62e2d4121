//! Numbers that follow from two known ones: a difference, a ratio, a share, a change in percent.
//!
//! So many pairs of numbers are known that some of them yields nearly any number. So one of the two stands in the same
//! sentence, the other as well or beside it in one line of the evidence; the sentence says what was computed, as "times",
//! "of" or "rose by"; and the result is right to the last digit that is written.

use super::quantity::Quantity;
use super::tokens::Item;
use super::unit::Unit;

/// Lines of the evidence whose numbers are kept, and numbers of one.
const MAX_LINES: usize = 1000;
const MAX_NUMBERS: usize = 32;
/// Numbers of a sentence that something may follow from, and lines that have one of them.
const MAX_OPERANDS: usize = 8;
const MAX_MATCHES: usize = 64;
/// How many words away what was computed is said, and how many behind a number "of" says that it is a part.
const NEAR: usize = 8;
const BEHIND: usize = 2;

/// What says that a number is a ratio, a part, a rise, a fall or a difference.
const TIMES: [&str; 4] = ["times", "fold", "factor", "-fold"];
const PARTS: [&str; 2] = ["share", "ratio"];
const RISES: [&str; 21] = [
    "above",
    "climbed",
    "exceeds",
    "grew",
    "growth",
    "higher",
    "increase",
    "increased",
    "increases",
    "jumped",
    "larger",
    "longer",
    "more",
    "over",
    "rise",
    "risen",
    "rises",
    "rose",
    "slower",
    "up",
    "worse",
];
const FALLS: [&str; 16] = [
    "below",
    "decrease",
    "decreased",
    "down",
    "drop",
    "dropped",
    "drops",
    "fall",
    "fallen",
    "falls",
    "fell",
    "fewer",
    "less",
    "lower",
    "shorter",
    "smaller",
];
const DIFFERENCES: [&str; 11] =
    ["apart", "by", "difference", "extra", "free", "gap", "left", "points", "remain", "remaining", "remains"];

/// The numbers of each line of the evidence, and where each stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    lines: Vec<Vec<Number>>,
    /// In the order of the numbers.
    places: Vec<(f64, usize)>,
}

/// A number in its base unit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Number {
    value: f64,
    half: f64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Percent,
    Seconds,
    Bytes,
}

impl Number {
    fn of(quantity: &Quantity, half: f64) -> Self {
        let (kind, factor) = match quantity.unit {
            Unit::None => (Kind::Plain, 1.0),
            Unit::Scale(factor) => (Kind::Plain, factor),
            Unit::Percent => (Kind::Percent, 1.0),
            Unit::Time(factor) => (Kind::Seconds, factor),
            Unit::Bytes(factor, _) => (Kind::Bytes, factor),
        };
        Self { value: quantity.value * factor, half: half * factor, kind }
    }

    /// Whether it is written as this value would be, rounded to its last digit.
    fn is(&self, value: f64) -> bool {
        let tiny = 1e-9 * value.abs();
        self.value - self.half <= value + tiny && value + tiny < self.value + self.half.max(2.0 * tiny)
    }
}

impl Lines {
    /// Adds a line of the evidence.
    pub fn add(&mut self, quantities: &[Quantity]) {
        if quantities.len() < 2 || self.lines.len() >= MAX_LINES {
            return;
        }
        let line = self.lines.len();
        let numbers: Vec<Number> =
            quantities.iter().take(MAX_NUMBERS).map(|one| Number::of(one, one.half)).collect();
        self.places.extend(numbers.iter().map(|number| (number.value, line)));
        self.lines.push(numbers);
    }

    /// To be called once all lines are there.
    pub fn settle(&mut self) {
        self.places.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    }

    /// Whether the number at a place of a sentence follows from others of it, of which `stands` says what they are known
    /// for.
    pub fn imply(&self, items: &[Item<'_>], at: usize, stands: impl Fn(&Quantity, bool) -> bool) -> bool {
        let Item::Quantity(claimed, about) = &items[at] else { return false };
        let claimed = Claimed {
            number: Number::of(claimed, if *about { claimed.about } else { claimed.half }),
            said: Said::near(items, at),
        };
        let others = items.iter().enumerate().filter(|(place, _)| *place != at);
        let operands = others.filter_map(|(_, item)| match item {
            Item::Quantity(quantity, about) if stands(quantity, *about) => {
                Some(Number::of(quantity, quantity.half))
            }
            _ => None,
        });
        let operands: Vec<Number> = operands.take(MAX_OPERANDS).collect();
        let among =
            |one: usize| operands[one + 1..].iter().any(|other| claimed.follows(&operands[one], other));
        (0..operands.len()).any(among) || operands.iter().any(|operand| self.beside(operand, &claimed))
    }

    /// Whether it follows from this number and another of one line.
    fn beside(&self, operand: &Number, claimed: &Claimed) -> bool {
        let from = self.places.partition_point(|(value, _)| *value < operand.value - operand.half - 1e-9);
        let same = self.places[from..]
            .iter()
            .take_while(|(value, _)| *value <= operand.value + operand.half)
            .take(MAX_MATCHES);
        same.into_iter().any(|(value, line)| {
            let numbers = &self.lines[*line];
            let whole = numbers.iter().find(|number| number.value == *value);
            whole.is_some_and(|one| numbers.iter().any(|other| claimed.follows(one, other)))
        })
    }
}

/// What the sentence says was computed.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    times: bool,
    part: bool,
    rise: bool,
    fall: bool,
    difference: bool,
}

impl Said {
    fn near(items: &[Item<'_>], at: usize) -> Self {
        let near = &items[at.saturating_sub(NEAR)..(at + 1 + NEAR).min(items.len())];
        let behind = &items[at + 1..(at + 1 + BEHIND).min(items.len())];
        let have = |items: &[Item<'_>], words: &[&str]| {
            items.iter().any(|item| match item {
                Item::Word(word) => words.contains(&word.to_ascii_lowercase().as_str()),
                _ => false,
            })
        };
        let says = |words: &[&str]| have(near, words);
        Self {
            times: says(&TIMES),
            part: says(&PARTS) || have(behind, &["of"]),
            rise: says(&RISES),
            fall: says(&FALLS),
            difference: says(&DIFFERENCES),
        }
    }
}

/// A number that may follow from two others.
struct Claimed {
    number: Number,
    said: Said,
}

impl Claimed {
    fn follows(&self, one: &Number, other: &Number) -> bool {
        if one.kind != other.kind || one.value == other.value {
            return false;
        }
        let (low, high) = (one.value.min(other.value), one.value.max(other.value));
        let Self { number, said } = self;
        let of_points = one.kind == Kind::Percent && number.kind == Kind::Plain && said.difference;
        let differs = said.difference || said.rise || said.fall;
        let is = |value: f64| number.is(value);
        match number.kind {
            Kind::Percent => {
                low > 0.0
                    && (said.rise && is((high - low) / low * 100.0)
                        || said.fall && is((high - low) / high * 100.0)
                        || said.part && is(low / high * 100.0))
                    || one.kind == Kind::Percent && differs && is(high - low)
            }
            Kind::Plain if said.times => low > 0.0 && is(high / low),
            kind => differs && (kind == one.kind || of_points) && is(high - low),
        }
    }
}
