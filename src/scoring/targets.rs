//! Whether the target of a series is still discovered: the series `up`, whatever their values.
//!
//! A series is matched by those of the labels `instance`, `pod` and `job` that it has. A target that is
//! down but still discovered is there; one that service discovery has dropped is gone, and so are its series.

use std::collections::{HashMap, HashSet};

use crate::model::Labels;

/// What is asked of Prometheus.
pub const UP: &str = "up";
/// Asked of the past, where the number alone tells that Prometheus had data.
pub const COUNT_UP: &str = "count(up)";

/// What is known about the target of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// It is still discovered.
    There,
    /// It is discovered no longer.
    Gone,
    /// The series names none, or only a job that has others.
    Unknown,
}

/// The targets at one time.
#[derive(Debug, Default)]
pub struct Targets {
    by_instance: HashMap<Box<str>, Vec<Labels>>,
    pods: HashSet<Box<str>>,
    jobs: HashSet<Box<str>>,
    empty: bool,
}

impl Targets {
    /// From the label sets of `up`.
    pub fn new(up: &[Labels]) -> Self {
        let mut targets = Self { empty: up.is_empty(), ..Self::default() };
        for labels in up {
            if let Some(instance) = labels.get("instance") {
                targets.by_instance.entry(instance.into()).or_default().push(labels.clone());
            }
            targets.pods.extend(labels.get("pod").map(Into::into));
            targets.jobs.extend(labels.get("job").map(Into::into));
        }
        targets
    }

    /// Whether there are none at all: Prometheus scrapes nothing, or has no data of this time.
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    /// The target of a series.
    pub fn of(&self, series: &Labels) -> Target {
        if self.empty {
            return Target::Unknown;
        }
        let found = |there| if there { Target::There } else { Target::Gone };
        if let Some(instance) = series.get("instance") {
            let agrees = |up: &Labels| ["job", "pod"].iter().all(|name| agree(up, series, name));
            return found(self.by_instance.get(instance).is_some_and(|targets| targets.iter().any(agrees)));
        }
        if let Some(pod) = series.get("pod").filter(|_| !self.pods.is_empty()) {
            return found(self.pods.contains(pod));
        }
        match series.get("job") {
            Some(job) if !self.jobs.contains(job) => Target::Gone,
            _ => Target::Unknown,
        }
    }
}

/// Whether two label sets do not contradict each other in a label.
fn agree(a: &Labels, b: &Labels, name: &str) -> bool {
    a.get(name).is_none() || b.get(name).is_none() || a.get(name) == b.get(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().copied().collect()
    }

    #[test]
    fn a_target_is_known_by_the_labels_it_shares_with_its_series() {
        let up = [
            labels(&[("instance", "a:9100"), ("job", "node")]),
            labels(&[("instance", "b:80"), ("job", "app"), ("pod", "app-1")]),
        ];
        let targets = Targets::new(&up);
        for (series, target, sentence) in [
            (&[("instance", "a:9100"), ("job", "node"), ("device", "sda")][..], Target::There, "its own"),
            (&[("instance", "a:9100")], Target::There, "an aggregate by instance"),
            (&[("instance", "c:9100"), ("job", "node")], Target::Gone, "no such instance any more"),
            (&[("instance", "a:9100"), ("job", "app")], Target::Gone, "the instance is another job's"),
            (&[("instance", "b:80"), ("pod", "app-0")], Target::Gone, "the address has another pod now"),
            (&[("pod", "app-1")], Target::There, "a pod that is scraped"),
            (&[("pod", "app-2"), ("job", "app")], Target::Gone, "a pod that is not"),
            (&[("job", "app")], Target::Unknown, "a job has many targets"),
            (&[("job", "batch")], Target::Gone, "a job without any target"),
            (&[("path", "/")], Target::Unknown, "a series without a target"),
        ] {
            assert_eq!(targets.of(&labels(series)), target, "{sentence}");
        }
        assert_eq!(Targets::new(&[]).of(&labels(&[("instance", "a:9100")])), Target::Unknown);
        assert_eq!(Targets::new(&up[..1]).of(&labels(&[("pod", "x"), ("job", "node")])), Target::Unknown);
    }
}
