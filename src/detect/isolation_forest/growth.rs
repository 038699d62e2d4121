//! Growing trees: random cuts through a small sample of the rows, until each row stands alone.
//!
//! The sample is copied column by column, so that a node looks for a column's extent in a few cache lines.
//! Nodes are laid down breadth first, siblings next to each other: a tree's upper levels share lines.

use super::forest::Node;
use super::path_length::path_length;
use super::random::Random;

/// All trees of a forest as they are laid down.
#[derive(Debug, Default)]
pub(super) struct Growth {
    /// Where each tree begins.
    pub roots: Vec<u32>,
    /// The nodes of all trees.
    pub nodes: Vec<Node>,
    /// Of each node the path length that is expected of a row that has come so far.
    pub expected: Vec<f32>,
}

/// A node's share of its tree's sample.
#[derive(Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    depth: usize,
}

/// The rows to grow from, and the room for one tree's sample.
pub(super) struct Grower<'a> {
    values: &'a [f64],
    /// Which rows are drawn from, in an order that every draw shuffles on.
    rows: Vec<u32>,
    columns: usize,
    size: usize,
    limit: usize,
    /// `c(n)` for every size of a part.
    lengths: Vec<f64>,
    random: Random,
    /// Column by column.
    sample: Vec<f64>,
    /// Numbers of the sample's rows, in the order of the tree's parts.
    order: Vec<u32>,
    /// The columns, shuffled by every node.
    candidates: Vec<u32>,
    parts: Vec<Part>,
}

impl<'a> Grower<'a> {
    /// `values` row by row; `rows` (not empty) names those to draw from; `size` at most as many.
    pub fn new(values: &'a [f64], rows: Vec<u32>, columns: usize, size: usize, seed: u64) -> Self {
        Self {
            values,
            rows,
            columns,
            size,
            limit: depth_limit(size),
            lengths: (0..=size).map(path_length).collect(),
            random: Random::new(seed),
            sample: vec![0.0; size * columns],
            order: (0..size as u32).collect(),
            candidates: (0..columns as u32).collect(),
            parts: Vec::new(),
        }
    }

    /// Draws a sample and adds its tree.
    pub fn grow(&mut self, growth: &mut Growth) {
        self.draw();
        let root = growth.nodes.len();
        growth.roots.push(root as u32);
        self.parts.clear();
        self.open(growth, Part { start: 0, end: self.size, depth: 0 });
        let mut done = 0;
        while let Some(&part) = self.parts.get(done) {
            if let Some((column, threshold, middle)) = self.cut(part) {
                let first = growth.nodes.len() as u32;
                growth.nodes[root + done] = Node::cut(column, threshold, first);
                let depth = part.depth + 1;
                self.open(growth, Part { end: middle, depth, ..part });
                self.open(growth, Part { start: middle, depth, ..part });
            }
            done += 1;
        }
    }

    /// Draws without replacement: the first steps of a Fisher-Yates shuffle.
    fn draw(&mut self) {
        for place in 0..self.size {
            let drawn = place + self.random.below(self.rows.len() - place);
            self.rows.swap(place, drawn);
            let begin = self.rows[place] as usize * self.columns;
            let row = &self.values[begin..begin + self.columns];
            for (column, value) in row.iter().enumerate() {
                self.sample[column * self.size + place] = *value;
            }
        }
    }

    /// Adds a node, a leaf until it is cut.
    fn open(&mut self, growth: &mut Growth, part: Part) {
        growth.nodes.push(Node::leaf(growth.nodes.len() as u32));
        growth.expected.push((part.depth as f64 + self.lengths[part.end - part.start]) as f32);
        self.parts.push(part);
    }

    /// Cuts a part at random along a random column that varies in it: the column, the threshold, and where
    /// the rows above it begin. `None` if the part is a leaf.
    fn cut(&mut self, part: Part) -> Option<(u32, f64, usize)> {
        if part.depth >= self.limit || part.end - part.start < 2 {
            return None;
        }
        let order = &mut self.order[part.start..part.end];
        for tried in 0..self.columns {
            let picked = tried + self.random.below(self.columns - tried);
            self.candidates.swap(tried, picked);
            let column = self.candidates[tried];
            let values = &self.sample[column as usize * self.size..][..self.size];
            let (low, high) = extent(values, order);
            if low < high {
                let threshold = between(low, high, self.random.unit());
                return Some((column, threshold, part.start + divide(values, order, threshold)));
            }
        }
        None
    }
}

/// The height of a balanced tree: deeper nodes tell normal rows from normal rows.
pub(super) fn depth_limit(size: usize) -> usize {
    size.next_power_of_two().trailing_zeros() as usize
}

fn extent(values: &[f64], order: &[u32]) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for row in order {
        let value = values[*row as usize];
        low = if value < low { value } else { low };
        high = if value > high { value } else { high };
    }
    (low, high)
}

/// A point at a share of the way from `low` up to, and never at, `high`; also where `high - low` overflows.
fn between(low: f64, high: f64, share: f64) -> f64 {
    let point = low * (1.0 - share) + high * share;
    if low <= point && point < high { point } else { low }
}

/// Moves the rows at or below the threshold to the front and counts them.
fn divide(values: &[f64], order: &mut [u32], threshold: f64) -> usize {
    let mut below = 0;
    for place in 0..order.len() {
        let row = order[place];
        order.swap(place, below);
        below += usize::from(values[row as usize] <= threshold);
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_between_two_values_parts_them() {
        let next = f64::from_bits(1.0f64.to_bits() + 1);
        let extremes = [(0.0, 1.0), (1.0, next), (-f64::MAX, f64::MAX), (1e300, 1.1e300), (0.0, 5e-324)];
        for (low, high) in extremes {
            for share in [0.0, 0.3, 0.5, 1.0 - f64::EPSILON / 2.0] {
                let point = between(low, high, share);
                assert!(low <= point && point < high, "{low} {high} {share}: {point}");
            }
        }
        assert_eq!(between(-f64::MAX, f64::MAX, 0.5), 0.0);
    }

    #[test]
    fn dividing_keeps_every_row() {
        let values = [5.0, 1.0, 4.0, 1.0, 3.0];
        let mut order = [0, 1, 2, 3, 4];
        let below = divide(&values, &mut order, 3.0);
        assert_eq!(below, 3);
        assert!(order[..below].iter().all(|row| values[*row as usize] <= 3.0));
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn the_depth_limit_is_the_height_of_a_balanced_tree() {
        assert_eq!([1, 2, 3, 4, 255, 256, 257].map(depth_limit), [0, 1, 2, 2, 8, 8, 9]);
    }
}
