//! Which links' facts are gone, as ranges: retention drops them in runs.

use std::collections::BTreeMap;

/// A set of numbers, kept as ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::journal) struct Spans(BTreeMap<i64, i64>);

impl Spans {
    /// The ranges of a list of numbers, first and last of each, in order.
    pub fn of(mut numbers: Vec<i64>) -> Vec<(i64, i64)> {
        numbers.sort_unstable();
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for number in numbers {
            match spans.last_mut() {
                Some((_, last)) if number <= *last + 1 => *last = number,
                _ => spans.push((number, number)),
            }
        }
        spans
    }

    /// Adds ranges. Those of different turns never meet: what is gone is not dropped again.
    pub fn add(&mut self, spans: impl IntoIterator<Item = (i64, i64)>) {
        self.0.extend(spans);
    }

    /// Whether the number is in a range.
    pub fn contain(&self, number: i64) -> bool {
        self.0.range(..=number).next_back().is_some_and(|(_, last)| number <= *last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_follow_each_other_are_one_range() {
        for (numbers, expected) in [
            (vec![], vec![]),
            (vec![3], vec![(3, 3)]),
            (vec![5, 3, 4, 9, 8, 1], vec![(1, 1), (3, 5), (8, 9)]),
            (vec![2, 2], vec![(2, 2)]),
        ] {
            let found = Spans::of(numbers.clone());
            assert_eq!(found, expected, "{numbers:?}");
            let mut spans = Spans::default();
            spans.add(found);
            for number in 0..12 {
                assert_eq!(spans.contain(number), numbers.contains(&number), "{number} in {numbers:?}");
            }
        }
    }
}
