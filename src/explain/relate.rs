//! Which scores have to do with an alert: those of the same host, job or service first. Pure.

use serde::Serialize;

use super::reporters::Reporters;
use super::workload::Workload;
use crate::model::{AnomalyState, Labels, ScoredSeries, Timestamp, format_number as number};

/// Labels that say where something runs, and how much sharing one weighs; the closest first.
pub(super) const PLACES: [(&str, u32); 12] = [
    ("instance", 8),
    ("host", 8),
    ("hostname", 8),
    ("pod", 8),
    ("node", 8),
    ("deployment", 8),
    ("statefulset", 8),
    ("daemonset", 8),
    ("service", 4),
    ("job", 2),
    ("namespace", 1),
    ("cluster", 1),
];

/// Scores shown per alert.
const MAX_RELATED: usize = 8;
/// Scores below this are shown only for a series of the same place.
const WORTH_SHOWING: f64 = 0.5;

/// One score beside an alert.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RelatedScore {
    /// The query.
    pub query: String,
    /// The series.
    pub labels: Labels,
    /// When it was scored.
    pub at: Timestamp,
    /// The score; 1 is the alarm line.
    pub score: f64,
    /// What came.
    pub value: f64,
    /// What was expected.
    pub expected: f64,
    /// The edges of the band whose ends score 1; infinite ones are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The upper edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// Where it is in its life.
    pub state: AnomalyState,
    /// When the anomaly under way began; `None`: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Since when the series has been missing; `None`: it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_since: Option<Timestamp>,
    /// The labels shared with the alert; empty if the series is anomalous elsewhere.
    pub shared: Vec<String>,
}

impl RelatedScore {
    /// One sentence without its end.
    pub(super) fn words(&self) -> String {
        let kinship = if self.shared.is_empty() { "elsewhere".to_owned() } else { self.shared.join(", ") };
        let band = match (self.lower, self.upper) {
            (Some(lower), Some(upper)) => format!(" within {} to {}", number(lower), number(upper)),
            _ => String::new(),
        };
        let since = match (self.absent_since, self.since) {
            (Some(at), _) => format!(", missing since {at}"),
            (None, Some(at)) => format!(", since {at}"),
            (None, None) => String::new(),
        };
        format!(
            "{} {}: score {}, value {}, expected {}{band}{since} ({kinship})",
            self.query,
            self.labels,
            number(self.score),
            number(self.value),
            number(self.expected)
        )
    }
}

/// Whether a score can matter to any alert: most series are calm and present, and to look at all of them for each alert
/// takes longer than all the rest.
pub(super) fn is_odd(scored: &ScoredSeries) -> bool {
    scored.score.score >= WORTH_SHOWING || scored.since.is_some() || scored.absent_since.is_some()
}

/// A score with where its series is.
pub(super) type Placed<'s> = (Place<'s>, &'s ScoredSeries);

/// The scores that can matter, each with where it is, so that this is looked up once and not for each alert.
pub(super) fn odd<'s>(scores: &'s [ScoredSeries], reporters: &Reporters) -> Vec<Placed<'s>> {
    let shown = scores.iter().filter(|scored| scored.score.score >= WORTH_SHOWING);
    shown.map(|scored| (Place::of(&scored.labels, reporters), scored)).collect()
}

/// The scores worth reading beside an alert: same place first, then the highest; at most eight.
pub fn relate(own: &Place<'_>, odd: &[Placed<'_>]) -> Vec<RelatedScore> {
    let weighed = odd.iter().map(|(place, scored)| (own.kinship(place), place, *scored));
    let mut ranked: Vec<(u32, &Place<'_>, &ScoredSeries)> =
        weighed.filter(|(weight, _, scored)| *weight >= 2 || scored.score.score >= 1.0).collect();
    ranked.sort_by(|a, b| {
        let anomalous = |scored: &ScoredSeries| scored.score.score >= 1.0;
        (anomalous(b.2), b.0)
            .cmp(&(anomalous(a.2), a.0))
            .then(b.2.score.score.total_cmp(&a.2.score.score))
            .then_with(|| (&a.2.query, &a.2.labels).cmp(&(&b.2.query, &b.2.labels)))
    });
    let first = ranked.into_iter().take(MAX_RELATED);
    first.map(|(_, place, scored)| related(scored, own.shared(place))).collect()
}

fn related(scored: &ScoredSeries, shared: Vec<String>) -> RelatedScore {
    RelatedScore {
        query: scored.query.to_string(),
        labels: scored.labels.clone(),
        at: scored.score.at,
        score: scored.score.score,
        value: scored.score.value,
        expected: scored.score.expected,
        lower: Some(scored.score.lower).filter(|edge| edge.is_finite()),
        upper: Some(scored.score.upper).filter(|edge| edge.is_finite()),
        state: scored.score.state,
        since: scored.since,
        absent_since: scored.absent_since,
        shared,
    }
}

/// Where something is: the values of the labels that say so, in the order of [`PLACES`].
pub(super) struct Place<'l>([Option<&'l str>; PLACES.len()]);

