//! Money as whole millionths of a dollar, so that adding up small amounts loses none of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Usage;

/// Millionths of a dollar.
const SCALE: u64 = 1_000_000;
/// Most that can be told apart from its neighbour when it was read as a decimal fraction, in dollars.
const MOST_DOLLARS: f64 = 1e9;

/// An amount of at most a billion dollars, in millionths of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Money(u64);

impl Money {
    /// From dollars, rounded to the nearest millionth; `None` unless 0 ≤ dollars ≤ 1e9.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let usable = (0.0..=MOST_DOLLARS).contains(&dollars);
        usable.then(|| Self((dollars * SCALE as f64).round() as u64))
    }

    /// From millionths of a dollar.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Millionths of a dollar.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Dollars, for a metric or a text.
    pub fn as_dollars(self) -> f64 {
        self.0 as f64 / SCALE as f64
    }
}

impl fmt::Display for Money {
    /// As `$0.25`, with as many digits as it takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dollars, micros) = (self.0 / SCALE, format!("{:06}", self.0 % SCALE));
        let kept = micros.trim_end_matches('0').len().max(2);
        write!(f, "${dollars}.{}", &micros[..kept])
    }
}

/// What tokens cost, per million of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    /// Dollars for a million tokens sent.
    pub input: Money,
    /// Dollars for a million tokens written, those of hidden reasoning included.
    pub output: Money,
}

impl Prices {
    /// What a request cost, rounded up. Discounts, such as those for cached input, are not known here.
    pub fn cost(&self, usage: Usage) -> Money {
        let part = |tokens: u64, price: Money| u128::from(tokens) * u128::from(price.0);
        let millionths = part(usage.input, self.input) + part(usage.output, self.output);
        Money(u64::try_from(millionths.div_ceil(u128::from(SCALE))).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_rounded_up_and_never_wraps() {
        let prices = |input, output| Prices { input: Money(input), output: Money(output) };
        for (what, prices, input, output, expected) in [
            ("a million of each", prices(250_000, 2_000_000), 1_000_000, 1_000_000, 2_250_000),
            ("one token costs at least a millionth", prices(250_000, 0), 1, 0, 1),
            ("nothing costs nothing", prices(250_000, 2_000_000), 0, 0, 0),
            ("free tokens cost nothing", prices(0, 0), 1_000_000, 1_000_000, 0),
            ("more than fits is as much as fits", prices(u64::MAX, 0), u64::MAX, 0, u64::MAX),
        ] {
            assert_eq!(prices.cost(Usage { input, output }), Money(expected), "{what}");
        }
    }

    #[test]
    fn dollars_are_read_within_bounds_and_written_with_cents() {
        for (dollars, expected) in [
            (0.0, Some("$0.00")),
            (2.5, Some("$2.50")),
            (0.000_001, Some("$0.000001")),
            (0.1 + 0.2, Some("$0.30")),
            (1e9, Some("$1000000000.00")),
            (1.1e9, None),
            (-0.01, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ] {
            let written = Money::from_dollars(dollars).map(|money| money.to_string());
            assert_eq!(written.as_deref(), expected, "{dollars}");
        }
    }
}
