//! What a forest is grown from, as numbers that cannot be out of range.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Count<const LEAST: u32, const MOST: u32>(u32);

/// How many trees: the score's noise falls with their root.
pub type Trees = Count<1, 1000>;
/// How many rows a tree is grown from. Few keep normal rows from hiding anomalies, and the tree small.
pub type Samples = Count<2, 4096>;
/// How many values make a row.
pub type Columns = Count<1, 1024>;

/// How many rows a model remembers.
pub type Rows = Count<256, 65_536>;

/// Why a number was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {least} to {most}, not {value}")]
pub struct OutOfRange {
    value: u64,
    least: u32,
    most: u32,
}

impl<const LEAST: u32, const MOST: u32> Count<LEAST, MOST> {
    /// The largest it can be.
    pub const MOST: u32 = MOST;

    /// The number as a length.
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }

    /// A length as a checked number.
    pub fn from_usize(value: usize) -> Result<Self, OutOfRange> {
        match u32::try_from(value) {
            Ok(number) => Self::try_from(number),
            Err(_) => Err(OutOfRange { value: value as u64, least: LEAST, most: MOST }),
        }
    }
}

impl<const LEAST: u32, const MOST: u32> TryFrom<u32> for Count<LEAST, MOST> {
    type Error = OutOfRange;

    fn try_from(value: u32) -> Result<Self, OutOfRange> {
        let refusal = OutOfRange { value: value.into(), least: LEAST, most: MOST };
        (LEAST <= value && value <= MOST).then_some(Self(value)).ok_or(refusal)
    }
}

impl<const LEAST: u32, const MOST: u32> From<Count<LEAST, MOST>> for u32 {
    fn from(count: Count<LEAST, MOST>) -> u32 {
        count.0
    }
}

/// Settings of one forest. The defaults are the paper's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Default 100.
    pub trees: Trees,
    /// Default 256; fewer where there are fewer rows.
    pub samples: Samples,
    /// The same seed grows the same forest of the same rows, to the bit. Default 0.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { trees: Count(100), samples: Count(256), seed: 0 }
    }
}

/// Settings of a model that keeps its forest up to date. Durations are taken as at least a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelConfig {
    /// Of each forest. Models that differ in their seeds also take turns at retraining.
    pub forest: Config,
    /// How many rows are remembered to grow forests from. Default 2,048.
    pub rows: Rows,
    /// The mean age of the rows remembered, once the model is older than that. Default 14 days.
    pub memory: Duration,
    /// The time between two forests while nothing drifts. Default a day.
    pub retrain_every: Duration,
    /// How long the rows must have been unlike those learnt to count as the new normal. Default 8 hours.
    pub drift_after: Duration,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            forest: Config::default(),
            rows: Count(2048),
            memory: Duration::from_secs(14 * 86_400),
            retrain_every: Duration::from_secs(86_400),
            drift_after: Duration::from_secs(8 * 3600),
        }
    }
}