impl<'l> Place<'l> {
    /// Of what a series of these labels tells of.
    pub fn of(labels: &'l Labels, reporters: &Reporters) -> Self {
        Self(reporters.places(labels))
    }

    /// The closest label with its value, without a port, as `instance=a`.
    pub fn closest(&self) -> Option<String> {
        let mut known = PLACES.iter().zip(self.0).filter_map(|((name, _), value)| Some((name, value?)));
        let (name, value) = known.find(|(_, value)| !value.is_empty())?;
        Some(format!("{name}={}", host(value)))
    }

    /// How close two are. An instance on the same host but another port is half as close.
    pub fn kinship(&self, other: &Place<'_>) -> u32 {
        let weight = |(place, left, right): (usize, &str, &str)| {
            let (_, weight) = PLACES[place];
            if left == right { weight } else { weight / 2 }
        };
        self.alike(other).map(weight).sum::<u32>() + self.workload().kinship(&other.workload())
    }

    fn workload(&self) -> Workload<'l> {
        Workload {
            namespace: self.named("namespace"),
            deployment: self.named("deployment"),
            statefulset: self.named("statefulset"),
            daemonset: self.named("daemonset"),
            pod: self.named("pod"),
        }
    }

    fn named(&self, label: &str) -> Option<&'l str> {
        let mut places = PLACES.iter().zip(self.0);
        places.find(|((name, _), _)| *name == label).and_then(|(_, value)| value)
    }

    /// The names of the labels that two share.
    fn shared(&self, other: &Place<'_>) -> Vec<String> {
        let name = |(place, left, right): (usize, &str, &str)| {
            let (name, _) = PLACES[place];
            if left == right { name.to_owned() } else { format!("{name} (host)") }
        };
        self.alike(other).map(name).collect()
    }

    /// The labels of one host, by their numbers, with both values.
    fn alike<'a>(&'a self, other: &'a Place<'_>) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
        let pairs = self.0.iter().zip(&other.0).enumerate();
        let known = pairs.filter_map(|(place, (left, right))| Some((place, (*left)?, (*right)?)));
        known.filter(|(_, left, right)| left == right || host(left) == host(right))
    }
}

/// A value without its port.
pub(super) fn host(value: &str) -> &str {
    let numeric = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    // A bare address of IPv6 ends in a colon and a number too.
    let whole = |host: &str| !host.contains(':') || host.ends_with(']');
    value.rsplit_once(':').filter(|(host, port)| numeric(port) && whole(host)).map_or(value, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(instance: &str, job: &str, score: f64) -> ScoredSeries {
        ScoredSeries::plain("q", &[("instance", instance), ("job", job)], score)
    }

    #[test]
    fn the_same_place_comes_first_and_calm_strangers_do_not_come() {
        let alert: Labels = [("instance", "a:80"), ("job", "app")].into_iter().collect();
        let scores = [
            scored("z:1", "other", 9.0),
            scored("z:1", "other", 0.9),
            scored("a:80", "app", 0.7),
            scored("a:9100", "node", 1.2),
            scored("a:80", "app", 0.1),
        ];
        let reporters = Reporters::default();
        let (own, odd) = (Place::of(&alert, &reporters), odd(&scores, &reporters));
        let order: Vec<f64> = relate(&own, &odd).iter().map(|related| related.score).collect();
        assert_eq!(order, [1.2, 9.0, 0.7]);
    }

    #[test]
    fn a_host_without_port_is_itself() {
        for (value, expected) in [
            ("a:80", "a"),
            ("a", "a"),
            ("a:x", "a:x"),
            ("::1", "::1"),
            ("2001:db8::7", "2001:db8::7"),
            ("[::1]:80", "[::1]"),
        ] {
            assert_eq!(host(value), expected);
        }
    }
}
