//! The members that groups' scores are made of, as rows of the page.
//!
//! They come and go with the anomalies, so their text is made at every evaluation; there are few of them.

use std::ops::Range;

use crate::model::{Contribution, ScoredSeries};

use super::labels::{self, Altered};

/// One row for each member named by a score.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// The label text of all rows, one after the other.
    text: String,
    /// In the order of the page, without duplicates.
    rows: Box<[(Range<usize>, f64)]>,
}

impl Members {
    /// The members that these series name.
    pub fn new(series: &[ScoredSeries]) -> Self {
        let (mut text, mut rows) = (String::new(), Vec::new());
        for scored in series {
            for part in scored.contributions.iter().flat_map(|parts| parts.iter()) {
                let start = text.len();
                append(&mut text, scored, part);
                rows.push((start..text.len(), part.share));
            }
        }
        rows.sort_by(|(a, _), (b, _)| text[a.clone()].cmp(&text[b.clone()]));
        rows.dedup_by(|(later, _), (first, _)| text[later.clone()] == text[first.clone()]);
        Self { text, rows: rows.into() }
    }

    /// Label text and share, in the order of the page.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = (&str, f64)> + Clone {
        self.rows.iter().map(|(place, share)| (&self.text[place.clone()], *share))
    }
}

fn append(text: &mut String, scored: &ScoredSeries, part: &Contribution) {
    for (name, value) in [("query", &scored.query), ("model", &scored.model), ("feature", &part.feature)] {
        if name != "query" {
            text.push(',');
        }
        labels::append(text, name, value);
    }
    // What cannot be written is counted with the score, which has the same labels.
    labels::append_input(text, &scored.labels, labels::OURS_OF_MEMBERS, &mut Altered::default());
}
