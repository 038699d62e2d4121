//! All scores of one moment: one block for each query, so that a query's tick prepares its own block only.

use std::sync::Arc;

use crate::model::ScoredSeries;

use super::block::{Block, Row};
use super::labels::Altered;

/// All scores of one moment. It never changes.
#[derive(Debug, Default)]
pub struct Snapshot {
    blocks: Box<[Arc<Block>]>,
}

impl Snapshot {
    /// A snapshot of scores that come at once, of whatever queries.
    pub fn new(series: impl Into<Arc<[ScoredSeries]>>) -> Self {
        Self::of([Arc::new(Block::new(series, None))])
    }

    /// Puts blocks together, in the order of the page. All scores of one query are in one block.
    pub fn of(blocks: impl IntoIterator<Item = Arc<Block>>) -> Self {
        Self { blocks: blocks.into_iter().collect() }
    }

    /// Every score as it was published, duplicates included.
    pub fn series(&self) -> impl Iterator<Item = &ScoredSeries> {
        self.blocks.iter().flat_map(|block| block.series().iter())
    }

    /// How many scores there are, duplicates included.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.series().len()).sum()
    }

    /// Whether there are no scores.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of the page with the scores they show, in the order of the page.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = Row<'_>> + Clone {
        self.blocks.iter().flat_map(|block| block.rows())
    }

    /// The rows of the members of groups, in the order of the page.
    pub(super) fn members(&self) -> impl DoubleEndedIterator<Item = (&str, f64)> + Clone {
        self.blocks.iter().flat_map(|block| block.members())
    }

    /// How many rows there are.
    pub(super) fn row_count(&self) -> u64 {
        self.len() as u64 - self.duplicates()
    }

    /// Series left off the page because another has the same identity.
    pub(super) fn duplicates(&self) -> u64 {
        self.blocks.iter().map(|block| block.duplicates()).sum()
    }

    /// Labels that could not be written as they are.
    pub(super) fn altered(&self) -> Altered {
        self.blocks.iter().fold(Altered::default(), |sum, block| sum + block.altered())
    }
}
