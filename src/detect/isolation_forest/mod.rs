//! Isolation forest: how easily random cuts set a row apart from the rows seen before.
//!
//! Liu, Ting & Zhou, "Isolation Forest", ICDM 2008. Several series of one group make a row; a row that few
//! random cuts isolate is unusual as a whole, even where each of its values is usual. [`Forest`] is the
//! plain method over a matrix; [`ForestModel`] keeps one up to date over a stream of rows.
//!
//! It has no threshold and no `contamination`: what score is an alarm is calibrated by whoever publishes it.

mod config;
mod forest;
mod group;
mod growth;
mod path_length;
mod random;
mod recent;
mod reservoir;
mod stored;
mod stream;
mod training;

pub use config::{Columns, Config, Count, ModelConfig, OutOfRange, Rows, Samples, Trees};
pub use forest::{Forest, Reading};
pub use group::GroupForest;
pub use stored::Damage;
pub use stream::{ForestModel, ForestState};
pub use training::Cause;

#[cfg(test)]
mod tests;
