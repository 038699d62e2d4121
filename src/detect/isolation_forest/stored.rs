//! A forest as it is stored, and what is checked before one is believed.
//!
//! A snapshot has a checksum; these checks keep one of another version, or a forged one, from sending a
//! walk astray. They refuse a forest as a whole.

use serde::{Deserialize, Serialize};

use super::forest::{Forest, Node};
use super::{Columns, Samples, Trees};

/// The fields of a [`Forest`], unchecked.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    columns: u64,
    size: u64,
    roots: Vec<u32>,
    nodes: Vec<Node>,
    expected: Vec<f32>,
}

/// What is wrong with a stored forest or model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A number that no forest can have.
    #[error("a forest's number of columns, rows or trees is out of range")]
    Count,
    /// Lists of lengths that do not go together.
    #[error("a forest's nodes do not fit its trees")]
    Shape,
    /// A node that a walk could not leave, or would leave the forest by.
    #[error("a forest's node leads astray")]
    Node,
    /// Rows of another number of values than the model's.
    #[error("a model of rows of {stored} values, not of {wanted}")]
    Columns {
        /// What the stored model has.
        stored: usize,
        /// What the rows now have.
        wanted: usize,
    },
    /// Remembered rows that are torn, too many or not finite.
    #[error("a model's remembered rows are damaged")]
    Rows,
}

impl From<Forest> for Stored {
    fn from(forest: Forest) -> Self {
        let Forest { columns, size, roots, nodes, expected } = forest;
        Self { columns: columns as u64, size: size as u64, roots, nodes, expected }
    }
}

impl TryFrom<Stored> for Forest {
    type Error = Damage;

    fn try_from(stored: Stored) -> Result<Self, Damage> {
        let Stored { columns, size, roots, nodes, expected } = stored;
        let columns = length(columns)?;
        let size = length(size)?;
        Columns::from_usize(columns).map_err(|_| Damage::Count)?;
        Trees::from_usize(roots.len()).map_err(|_| Damage::Count)?;
        // A forest of one row is one: it says 0.5 of every row.
        Samples::from_usize(size.max(2)).map_err(|_| Damage::Count)?;
        if size == 0 || nodes.len() != expected.len() || nodes.len() >= 2 * size * roots.len() {
            return Err(Damage::Shape);
        }
        let inside = |index: u32| (index as usize) < nodes.len();
        if !roots.iter().all(|root| inside(*root)) || !expected.iter().all(|length| length.is_finite()) {
            return Err(Damage::Shape);
        }
        let sound = |(own, node): (usize, &Node)| is_sound(node, own, columns, nodes.len());
        nodes.iter().enumerate().all(sound).then_some(()).ok_or(Damage::Node)?;
        Ok(Self { columns, size, roots, nodes, expected })
    }
}

fn length(stored: u64) -> Result<usize, Damage> {
    usize::try_from(stored).map_err(|_| Damage::Count)
}

/// A leaf leads to itself, a cut to two later nodes.
fn is_sound(node: &Node, own: usize, columns: usize, nodes: usize) -> bool {
    let child = node.child as usize;
    let leaf = child == own && node.threshold == f64::INFINITY;
    let cut = own < child && child.checked_add(1).is_some_and(|other| other < nodes);
    (node.column as usize) < columns && (leaf || (cut && node.threshold.is_finite()))
}
