//! The members that a group's anomaly is made of, ordered by the onset of their own episodes.
//!
//! What began first is where to look first. A member without an episode of its own moved within its band:
//! such members follow, the largest share first.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::model::{Contribution, Labels, ScoredSeries, Timestamp};

/// A member's part in a group's anomaly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::http::routes) struct Contributor {
    /// The member's name within the group.
    feature: String,
    /// The query that it is a series of.
    query: String,
    /// Its labels.
    labels: Labels,
    /// Its share of the group's score.
    share: f64,
    /// Its own score, if its query is scored and it is on the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// When its own episode began, if it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
}

/// The members' own scores.
pub(in crate::http::routes) struct OwnScores<'a>(HashMap<(&'a str, &'a Labels), &'a ScoredSeries>);

impl<'a> OwnScores<'a> {
    /// Of the members that some groups name, among all series.
    pub fn of<'b>(
        groups: impl IntoIterator<Item = &'b [Contribution]>,
        all: impl Iterator<Item = &'a ScoredSeries>,
    ) -> Self {
        let parts = groups.into_iter().flatten();
        let wanted: HashSet<(&str, &Labels)> = parts.map(|part| (&*part.query, &part.labels)).collect();
        let found = all.map(|scored| ((&*scored.query, &scored.labels), scored));
        Self(found.filter(|(key, _)| wanted.contains(key)).collect())
    }

    /// The members of one anomaly in the order of their onsets.
    pub fn contributors(&self, parts: &[Contribution]) -> Vec<Contributor> {
        let mut contributors: Vec<Contributor> = parts.iter().map(|part| self.contributor(part)).collect();
        contributors.sort_by(|a, b| {
            let onset = |one: &Contributor| (one.since.is_none(), one.since);
            onset(a).cmp(&onset(b)).then(b.share.total_cmp(&a.share))
        });
        contributors
    }

    fn contributor(&self, part: &Contribution) -> Contributor {
        let own = self.0.get(&(&*part.query, &part.labels));
        Contributor {
            feature: part.feature.to_string(),
            query: part.query.to_string(),
            labels: part.labels.clone(),
            share: part.share,
            score: own.map(|own| own.score.score),
            since: own.and_then(|own| own.since),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(instance: &str) -> Labels {
        [("instance", instance)].into_iter().collect()
    }

    fn part(query: &str, share: f64) -> Contribution {
        Contribution { feature: query.into(), query: query.into(), labels: labels("a"), share }
    }

    fn scored(query: &str, instance: &str, since: Option<i64>) -> ScoredSeries {
        let since = since.map(Timestamp::from_millis);
        ScoredSeries { since, ..ScoredSeries::plain(query, &[("instance", instance)], 0.25) }
    }

    #[test]
    fn the_first_to_begin_comes_first_and_the_calm_follow_by_share() {
        let parts =
            [part("cpu", 0.4), part("disk", 0.3), part("net", 0.2), part("gone", 0.06), part("mem", 0.04)];
        let all = [
            scored("cpu", "a", None),
            scored("disk", "a", Some(9)),
            scored("disk", "b", Some(1)),
            scored("net", "a", None),
            scored("mem", "a", Some(7)),
        ];
        let ordered = OwnScores::of([&parts[..]], all.iter()).contributors(&parts);
        let told: Vec<(&str, f64, Option<i64>)> = ordered
            .iter()
            .map(|one| (one.feature.as_str(), one.share, one.since.map(Timestamp::as_millis)))
            .collect();
        assert_eq!(
            told,
            [
                ("mem", 0.04, Some(7)),
                ("disk", 0.3, Some(9)),
                ("cpu", 0.4, None),
                ("net", 0.2, None),
                ("gone", 0.06, None)
            ]
        );
        assert_eq!((ordered[0].score, ordered[4].score), (Some(0.25), None));
    }
}
