//! One score taken apart, as plain data: what `/api/v1/anomalies/why` and `score --explain` show.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::hold::Hold;
use crate::model::{Score, Timestamp};

/// The breakdown of one score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The score that is explained: value, expected value, band, state.
    #[serde(skip)]
    pub score: Score,
    /// The evidence of all views together, in the unit of the alarm line.
    pub evidence: f64,
    /// The evidence at which the score is 1, as `-log10` of a probability.
    pub alarm_line: f64,
    /// The part of the line that is there because this time of day had such evidence on the days before; 0 if it had not.
    pub habit: f64,
    /// Each evidence by itself.
    pub evidences: Vec<Evidence>,
    /// How many samples the detector has learnt from, this one included if it was one.
    pub samples_seen: u64,
    /// How many more it needs before it scores; 0 when it scores.
    pub samples_to_warm_up: u64,
    /// Whether the value lies outside of the query's data range: it is anomalous whatever the evidence.
    pub outside_data_range: bool,
    /// The gate that kept the sample from raising a notification; `None` if it raised one.
    pub gate: Option<Gate>,
    /// What the sample taught.
    pub learning: Learning,
}

/// What a sample must pass, in this order, to raise a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// The value is a number.
    Finite,
    /// Enough samples have been learnt.
    WarmUp,
    /// There is enough evidence.
    AlarmLine,
    /// The deviation is on the side that counts.
    Direction,
    /// The deviation is large enough, by itself and as a share of what is expected.
    MinDeviation,
    /// No maintenance window is open.
    Muted,
    /// The score has lasted long enough.
    MinDuration,
    /// The level has not been accepted as a new one.
    NewLevel,
    /// No other incident has been notified a short time before.
    Silence,
    /// The incident has not been notified yet.
    Repeat,
}

impl Gate {
    /// All, in the order in which they are passed.
    pub const ALL: [Gate; 10] = [
        Self::Finite,
        Self::WarmUp,
        Self::AlarmLine,
        Self::Direction,
        Self::MinDeviation,
        Self::Muted,
        Self::MinDuration,
        Self::NewLevel,
        Self::Silence,
        Self::Repeat,
    ];

    /// The name, as it is served and written to files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Finite => "finite",
            Self::WarmUp => "warm_up",
            Self::AlarmLine => "alarm_line",
            Self::Direction => "direction",
            Self::MinDeviation => "min_deviation",
            Self::Muted => "muted",
            Self::MinDuration => "min_duration",
            Self::NewLevel => "new_level",
            Self::Silence => "silence",
            Self::Repeat => "repeat",
        }
    }
}

/// What a sample taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Learning {
    /// As much as any, before the first score.
    WarmingUp,
    /// As much as any, but the less the nearer it is to the line.
    Full,
    /// Little, for it is anomalous.
    Reduced,
    /// Nothing: the value is no number, or one that cannot be.
    Nothing,
    /// Nothing: learning is held back.
    Held,
}

impl Learning {
    /// What a finite sample teaches a detector that is `warm`.
    pub(super) fn of(outside: bool, warm: bool, anomalous: bool) -> Self {
        match (outside, warm) {
            (true, _) => Self::Nothing,
            (false, false) => Self::WarmingUp,
            (false, true) if anomalous => Self::Reduced,
            (false, true) => Self::Full,
        }
    }

    /// What it teaches under a hold.
    pub(super) fn under(self, hold: Hold) -> Self {
        if hold.learns_nothing() { Self::Held } else { self }
    }
}

/// One view on a sample. Served with `probability` in place of the tail: how often an ordinary sample of this series
/// deviates at least so far in this view, by the tail fitted to its own past; `null` while the view says nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// What the sample was compared with.
    pub name: &'static str,
    /// How far the value is off, in its unit: the distance to the nearest earlier windows or from the middle of the
    /// extent, or the signed residual of the forecast; of a group a statistic, in limits of its theory; `None` while the
    /// view has too little to compare with.
    pub deviation: Option<f64>,
    /// The probability of a deviation at least this large, as `-log10`; 0 while that is not known.
    pub tail: f64,
}

impl Evidence {
    /// The probability of a deviation at least this large; it may underflow to 0.
    pub fn tail_probability(&self) -> f64 {
        10f64.powf(-self.tail)
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Evidence", 3)?;
        fields.serialize_field("name", self.name)?;
        fields.serialize_field("deviation", &self.deviation)?;
        fields.serialize_field("probability", &self.deviation.map(|_| self.tail_probability()))?;
        fields.end()
    }
}

/// A stretch of the past that was like the last one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Occurrence {
    /// When it began.
    pub from: Timestamp,
    /// When it ended.
    pub to: Timestamp,
    /// How unlike it is: the root mean square of the differences, in the series' unit.
    pub distance: f64,
    /// The mean of what followed it in the next hour, in the series' unit; `None` where nothing is known of that.
    pub followed_by: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_passed_in_order_and_served_by_name() {
        assert!(Gate::ALL.is_sorted());
        for gate in Gate::ALL {
            assert_eq!(serde_json::to_value(gate).unwrap(), gate.name());
        }
    }

    #[test]
    fn a_view_that_says_nothing_has_no_probability() {
        let evidence =
            |deviation, tail| serde_json::to_value(Evidence { name: "a", deviation, tail }).unwrap();
        assert_eq!(evidence(None, 0.0)["probability"], serde_json::Value::Null);
        assert_eq!(evidence(Some(2.0), 2.0)["probability"], 0.01);
    }
}
