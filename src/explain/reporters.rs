//! Targets that speak for others, as kube-state-metrics does for pods and a gateway for hosts. What their series say is
//! said of the other, and the target's own labels say only who tells it. Pure.
//!
//! Whose labels are whose, Prometheus knows: `up` of a target has the target's own and no other. A series that names a
//! pod or a host that its target's `up` does not name speaks for another.

use std::collections::{BTreeMap, BTreeSet};

use super::relate::{PLACES, host};
use crate::model::{Labels, Series, escape_promql};

/// Labels that name something that may be spoken for.
const SPOKEN_FOR: [&str; 7] = ["host", "hostname", "node", "pod", "deployment", "statefulset", "daemonset"];
/// Targets asked about; there are few that speak for others.
const MAX_TARGETS: usize = 100;

/// The targets whose series may speak for others, with their own labels.
#[derive(Clone, Debug, Default)]
pub struct Reporters(BTreeMap<String, Vec<Labels>>);

/// What is asked for the own labels of the targets of these series; `None`: none of them may speak for another.
pub(super) fn question<'l>(series: impl Iterator<Item = &'l Labels>) -> Option<String> {
    let names_another = |labels: &&Labels| SPOKEN_FOR.iter().any(|name| labels.get(name).is_some());
    let instances: BTreeSet<&str> =
        series.filter(names_another).filter_map(|labels| labels.get("instance")).collect();
    let instances: Vec<String> = instances.into_iter().take(MAX_TARGETS).map(regex::escape).collect();
    (!instances.is_empty()).then(|| format!(r#"up{{instance=~"{}"}}"#, escape_promql(&instances.join("|"))))
}

impl Reporters {
    /// Those of the answer to [`question`].
    pub(super) fn read(answer: &[Series]) -> Self {
        let mut targets: BTreeMap<String, Vec<Labels>> = BTreeMap::new();
        for series in answer {
            let Some(instance) = series.labels.get("instance") else { continue };
            targets.entry(instance.to_owned()).or_default().push(series.labels.clone());
        }
        Self(targets)
    }

    /// The labels that say where something is, in the order of [`PLACES`]: without the target's own where it speaks for
    /// another.
    pub(super) fn places<'l>(&self, labels: &'l Labels) -> [Option<&'l str>; PLACES.len()] {
        let teller = self.teller(labels);
        PLACES.map(|(name, _)| {
            labels.get(name).filter(|value| teller.is_none_or(|teller| teller.get(name) != Some(value)))
        })
    }

    /// The own labels of the target that speaks for another by these; `None`: it speaks for itself, or is not known.
    fn teller(&self, labels: &Labels) -> Option<&Labels> {
        let job = labels.get("job");
        let of_job = |target: &&Labels| job.is_none_or(|job| target.get("job") == Some(job));
        let target = self.0.get(labels.get("instance")?)?.iter().find(of_job)?;
        // Where rules give a host's name to what its own exporter tells, it still speaks for itself.
        let itself = host(labels.get("instance")?);
        let names_another = |name: &&str| {
            labels.get(name).is_some_and(|value| target.get(name) != Some(value) && host(value) != itself)
        };
        SPOKEN_FOR.iter().any(names_another).then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().copied().collect()
    }

    const KSM: [(&str, &str); 2] = [("instance", "ksm:8080"), ("job", "kube-state-metrics")];

    #[test]
    fn only_targets_of_series_that_name_something_else_are_asked_about() {
        for (series, expected, sentence) in [
            (vec![labels(&KSM)], None, "a series without a pod or a host"),
            (vec![labels(&[("pod", "a")])], None, "a series without a target"),
            (
                vec![labels(&[KSM[0], ("pod", "b")]), labels(&[KSM[0], ("pod", "a")])],
                Some(r#"up{instance=~"ksm:8080"}"#),
                "a target is asked about once",
            ),
            (
                vec![
                    labels(&[("instance", "a.b:1"), ("node", "n")]),
                    labels(&[("instance", "\"c"), ("host", "h")]),
                ],
                Some(r#"up{instance=~"\"c|a\\.b:1"}"#),
                "a name is a text and no pattern",
            ),
        ] {
            assert_eq!(question(series.iter()).as_deref(), expected, "{sentence}");
        }
        let many: Vec<Labels> =
            (0..200).map(|n| labels(&[("instance", &format!("i{n}")), ("pod", "p")])).collect();
        let asked = question(many.iter()).unwrap();
        assert_eq!(asked.matches('|').count() + 1, MAX_TARGETS, "there is a bound");
    }

    #[test]
    fn the_labels_of_who_tells_are_no_place_of_what_is_told() {
        let up = |pairs: &[(&str, &str)]| Series { labels: labels(pairs), samples: Vec::new() };
        let reporters = Reporters::read(&[
            up(&[KSM[0], KSM[1], ("namespace", "monitoring"), ("pod", "ksm-1"), ("cluster", "c")]),
            up(&[("instance", "n1:10250"), ("job", "kubelet"), ("node", "n1")]),
            up(&[("instance", "n1:9100"), ("job", "node"), ("pod", "node-exporter-x")]),
            up(&[("instance", "gw:9091"), ("job", "push")]),
        ]);
        for (series, expected, sentence) in [
            (
                &[KSM[0], KSM[1], ("namespace", "pay"), ("pod", "ledger"), ("cluster", "c")][..],
                &["ledger", "pay"][..],
                "a pod that another target tells of",
            ),
            (
                &[KSM[0], KSM[1], ("namespace", "monitoring"), ("pod", "ksm-1")],
                &["ksm:8080", "ksm-1", "kube-state-metrics", "monitoring"],
                "what a target says of itself",
            ),
            (
                &[("instance", "n1:10250"), ("job", "kubelet"), ("node", "n1"), ("pod", "ledger")],
                &["ledger"],
                "a container that the kubelet tells of",
            ),
            (
                &[("instance", "n1:9100"), ("job", "node"), ("pod", "node-exporter-x")],
                &["n1:9100", "node-exporter-x", "node"],
                "a host whose exporter runs in a pod",
            ),
            (
                &[("instance", "gw:9091"), ("host", "h1")],
                &["h1"],
                "a host that pushes, where the job was aggregated away",
            ),
            (
                &[("instance", "n1:9100"), ("job", "node"), ("pod", "node-exporter-x"), ("host", "n1")],
                &["n1:9100", "n1", "node-exporter-x", "node"],
                "a host whose name a rule has added",
            ),
            (
                &[("instance", "gw:9091"), ("job", "other"), ("host", "h1")],
                &["gw:9091", "h1", "other"],
                "a target that is not known",
            ),
        ] {
            let series = labels(series);
            let places: Vec<&str> = reporters.places(&series).into_iter().flatten().collect();
            assert_eq!(places, expected, "{sentence}");
        }
    }
}
