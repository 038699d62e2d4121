//! The forest: fitted once, then any row's score in about a microsecond.
//!
//! A leaf is a node whose threshold no value exceeds and whose child is itself. So every path takes the same
//! number of steps, no branch depends on the data, and eight trees are walked at once while memory answers.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::growth::{Grower, Growth, depth_limit};
use super::path_length::path_length;
use super::stored::Stored;
use super::{Columns, Config};

/// Trees walked at once.
const LANES: usize = 8;

/// One cut, or a leaf; four share a cache line.
///
/// Thresholds are doubles: rounded to single precision, a cut between two large close values (a counter, a
/// time stamp) falls outside them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    pub threshold: f64,
    pub column: u32,
    /// Where values at or below the threshold go; those above go to the node after it.
    pub child: u32,
}

impl Node {
    pub fn leaf(own: u32) -> Self {
        Self { threshold: f64::INFINITY, column: 0, child: own }
    }

    pub fn cut(column: u32, threshold: f64, child: u32) -> Self {
        Self { threshold, column, child }
    }
}

/// A fitted isolation forest. 20 bytes a node, less than twice `samples` nodes a tree: about 0.3 MB with the
/// default settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Forest {
    pub(super) columns: usize,
    /// How many rows each tree was grown from.
    pub(super) size: usize,
    pub(super) roots: Vec<u32>,
    pub(super) nodes: Vec<Node>,
    pub(super) expected: Vec<f32>,
}

/// What a forest says of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// 0 to 1: about 0.5 for a typical row, towards 1 the fewer cuts isolate it.
    pub score: f64,
    /// Each column's share of what isolates the row: 0 to 1, of sum 1, or all 0 if nothing does.
    pub contributions: Vec<f64>,
}

impl Forest {
    /// Grows a forest of the rows of a matrix. Rows with a NaN or an infinite value are skipped; `None` if
    /// no row is left, or the number of columns or rows is out of range.
    ///
    /// Columns that never vary are never cut; of rows that are all equal it can only say 0.5.
    pub fn fit(config: &Config, matrix: ArrayView2<'_, f64>) -> Option<Self> {
        let columns = Columns::from_usize(matrix.ncols()).ok()?.as_usize();
        let rows = u32::try_from(matrix.nrows()).ok()?;
        let matrix = matrix.as_standard_layout();
        let values = matrix.as_slice()?;
        let finite = |row: &u32| all_finite(&values[*row as usize * columns..][..columns]);
        let usable: Vec<u32> = (0..rows).filter(finite).collect();
        let size = usable.len().min(config.samples.as_usize());
        if size == 0 {
            return None;
        }
        let mut grower = Grower::new(values, usable, columns, size, config.seed);
        let mut growth = Growth::default();
        (0..config.trees.as_usize()).for_each(|_| grower.grow(&mut growth));
        let Growth { roots, nodes, expected } = growth;
        Some(Self { columns, size, roots, nodes, expected })
    }

    /// How many values a row has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The anomaly score of a row, 2^(-E\[h\] / c(n)), in (0, 1]; 0.5 where nothing can be told. `None` for
    /// a row of another length or with a value that is not finite.
    pub fn score(&self, row: &[f64]) -> Option<f64> {
        if !self.accepts(row) {
            return None;
        }
        Some(self.score_of(self.descend(row, |_, _, _| ())))
    }

    /// The scores of the rows of a matrix, each as [`Forest::score`] gives it.
    pub fn scores(&self, matrix: ArrayView2<'_, f64>) -> Vec<Option<f64>> {
        let matrix = matrix.as_standard_layout();
        matrix.rows().into_iter().map(|row| self.score(row.as_slice()?)).collect()
    }

    /// The score and what each column adds to it; `None` as for [`Forest::score`].
    ///
    /// Each cut on a row's path changes the path length expected of it. That change, summed by column, is
    /// the decision path attribution of Saabas ("Interpreting random forests", 2014) applied to path
    /// length, and adds up to c(n) - h exactly. Columns that bring the row closer to the normal count 0. As
    /// for the score, everything beyond the values learnt is equally far away.
    pub fn read(&self, row: &[f64]) -> Option<Reading> {
        if !self.accepts(row) {
            return None;
        }
        let mut contributions = vec![0.0; self.columns];
        let total = self.descend(row, |column, from, to| {
            contributions[column] += f64::from(self.expected[from]) - f64::from(self.expected[to]);
        });
        normalise(&mut contributions);
        Some(Reading { score: self.score_of(total), contributions })
    }

    fn accepts(&self, row: &[f64]) -> bool {
        row.len() == self.columns && all_finite(row)
    }

    /// The score of a sum of path lengths over all trees. The unit is rounded as the lengths are, so that
    /// a row that no cut could tell apart scores exactly 0.5.
    fn score_of(&self, total: f64) -> f64 {
        let unit = f64::from(path_length(self.size) as f32) * self.roots.len() as f64;
        if unit > 0.0 { (-total / unit).exp2() } else { 0.5 }
    }

    /// The sum of a row's path lengths; `seen` is told each step's column and both its nodes.
    fn descend(&self, row: &[f64], mut seen: impl FnMut(usize, usize, usize)) -> f64 {
        let (together, rest) = self.roots.as_chunks::<LANES>();
        let mut total = 0.0;
        for roots in together {
            total += self.walk(row, *roots, &mut seen);
        }
        for root in rest {
            total += self.walk(row, [*root], &mut seen);
        }
        total
    }

    /// Walks some trees from root to leaf, a step in each at a time.
    #[inline]
    fn walk<const N: usize>(
        &self,
        row: &[f64],
        roots: [u32; N],
        seen: &mut impl FnMut(usize, usize, usize),
    ) -> f64 {
        let mut at = roots;
        for _ in 0..depth_limit(self.size) {
            for place in &mut at {
                let node = &self.nodes[*place as usize];
                let column = node.column as usize;
                let next = node.child + u32::from(row[column] > node.threshold);
                seen(column, *place as usize, next as usize);
                *place = next;
            }
        }
        at.iter().map(|leaf| f64::from(self.expected[*leaf as usize])).sum()
    }
}

/// Whether a row can be learnt and scored.
pub(super) fn all_finite(row: &[f64]) -> bool {
    row.iter().all(|value| value.is_finite())
}

/// Positive parts as shares of their sum.
fn normalise(contributions: &mut [f64]) {
    let sum: f64 = contributions.iter().map(|gain| gain.max(0.0)).sum();
    for gain in contributions {
        *gain = if sum > 0.0 { gain.max(0.0) / sum } else { 0.0 };
    }
}
