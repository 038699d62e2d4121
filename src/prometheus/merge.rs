//! Puts the answers of one query together: one series per label set, samples ascending, no time twice.

use std::collections::HashMap;

use super::answer::put_in_order;
use crate::model::{Labels, Series};

/// Collects answers, in the order of their times.
#[derive(Debug, Default)]
pub(super) struct Merger {
    series: Vec<Series>,
    places: HashMap<Labels, Place>,
    answers: usize,
    duplicates: u64,
}

/// Where a label set's series is, and the last answer that had it.
#[derive(Clone, Copy, Debug)]
struct Place {
    index: usize,
    answer: usize,
}

impl Merger {
    /// Adds one answer. A label set that comes twice in it keeps its first series: two sources cannot
    /// both be right, and mixing them would invent a series that nobody measured.
    pub(super) fn add(&mut self, answer: Vec<Series>) {
        self.answers += 1;
        for series in answer {
            let place = self.places.get_mut(&series.labels);
            match place {
                None => self.insert(series),
                Some(place) if place.answer == self.answers => self.duplicates += 1,
                Some(place) => {
                    place.answer = self.answers;
                    append(&mut self.series[place.index], series);
                }
            }
        }
    }

    /// The series in the order of their first appearance, and how many duplicates were dropped.
    pub(super) fn finish(self) -> (Vec<Series>, u64) {
        (self.series, self.duplicates)
    }

    fn insert(&mut self, mut series: Series) {
        put_in_order(&mut series.samples);
        let place = Place { index: self.series.len(), answer: self.answers };
        self.places.insert(series.labels.clone(), place);
        self.series.push(series);
    }
}

/// Appends what is later than everything there: some servers move the ends of a range to their own grid.
fn append(to: &mut Series, mut from: Series) {
    put_in_order(&mut from.samples);
    let last = to.samples.last().map(|sample| sample.at);
    to.samples.extend(from.samples.into_iter().filter(|sample| Some(sample.at) > last));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sample, Timestamp};

    fn series(name: &str, times: &[i64]) -> Series {
        let sample = |at: &i64| Sample { at: Timestamp::from_millis(*at), value: *at as f64 };
        Series { labels: [("a", name)].into_iter().collect(), samples: times.iter().map(sample).collect() }
    }

    #[test]
    fn answers_become_one_series_per_label_set() {
        for (name, answers, expected, duplicates) in [
            ("nothing", vec![], vec![], 0),
            (
                "two answers meet",
                vec![vec![series("x", &[1, 2])], vec![series("x", &[3])]],
                vec![series("x", &[1, 2, 3])],
                0,
            ),
            (
                "a seam given twice is kept once",
                vec![vec![series("x", &[1, 2])], vec![series("x", &[2, 3])]],
                vec![series("x", &[1, 2, 3])],
                0,
            ),
            (
                "a series may begin later",
                vec![vec![series("x", &[1])], vec![series("y", &[2]), series("x", &[2])]],
                vec![series("x", &[1, 2]), series("y", &[2])],
                0,
            ),
            (
                "the first of two equal label sets stays",
                vec![vec![series("x", &[1]), series("x", &[2]), series("x", &[3])]],
                vec![series("x", &[1])],
                2,
            ),
            (
                "times out of order are sorted",
                vec![vec![series("x", &[2, 1, 2])]],
                vec![series("x", &[1, 2])],
                0,
            ),
        ] {
            let mut merger = Merger::default();
            answers.into_iter().for_each(|answer| merger.add(answer));
            assert_eq!(merger.finish(), (expected, duplicates), "{name}");
        }
    }
}
