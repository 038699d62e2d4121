//! Alerts: which fire, since when.

use super::arguments::Alerts;
use super::{Finding, LookupError, Lookups};
use crate::journal::EpisodeFilter;
use crate::model::{Episode, Timestamp, format_duration, matches_all};

/// Episodes read for one answer.
const MAX_READ: u32 = 10_000;

impl Lookups {
    pub(super) async fn alerts(&self, asked: &Alerts, now: Timestamp) -> Result<Finding, LookupError> {
        let filter = match asked.include_resolved {
            true => EpisodeFilter::latest(MAX_READ),
            false => EpisodeFilter { limit: MAX_READ, ..EpisodeFilter::firing() },
        };
        let episodes = self.sources.journal.episodes(filter).await?;
        Ok(found(episodes, asked, now))
    }
}

fn found(mut episodes: Vec<Episode>, asked: &Alerts, now: Timestamp) -> Finding {
    episodes.retain(|episode| {
        asked.name.as_deref().is_none_or(|name| name == episode.alert.name())
            && matches_all(&asked.matchers.0, &episode.alert.labels)
    });
    episodes.sort_by_key(|episode| (!episode.is_firing(), episode.alert.starts_at, episode.id));
    let firing = episodes.iter().filter(|episode| episode.is_firing()).count();
    let over = episodes.len() - firing;
    let title = match (firing, over) {
        (firing, 0) => format!("{} at {now}.", fire(firing)),
        (firing, over) => format!("{} at {now}, and {over} known from before have ended.", fire(firing)),
    };
    let more = episodes.len().saturating_sub(asked.limit.0);
    Finding::new(&title, episodes.iter().take(asked.limit.0).map(|episode| line(episode, now))).and_more(more)
}

/// How many fire, in words.
pub(super) fn fire(count: usize) -> String {
    match count {
        0 => "No such alert fires".to_owned(),
        1 => "1 alert fires".to_owned(),
        many => format!("{many} alerts fire"),
    }
}

fn line(episode: &Episode, now: Timestamp) -> String {
    let alert = &episode.alert;
    let lasted = |until: Timestamp| format_duration(whole_seconds(until.since(alert.starts_at)));
    let when = match alert.ends_at.filter(|_| !episode.is_firing()) {
        Some(end) => format!("fired from {} to {end} ({})", alert.starts_at, lasted(end)),
        None => format!("fires since {} ({})", alert.starts_at, lasted(now)),
    };
    let told = ["summary", "description"].iter().find_map(|name| alert.annotations.get(name));
    let told = told.map(|text| format!("; it says: {text}")).unwrap_or_default();
    format!("{} {when}; labels {}{told}", alert.name(), alert.labels.without(&["alertname"]))
}

fn whole_seconds(duration: std::time::Duration) -> std::time::Duration {
    std::time::Duration::from_secs(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::super::tests::episode;
    use super::*;
    use crate::model::Matcher;

    #[test]
    fn alerts_are_those_asked_for_the_firing_ones_first() {
        let now = Timestamp::from_millis(3_600_000);
        let episodes = [
            episode(&[("alertname", "Old"), ("instance", "a")], 0, Some(60)),
            episode(&[("alertname", "Down"), ("instance", "a")], 60, None),
            episode(&[("alertname", "Down"), ("instance", "b")], 120, None),
        ];
        let matchers = super::super::arguments::Matchers(vec![Matcher::equal("instance", "b")]);
        for (asked, title, lines) in [
            (
                Alerts::default(),
                "2 alerts fire at 1970-01-01T01:00:00Z, and 1 known from before have ended.",
                3,
            ),
            (
                Alerts { name: Some("Down".to_owned()), ..Alerts::default() },
                "2 alerts fire at 1970-01-01T01:00:00Z.",
                2,
            ),
            (Alerts { matchers, ..Alerts::default() }, "1 alert fires at 1970-01-01T01:00:00Z.", 1),
            (
                Alerts { name: Some("Up".to_owned()), ..Alerts::default() },
                "No such alert fires at 1970-01-01T01:00:00Z.",
                0,
            ),
        ] {
            let found = found(episodes.to_vec(), &asked, now);
            assert_eq!((found.title.as_str(), found.lines.len()), (title, lines), "{asked:?}");
        }
        let all = found(episodes.to_vec(), &Alerts::default(), now);
        assert_eq!(
            all.lines[0],
            r#"Down fires since 1970-01-01T00:01:00Z (59m); labels {instance="a"}; it says: summary of Down"#
        );
        assert!(all.lines[2].starts_with("Old fired from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z (1m)"));
    }
}
