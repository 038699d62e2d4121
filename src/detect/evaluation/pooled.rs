//! The rows of every series that count, from the highest score to the lowest: one threshold serves them all.

use super::scored::Scored;

/// One row of one series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub score: f64,
    /// Index of its series.
    pub series: usize,
    /// Its index among the rows of its series, those of the probation included.
    pub row: usize,
    pub label: bool,
}

/// All rows that count, scores descending; ties in the order of series and rows.
pub(super) fn pooled(set: &[Scored]) -> Vec<Row> {
    let mut rows: Vec<Row> =
        set.iter().enumerate().flat_map(|(index, scored)| rows_of(index, scored)).collect();
    rows.sort_by(|a, b| b.score.total_cmp(&a.score));
    rows
}

/// Groups of rows with the same score: no threshold tells them apart.
pub(super) fn groups(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|a, b| a.score == b.score)
}

fn rows_of(series: usize, scored: &Scored) -> impl Iterator<Item = Row> + '_ {
    let first = scored.series().probation();
    let rows = scored.counted_scores().iter().zip(scored.series().scored_labels()).enumerate();
    // Adding 0 makes a negative zero positive, so that the order of the bits is the order of the numbers.
    rows.map(move |(row, (score, label))| Row { score: score + 0.0, series, row: first + row, label: *label })
}
