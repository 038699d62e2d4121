//! A labelled series with the scores a detector gave it. Scores are made finite once, here, so that all else
//! can sort and divide them.

use super::labelled::{LabelError, Labelled, expect_count};

/// What an infinite score counts as: more than any other, and still a number to sort and divide.
const INFINITE_SCORE: f64 = 1e300;
/// The highest score of a row that raises no alarm, when the alarms are given.
const BELOW_THE_LINE: f64 = 0.999;

/// A labelled series with the scores of a detector: 1 is the alarm line.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    series: Labelled,
    scores: Vec<f64>,
}

impl Scored {
    /// Puts one score to each row. NaN and negative infinity count as 0. Every score is divided by
    /// `alarm_at` (above 0), for detectors that alarm elsewhere than at 1.
    pub fn new(series: Labelled, mut scores: Vec<f64>, alarm_at: f64) -> Result<Self, LabelError> {
        expect_count("scores", scores.len(), series.times().len())?;
        for score in &mut scores {
            *score = finite(*score) / alarm_at;
        }
        Ok(Self { series, scores })
    }

    /// Takes the alarms as the decision at 1: a row with an alarm scores at least 1, any other stays
    /// below.
    pub fn with_alarms(series: Labelled, mut scores: Vec<f64>, alarms: &[bool]) -> Result<Self, LabelError> {
        expect_count("alarms", alarms.len(), series.times().len())?;
        for (score, alarm) in scores.iter_mut().zip(alarms).filter(|(score, _)| !score.is_nan()) {
            *score = if *alarm { score.max(1.0) } else { score.min(BELOW_THE_LINE) };
        }
        Self::new(series, scores, 1.0)
    }

    /// The series.
    pub fn series(&self) -> &Labelled {
        &self.series
    }

    /// The score of each row; finite.
    pub(super) fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The scores that count.
    pub(super) fn counted_scores(&self) -> &[f64] {
        &self.scores[self.series.probation()..]
    }
}

fn finite(score: f64) -> f64 {
    if score == f64::INFINITY {
        INFINITE_SCORE
    } else if score.is_finite() {
        score
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::labelled::Labels;
    use super::*;

    #[test]
    fn scores_become_finite_and_alarms_decide() {
        let rows = || (0..4).map(|row| (row * 60, 0.0)).collect();
        let series = || Labelled::new(String::new(), rows(), Labels::Windows(vec![])).unwrap();
        let odd = vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 3.0];
        assert_eq!(Scored::new(series(), odd, 2.0).unwrap().scores, [0.0, 5e299, 0.0, 1.5]);
        let scores = vec![0.5, 7.0, f64::NAN, 7.0];
        let scored = Scored::with_alarms(series(), scores, &[true, false, false, true]).unwrap();
        assert_eq!(scored.scores, [1.0, 0.999, 0.0, 7.0]);
        assert!(Scored::new(series(), vec![1.0], 1.0).is_err());
    }
}
