//! Autonomy that is earned: a policy begins in the shadow, asks once its plans have proved to be called for, acts by itself
//! once what was approved has helped, and loses that at once when it does harm.

use serde::{Deserialize, Serialize};

use crate::model::{EpisodeId, Proportion, RunOutcome, Timestamp};

/// What a policy may do by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Its plans are recorded.
    #[default]
    Shadow,
    /// A person approves each of them.
    Ask,
    /// They are carried out.
    Act,
}

impl Level {
    /// Every level, for metrics that exist at zero from the start.
    pub const ALL: &[Self] = &[Self::Shadow, Self::Ask, Self::Act];

    /// The name used in JSON, in the journal and as label value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Ask => "ask",
            Self::Act => "act",
        }
    }

    fn above(self) -> Self {
        match self {
            Self::Shadow => Self::Ask,
            Self::Ask | Self::Act => Self::Act,
        }
    }

    fn below(self) -> Self {
        match self {
            Self::Shadow | Self::Ask => Self::Shadow,
            Self::Act => Self::Ask,
        }
    }
}

/// What is asked of a policy before it rises, and what it falls for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Plans in the shadow whose alerts lasted as long as the plan would have taken. Default 5.
    pub shadow_plans: u32,
    /// Runs that helped. Default 5.
    pub helped: u32,
    /// What the share of successes must exceed with 90 % confidence, from 0 to 1. Default 0.5.
    pub min_success: f64,
    /// So many runs in a row that did not help take it a level down. Default 2.
    pub without_effect: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self { shadow_plans: 5, helped: 5, min_success: 0.5, without_effect: 2 }
    }
}

/// What counts for or against a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A plan in the shadow whose alert lasted: somebody had to act. The first plan for an episode counts.
    CalledFor(EpisodeId),
    /// A plan in the shadow whose alert resolved by itself.
    Needless(EpisodeId),
    /// A run ended.
    Ended(RunOutcome),
}

/// Where a policy stands, and what has counted since it came there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What it may do.
    pub level: Level,
    /// Since when.
    pub since: Timestamp,
    /// What counted for it since.
    pub good: u32,
    /// What counted against it since.
    pub bad: u32,
    /// How much of that came last, in a row.
    pub bad_in_a_row: u32,
    /// When something last counted; what ended later has yet to.
    #[serde(default)]
    pub updated: Timestamp,
    /// What the policy was; another one has earned nothing. A checksum of all that decides what it does.
    #[serde(default)]
    pub digest: u32,
    /// Episodes whose plans in the shadow have counted, the last 100.
    #[serde(default)]
    pub counted: Vec<EpisodeId>,
}

/// Episodes remembered of those that have counted.
const MOST_COUNTED: usize = 100;

impl Standing {
    /// At a level with nothing counted yet.
    pub fn at(level: Level, since: Timestamp) -> Self {
        Self { level, since, ..Self::default() }
    }

    fn move_to(&mut self, level: Level, now: Timestamp) {
        let (digest, updated, counted) = (self.digest, self.updated, std::mem::take(&mut self.counted));
        *self = Self { digest, updated, counted, ..Self::at(level, now) };
    }

    /// Whether this is the first plan for an episode; from now on it is not.
    fn is_first_of(&mut self, episode: EpisodeId) -> bool {
        if self.counted.contains(&episode) {
            return false;
        }
        self.counted.push(episode);
        let too_many = self.counted.len().saturating_sub(MOST_COUNTED);
        self.counted.drain(..too_many);
        true
    }

    /// Takes an event into account; whether anything changed.
    pub fn note(&mut self, terms: &Terms, event: Event, now: Timestamp) -> bool {
        match (event, self.level) {
            (Event::CalledFor(episode), Level::Shadow) if self.is_first_of(episode) => self.count_good(),
            (Event::Needless(episode), Level::Shadow) if self.is_first_of(episode) => self.count_bad(),
            (Event::Ended(RunOutcome::Helped), _) => self.count_good(),
            // It has counted as good before.
            (Event::Ended(RunOutcome::DidNotLast), _) => {
                self.good = self.good.saturating_sub(1);
                self.count_bad();
            }
            (Event::Ended(RunOutcome::Worse), _) => self.move_to(Level::Shadow, now),
            (Event::Ended(outcome), _) if did_not_help(outcome) => self.count_bad(),
            _ => return false,
        }
        self.updated = self.updated.max(now);
        if self.level > Level::Shadow && self.bad_in_a_row >= terms.without_effect {
            self.move_to(self.level.below(), now);
        } else if self.level < Level::Act && self.has_earned(terms) {
            self.move_to(self.level.above(), now);
        }
        true
    }

    fn count_good(&mut self) {
        self.good = self.good.saturating_add(1);
        self.bad_in_a_row = 0;
    }

    fn count_bad(&mut self) {
        self.bad = self.bad.saturating_add(1);
        self.bad_in_a_row = self.bad_in_a_row.saturating_add(1);
    }

