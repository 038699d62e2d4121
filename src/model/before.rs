//! What was seen just before a step: kept with its intent, so that whoever takes up its run can prove its effect.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{AlertReading, Measurement, Observation};

/// What a step's effect is proved against.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// A checksum of the policy that chose what is measured; another policy measures something else.
    pub policy: u32,
    /// What the step's verification expression said; `None`: nothing verifies it, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Observation>,
    /// What was measured besides; `None`: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measurement>,
}

impl Before {
    /// In place of what is too long to be kept: nobody will know what was seen.
    pub fn too_long(policy: u32, bytes: usize) -> Self {
        let baseline = Observation::Failed(format!("{bytes} bytes are too many to be kept"));
        Self { policy, baseline: Some(baseline), measured: None }
    }
}

/// A reading as it is stored: a value that is no finite number has no place in JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredReading {
    holds: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    peers: BTreeSet<String>,
}

impl From<AlertReading> for StoredReading {
    fn from(AlertReading { value, peers }: AlertReading) -> Self {
        Self { holds: value.is_some(), value: value.filter(|value| value.is_finite()), peers }
    }
}

impl From<StoredReading> for AlertReading {
    fn from(StoredReading { holds, value, peers }: StoredReading) -> Self {
        Self { value: holds.then(|| value.unwrap_or(f64::NAN)), peers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(before: &Before) -> Before {
        serde_json::from_str(&serde_json::to_string(before).unwrap()).unwrap()
    }

    #[test]
    fn what_was_seen_comes_back_as_it_was() {
        let peers: BTreeSet<String> = ["b".to_owned(), "c \"d\"".to_owned()].into();
        let indicators = [("b".to_owned(), 0.5), ("c".to_owned(), -7e300)].into();
        let alert = |value| Some(Ok(AlertReading { value, peers: peers.clone() }));
        let failed = || Some(Err("timed out".to_owned()));
        for measured in [
            None,
            Some(Measurement::default()),
            Some(Measurement {
                alert: alert(Some(0.1)),
                indicator: Some(Ok(1.5)),
                peers: Some(Ok(indicators)),
            }),
            Some(Measurement { alert: alert(None), indicator: Some(Err(String::new())), peers: None }),
            Some(Measurement { alert: failed(), indicator: None, peers: Some(Err("x".to_owned())) }),
        ] {
            for baseline in [
                None,
                Some(Observation::Holds),
                Some(Observation::DoesNotHold),
                Some(Observation::Failed("no answer".to_owned())),
            ] {
                let before = Before { policy: u32::MAX, baseline, measured: measured.clone() };
                assert_eq!(again(&before), before);
            }
        }
    }

    #[test]
    fn an_alert_whose_value_is_no_number_holds_all_the_same() {
        for value in [f64::NAN, f64::INFINITY] {
            let alert = Some(Ok(AlertReading { value: Some(value), peers: BTreeSet::new() }));
            let measured = Some(Measurement { alert, ..Measurement::default() });
            let read = again(&Before { measured, ..Before::default() }).measured.unwrap().alert;
            assert!(matches!(read, Some(Ok(AlertReading { value: Some(value), .. })) if !value.is_finite()));
        }
    }
}
