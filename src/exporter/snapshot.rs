//! All scores of one moment, and the rows they make on the page.
//!
//! Order and identity are settled here, once per snapshot and not once per scrape: rows are sorted by
//! query, labels and model, and of two with the same identity the first given stays.

use std::sync::Arc;

use crate::model::ScoredSeries;

use super::labels::{self, Altered};

/// All scores of one moment. It never changes.
#[derive(Debug)]
pub struct Snapshot {
    series: Arc<[ScoredSeries]>,
    rows: Box<[Row]>,
    duplicates: u64,
    altered: Altered,
}

impl Snapshot {
    /// Prepares the rows of the page. Takes time in proportion to the number of series.
    pub fn new(series: impl Into<Arc<[ScoredSeries]>>) -> Self {
        let series = series.into();
        let mut altered = Altered::default();
        let mut rows: Vec<Row> =
            series.iter().enumerate().map(|(index, one)| Row::new(index, one, &mut altered)).collect();
        rows.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        rows.dedup_by(|later, first| later.text == first.text);
        for index in 1..rows.len() {
            rows[index].with_state = rows[index].state_labels() != rows[index - 1].state_labels();
        }
        let duplicates = (series.len() - rows.len()) as u64;
        Self { series, rows: rows.into(), duplicates, altered }
    }

    /// Every score as it was published, in the order given, duplicates included.
    pub fn series(&self) -> &Arc<[ScoredSeries]> {
        &self.series
    }

    /// The rows of the page with the scores they show, in the order of the page.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = (&Row, &ScoredSeries)> {
        self.rows.iter().map(|row| (row, &self.series[row.series]))
    }

    /// Series left off the page because another has the same identity.
    pub(super) fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Labels that could not be written as they are.
    pub(super) fn altered(&self) -> Altered {
        self.altered
    }
}

impl Default for Snapshot {
    fn default() -> Self {
        Self::new([])
    }
}

/// One series' place on the page.
#[derive(Debug)]
pub(super) struct Row {
    /// Index into the snapshot's series.
    series: usize,
    /// `query="…",model="…"`, then `,name="value"` for each input label; escaped.
    text: Box<str>,
    /// Where the query's label ends in `text`.
    query_end: usize,
    /// Where the model's label ends in `text`.
    model_end: usize,
    /// Whether this row shows the episode's state: of several models of one series, the first does.
    pub(super) with_state: bool,
}

impl Row {
    fn new(index: usize, series: &ScoredSeries, altered: &mut Altered) -> Self {
        let mut text = String::with_capacity(160);
        labels::append(&mut text, "query", &series.query);
        let query_end = text.len();
        text.push(',');
        labels::append(&mut text, "model", &series.model);
        let model_end = text.len();
        labels::append_input(&mut text, &series.labels, altered);
        Self { series: index, text: text.into(), query_end, model_end, with_state: true }
    }

    fn sort_key(&self) -> (&str, &str, &str) {
        let (query, labels) = self.state_labels();
        (query, labels, &self.text[self.query_end..self.model_end])
    }

    /// The label text of the score, in two pieces.
    pub(super) fn score_labels(&self) -> (&str, &str) {
        (&self.text, "")
    }

    /// The label text without the model, in two pieces.
    pub(super) fn state_labels(&self) -> (&str, &str) {
        (&self.text[..self.query_end], &self.text[self.model_end..])
    }
}