    fn has_earned(&self, terms: &Terms) -> bool {
        let enough = if self.level == Level::Shadow { terms.shadow_plans } else { terms.helped };
        let proportion = Proportion { successes: self.good, trials: self.good.saturating_add(self.bad) };
        self.good >= enough && proportion.bounds().0 >= terms.min_success
    }
}

/// Whether a run counts against its policy. One that was not started, or held back on its way, says nothing.
pub fn did_not_help(outcome: RunOutcome) -> bool {
    match outcome {
        RunOutcome::DidNotLast
        | RunOutcome::NoEffect
        | RunOutcome::Worse
        | RunOutcome::Unproven
        | RunOutcome::Failed
        | RunOutcome::Unknown => true,
        RunOutcome::Helped | RunOutcome::NotStarted | RunOutcome::Aborted => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::at;
    use super::*;
    use crate::model::Fingerprint;

    const SOME: EpisodeId = EpisodeId { fingerprint: Fingerprint(0), started: Timestamp::from_millis(0) };

    fn after(level: Level, events: &[(Event, usize)]) -> Level {
        let mut standing = Standing::at(level, at(0));
        let mut episodes = 0..;
        for (event, times) in events {
            for _ in 0..*times {
                let id = EpisodeId { fingerprint: Fingerprint(1), started: at(episodes.next().unwrap()) };
                let event = match event {
                    Event::CalledFor(_) => Event::CalledFor(id),
                    Event::Needless(_) => Event::Needless(id),
                    Event::Ended(_) => *event,
                };
                standing.note(&Terms::default(), event, at(1));
            }
        }
        standing.level
    }

    #[test]
    fn a_policy_rises_by_success_alone_and_falls_at_once() {
        use Event::Ended;
        let (called_for, needless) = (Event::CalledFor(SOME), Event::Needless(SOME));
        use Level::{Act, Ask, Shadow};
        let relapse = Ended(RunOutcome::DidNotLast);
        let (helped, worse) = (Ended(RunOutcome::Helped), Ended(RunOutcome::Worse));
        let (no_effect, aborted) = (Ended(RunOutcome::NoEffect), Ended(RunOutcome::Aborted));
        for (level, events, expected, sentence) in [
            (Shadow, vec![(called_for, 4)], Shadow, "four plans are too few"),
            (Shadow, vec![(called_for, 5)], Ask, "five were called for"),
            (Shadow, vec![(needless, 5), (called_for, 5)], Shadow, "half of them were needless"),
            (Shadow, vec![(needless, 5), (called_for, 15)], Ask, "a quarter of them was"),
            (Ask, vec![(called_for, 50)], Ask, "plans in the shadow count in the shadow alone"),
            (Ask, vec![(helped, 4)], Ask, "four that helped are too few"),
            (Ask, vec![(helped, 5)], Act, "five helped"),
            (
                Ask,
                vec![(helped, 3), (no_effect, 1), (helped, 1), (no_effect, 1), (helped, 1)],
                Ask,
                "five of seven",
            ),
            (
                Ask,
                vec![(helped, 1), (relapse, 1), (helped, 1), (helped, 1), (relapse, 1), (helped, 3)],
                Ask,
                "four of six lasted",
            ),
            (Ask, vec![(helped, 4), (relapse, 4)], Shadow, "nothing lasted"),
            (Act, vec![(helped, 1), (relapse, 1), (no_effect, 1)], Ask, "two in a row"),
            (Ask, vec![(helped, 4), (worse, 1), (helped, 4)], Shadow, "one made it worse"),
            (Act, vec![(worse, 1)], Shadow, "one made it worse"),
            (Act, vec![(no_effect, 1), (helped, 1), (no_effect, 1)], Act, "two without effect, not in a row"),
            (Act, vec![(no_effect, 2)], Ask, "two without effect in a row"),
            (Act, vec![(no_effect, 4)], Shadow, "four without effect in a row"),
            (Act, vec![(aborted, 9)], Act, "what was held back says nothing"),
        ] {
            assert_eq!(after(level, &events), expected, "{sentence}");
        }
    }

    #[test]
    fn the_plans_for_one_episode_count_once_however_often_it_is_looked_at() {
        let mut standing = Standing::default();
        for _ in 0..9 {
            standing.note(&Terms::default(), Event::CalledFor(SOME), at(1));
        }
        assert_eq!((standing.level, standing.good), (Level::Shadow, 1));
        standing.note(&Terms::default(), Event::Needless(SOME), at(1));
        assert_eq!(standing.bad, 0, "what has counted as called for is not needless later");
        for number in 0..300 {
            let id = EpisodeId { started: at(number), ..SOME };
            standing.note(&Terms { shadow_plans: u32::MAX, ..Terms::default() }, Event::CalledFor(id), at(1));
        }
        assert_eq!(standing.counted.len(), MOST_COUNTED);
    }
}
