//! The numbers that are known, as they may be written in other units and rounded.

use super::quantity::Quantity;
use super::unit::Unit;

/// A rounded number differs from what it stands for by no more than this share: 0.93 for 0.934, but not 1.
const MAX_SHARE: f64 = 0.05;
/// The same for a number that is said to be about that.
const MAX_SHARE_ABOUT: f64 = 0.1;

/// Known numbers, each list in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// As written without a unit, and in base units: what a number without a unit may be.
    plain: Vec<f64>,
    /// Without a unit: seconds, bytes and the like of which the unit was not written.
    bare: Vec<f64>,
    percents: Vec<f64>,
    seconds: Vec<f64>,
    bytes: Vec<f64>,
}

impl Numbers {
    pub(super) fn new(known: &[Quantity]) -> Self {
        let mut numbers = Self::default();
        known.iter().for_each(|quantity| numbers.add(quantity));
        let Self { plain, bare, percents, seconds, bytes } = &mut numbers;
        for list in [plain, bare, percents, seconds, bytes] {
            list.sort_by(f64::total_cmp);
            list.dedup();
        }
        numbers
    }

    fn add(&mut self, Quantity { value, unit, .. }: &Quantity) {
        match unit {
            Unit::None => {
                self.plain.push(*value);
                self.bare.push(*value);
                self.percents.extend([*value, value * 100.0]);
                self.seconds.push(*value);
                self.bytes.push(*value);
            }
            Unit::Percent => {
                self.percents.push(*value);
                self.plain.push(value / 100.0);
            }
            Unit::Time(factor) => {
                self.seconds.push(value * factor);
                self.plain.push(value * factor);
            }
            Unit::Bytes(factor, other) => {
                let bytes = [value * factor, value * other];
                self.bytes.extend(bytes);
                self.plain.extend(bytes);
            }
            Unit::Scale(factor) => {
                self.plain.push(value * factor);
                self.bytes.push(value * factor);
            }
        }
    }

    /// Whether a number of a claim is a known one: rounded to its last digit, or to its last digit other
    /// than zero where it says `about`.
    pub(super) fn has(&self, claim: &Quantity, about: bool) -> bool {
        let (half, share) = if about { (claim.about, MAX_SHARE_ABOUT) } else { (claim.half, MAX_SHARE) };
        let within = |list: &[f64], factor: f64| has_near(list, claim.value * factor, half * factor, share);
        match claim.unit {
            Unit::None => within(&self.plain, 1.0),
            Unit::Percent => within(&self.percents, 1.0),
            // Milliseconds and the like are as often what a number without a unit is.
            Unit::Time(factor) => within(&self.seconds, factor) || factor < 1.0 && within(&self.bare, 1.0),
            Unit::Bytes(factor, other) => within(&self.bytes, factor) || within(&self.bytes, other),
            Unit::Scale(factor) => within(&self.plain, factor),
        }
    }

    /// Whether a number without a unit lies between two others.
    pub(super) fn has_between(&self, low: f64, high: f64) -> bool {
        has_within(&self.bare, low, high)
    }
}

fn has_near(ordered: &[f64], value: f64, half: f64, share: f64) -> bool {
    let tiny = value * 1e-9;
    let low = (value - half - tiny).max(value / (1.0 + share));
    let high = (value + half + tiny).min(value / (1.0 - share));
    has_within(ordered, low, high)
}

fn has_within(ordered: &[f64], low: f64, high: f64) -> bool {
    let next = ordered.partition_point(|known| *known < low);
    ordered.get(next).is_some_and(|known| *known <= high)
}
