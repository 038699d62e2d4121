//! The scores of one query, and the rows they make on the page.
//!
//! Order, identity and label text are settled when the set of series changes, and taken over from block to
//! block while it does not: a tick without new series renders nothing and sorts nothing. Rows are sorted by
//! query, labels and model; of two with the same identity the first given stays.

use std::sync::Arc;

use crate::model::ScoredSeries;

use super::labels::{self, Altered};
use super::members::Members;

/// The scores of one query at one moment. It never changes.
#[derive(Debug)]
pub struct Block {
    series: Arc<[ScoredSeries]>,
    layout: Arc<Layout>,
    members: Members,
}

impl Block {
    /// Makes the block that follows `before`. It takes time in proportion to the number of series: a few
    /// nanoseconds each if `before` has the same series in the same order, else some hundred.
    pub fn new(series: impl Into<Arc<[ScoredSeries]>>, before: Option<&Self>) -> Self {
        let series = series.into();
        let layout = match before.filter(|before| before.has_layout_of(&series)) {
            Some(before) => before.layout.clone(),
            None => Arc::new(Layout::new(&series)),
        };
        Self { members: Members::new(&series), series, layout }
    }

    /// Every score as it was given, duplicates included.
    pub fn series(&self) -> &Arc<[ScoredSeries]> {
        &self.series
    }

    fn has_layout_of(&self, series: &[ScoredSeries]) -> bool {
        // Labels and names compare in a nanosecond when they are clones of one another.
        let same = |(a, b): (&ScoredSeries, &ScoredSeries)| {
            a.labels == b.labels && a.query == b.query && a.model == b.model
        };
        self.series.len() == series.len() && self.series.iter().zip(series).all(same)
    }

    /// The rows in the order of the page.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = Row<'_>> + ExactSizeIterator + Clone {
        let layout = &*self.layout;
        layout.places.iter().map(|place| Row {
            text: &layout.text[place.start..place.end],
            query_end: place.query_end - place.start,
            model_end: place.model_end - place.start,
            with_state: place.with_state,
            series: &self.series[place.series],
        })
    }

    /// The rows of the members of groups, in the order of the page.
    pub(super) fn members(&self) -> impl DoubleEndedIterator<Item = (&str, f64)> + Clone {
        self.members.rows()
    }

    /// Series without a row because another has the same identity.
    pub(super) fn duplicates(&self) -> u64 {
        (self.series.len() - self.layout.places.len()) as u64
    }

    /// Labels that could not be written as they are.
    pub(super) fn altered(&self) -> Altered {
        self.layout.altered
    }
}

/// One series on the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// `query="…",model="…"`, then `,name="value"` for each input label; escaped.
    text: &'a str,
    query_end: usize,
    model_end: usize,
    /// Whether this row shows the episode's state: of several models of one series, the first does.
    pub(super) with_state: bool,
    /// What the row shows.
    pub(super) series: &'a ScoredSeries,
}

impl<'a> Row<'a> {
    /// The label text of the score, in two pieces.
    pub(super) fn score_labels(&self) -> (&'a str, &'a str) {
        (self.text, "")
    }

    /// The label text without the model, in two pieces.
    pub(super) fn state_labels(&self) -> (&'a str, &'a str) {
        (&self.text[..self.query_end], &self.text[self.model_end..])
    }
}

/// Where everything is that does not change from tick to tick.
#[derive(Debug)]
struct Layout {
    /// The label text of all series, one after the other.
    text: String,
    /// In the order of the page, without duplicates.
    places: Box<[Place]>,
    altered: Altered,
}

/// One row: an index into the block's series, and offsets into the layout's text.
#[derive(Debug)]
struct Place {
    series: usize,
    start: usize,
    query_end: usize,
    model_end: usize,
    end: usize,
    with_state: bool,
}

impl Layout {
    fn new(series: &[ScoredSeries]) -> Self {
        let (mut text, mut altered) = (String::new(), Altered::default());
        let mut places: Vec<Place> = Vec::with_capacity(series.len());
        places
            .extend(series.iter().enumerate().map(|(at, one)| Place::new(at, one, &mut text, &mut altered)));
        places.sort_by(|a, b| a.sort_key(&text).cmp(&b.sort_key(&text)));
        places.dedup_by(|later, first| text[later.start..later.end] == text[first.start..first.end]);
        for index in 1..places.len() {
            let (query, labels, _) = places[index - 1].sort_key(&text);
            let (same_query, same_labels, _) = places[index].sort_key(&text);
            places[index].with_state = (query, labels) != (same_query, same_labels);
        }
        text.shrink_to_fit();
        Self { text, places: places.into(), altered }
    }
}

impl Place {
    /// Appends the series' label text to `text`.
    fn new(index: usize, series: &ScoredSeries, text: &mut String, altered: &mut Altered) -> Self {
        let start = text.len();
        labels::append(text, "query", &series.query);
        let query_end = text.len();
        text.push(',');
        labels::append(text, "model", &series.model);
        let model_end = text.len();
        labels::append_input(text, &series.labels, labels::OURS, altered);
        Self { series: index, start, query_end, model_end, end: text.len(), with_state: true }
    }

    fn sort_key<'a>(&self, text: &'a str) -> (&'a str, &'a str, &'a str) {
        let (query, model) = (&text[self.start..self.query_end], &text[self.query_end..self.model_end]);
        (query, &text[self.model_end..self.end], model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(model: &str, instance: &str, score: f64) -> ScoredSeries {
        ScoredSeries { model: model.into(), ..ScoredSeries::plain("cpu", &[("instance", instance)], score) }
    }

    fn rows(block: &Block) -> Vec<(String, f64)> {
        block.rows().map(|row| (row.score_labels().0.to_owned(), row.series.score.score)).collect()
    }

    #[test]
    fn a_block_after_another_is_the_block_made_anew() {
        let before = Block::new([scored("auto", "b", 1.0), scored("auto", "a", 2.0)], None);
        for (claim, series, kept) in [
            ("the same series", vec![scored("auto", "b", 3.0), scored("auto", "a", 4.0)], true),
            ("another order", vec![scored("auto", "a", 3.0), scored("auto", "b", 4.0)], false),
            ("one less", vec![scored("auto", "b", 3.0)], false),
            ("one more", ["b", "a", "c"].map(|name| scored("auto", name, 3.0)).to_vec(), false),
            ("other labels", vec![scored("auto", "b", 3.0), scored("auto", "c", 4.0)], false),
            ("another model", vec![scored("auto", "b", 3.0), scored("seasonal", "a", 4.0)], false),
            ("a duplicate", vec![scored("auto", "b", 3.0), scored("auto", "b", 4.0)], false),
            ("none", vec![], false),
        ] {
            let (after, anew) = (Block::new(series.clone(), Some(&before)), Block::new(series, None));
            assert_eq!(rows(&after), rows(&anew), "{claim}");
            assert_eq!(after.duplicates(), anew.duplicates(), "{claim}");
            assert_eq!(Arc::ptr_eq(&after.layout, &before.layout), kept, "{claim}");
        }
    }
}
