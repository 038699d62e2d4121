//! Which series a query has, and where each stands in the tracker's list.
//!
//! A series is known by its labels. From tick to tick it comes with the same text, so the text finds it
//! without being read; the texts kept are bounded by the number of series, whatever a server sends.

use std::collections::HashMap;

use crate::model::Labels;
use crate::prometheus::{LabelText, QueryError};

/// Texts kept beyond two for each series.
const SPARE_TEXTS: usize = 1_000;

/// The places of the series of one query.
#[derive(Debug, Default)]
pub struct Roll {
    places: HashMap<Labels, usize>,
    texts: HashMap<Box<str>, usize>,
}

impl Roll {
    /// The place of a series whose text was seen before.
    pub fn place_of_text(&self, text: LabelText<'_>) -> Option<usize> {
        self.texts.get(text.as_str()).copied()
    }

    /// The place of a series, as its labels say.
    pub fn place_of(&self, labels: &Labels) -> Option<usize> {
        self.places.get(labels).copied()
    }

    /// Gives a series the place that follows all others.
    pub fn add(&mut self, labels: Labels, place: usize) {
        self.places.insert(labels, place);
    }

    /// Finds the series by this text from now on.
    pub fn keep_text(&mut self, text: LabelText<'_>, place: usize) {
        if self.texts.len() >= 2 * self.places.len() + SPARE_TEXTS {
            self.texts.clear();
        }
        self.texts.insert(text.as_str().into(), place);
    }

    /// Gives every series a new place; `None` strikes it off.
    pub fn move_all(&mut self, place: impl Fn(usize) -> Option<usize>) {
        let moved = |at: &mut usize| place(*at).map(|new| *at = new).is_some();
        self.places.retain(|_, at| moved(at));
        self.texts.retain(|_, at| moved(at));
    }
}

/// The labels a series is known by: those of the text, without the metric's name.
pub fn identity(text: LabelText<'_>) -> Result<Labels, QueryError> {
    Ok(text.labels()?.without(&["__name__"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sample, Timestamp};
    use crate::prometheus::Answer;

    #[test]
    fn texts_that_never_repeat_do_not_pile_up() {
        let mut roll = Roll::default();
        roll.add(Labels::default(), 0);
        for spaces in 0..3_000 {
            let mut answer = Answer::default();
            let sample = Sample { at: Timestamp::default(), value: 1.0 };
            answer.push(&format!("{{{}}}", " ".repeat(spaces)), [sample]);
            let text = answer.series().next().unwrap().text;
            assert_eq!(roll.place_of_text(text), None);
            roll.keep_text(text, 0);
            assert_eq!(roll.place_of_text(text), Some(0));
            assert!(roll.texts.len() <= SPARE_TEXTS + 2, "{}", roll.texts.len());
        }
        assert_eq!(roll.place_of(&Labels::default()), Some(0));
    }
}
