//! What was seen before and after an action → helped, no effect, worse, unknown. Pure: no I/O, no clock.
//!
//! [`observe`] and [`judge`] read a step's verification expression; [`conclude`] weighs it together with the alert's
//! own expression and a policy's indicator, against untouched peers where there are some.

mod effect;
mod peers;

use crate::model::{Observation, Series, Verdict};

pub use effect::{Evidence, conclude, is_due};

/// Reads the result of a verification expression: any finite, non-zero sample holds. So both
/// `up{…} == 1` and a plain `up{…}` mean what they seem to mean; `bool` comparisons do as well.
pub fn observe(result: &[Series]) -> Observation {
    if result.iter().any(holds) { Observation::Holds } else { Observation::DoesNotHold }
}

/// Whether a series says yes: its last value is finite and not zero.
pub fn holds(series: &Series) -> bool {
    series.samples.last().is_some_and(|last| last.value.is_finite() && last.value != 0.0)
}

/// Judges the effect after an observation; `None`: it is too early to tell.
///
/// `baseline` is what the expression said just before the action. If it held then, that it holds now
/// proves nothing, and that it does not hold any more at the deadline is a change for the worse. Where nobody knows
/// what it said, as after a restart, that it holds proves nothing either.
pub fn judge(baseline: Option<&Observation>, latest: &Observation, deadline_passed: bool) -> Option<Verdict> {
    match (latest, baseline) {
        (Observation::Holds, Some(Observation::DoesNotHold)) => Some(Verdict::Helped),
        (Observation::Holds, _) => Some(Verdict::Unknown),
        _ if !deadline_passed => None,
        (Observation::DoesNotHold, Some(Observation::Holds)) => Some(Verdict::Worse),
        (Observation::DoesNotHold, _) => Some(Verdict::NoEffect),
        (Observation::Failed(_), _) => Some(Verdict::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Labels, Sample, Timestamp};

    fn series(values: &[f64]) -> Series {
        let at = Timestamp::default();
        let samples = values.iter().map(|value| Sample { at, value: *value }).collect();
        Series { labels: Labels::default(), samples }
    }

    #[test]
    fn a_result_holds_when_any_series_says_so() {
        for (result, expected, sentence) in [
            (vec![], Observation::DoesNotHold, "an empty result"),
            (vec![series(&[1.0])], Observation::Holds, "a one"),
            (vec![series(&[0.0])], Observation::DoesNotHold, "a zero"),
            (vec![series(&[f64::NAN])], Observation::DoesNotHold, "a NaN"),
            (vec![series(&[f64::INFINITY])], Observation::DoesNotHold, "an infinity"),
            (vec![series(&[0.0]), series(&[3.0])], Observation::Holds, "one of two"),
            (vec![series(&[])], Observation::DoesNotHold, "a series without samples"),
        ] {
            assert_eq!(observe(&result), expected, "{sentence}");
        }
    }

    #[test]
    fn verdicts_follow_baseline_and_deadline() {
        let (yes, no, failed) =
            (Observation::Holds, Observation::DoesNotHold, Observation::Failed(String::new()));
        for (baseline, latest, passed, expected, sentence) in [
            (Some(&no), &yes, false, Some(Verdict::Helped), "it did not hold and does now"),
            (None, &yes, false, Some(Verdict::Unknown), "it holds and nobody knows the baseline"),
            (Some(&failed), &yes, false, Some(Verdict::Unknown), "a baseline that failed says nothing"),
            (Some(&yes), &yes, false, Some(Verdict::Unknown), "it held all along"),
            (Some(&no), &no, false, None, "not yet"),
            (Some(&no), &no, true, Some(Verdict::NoEffect), "not in time"),
            (Some(&yes), &no, false, None, "it may come back"),
            (Some(&yes), &no, true, Some(Verdict::Worse), "it held and does not any more"),
            (Some(&no), &failed, false, None, "a failed question is asked again"),
            (Some(&no), &failed, true, Some(Verdict::Unknown), "nobody could tell in the end"),
            (Some(&no), &yes, true, Some(Verdict::Helped), "the alert is gone at the end"),
            (Some(&yes), &yes, true, Some(Verdict::Unknown), "the alert was not to be found before either"),
            (None, &no, true, Some(Verdict::NoEffect), "the alert is still there"),
        ] {
            assert_eq!(judge(baseline, latest, passed), expected, "{sentence}");
        }
    }
}
