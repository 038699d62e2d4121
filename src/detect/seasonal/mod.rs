//! `seasonal`: a cheap detector for series whose rhythm is that of people: time of day and day of week, in
//! their time zone.
//!
//! A value is expected at the level plus what the profile adds. Its distance from that range is calibrated
//! by the series' own history on either side; the false-alarm budget says how much is an alarm. It keeps
//! about 1.4 kB and does constant work a sample. What it refuses: it has no eye for the shape of the last
//! minutes; where that matters, `auto` is the model.

mod clock;
mod last;
mod learning;
mod level;
mod outlook;
mod profile;
mod table;
mod trial;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use self::clock::Clock;
use self::last::{Fate, Last};
use self::level::Level;
use self::outlook::{Judgement, Outlook, Range};
use self::profile::{Lesson, Profile};
use super::alarm_line::{Spending, alarm_line};
use super::compact_tail::CompactTail;
use super::episodes::{Episodes, Step};
use super::explanation::{Explanation, Gate, Learning};
use super::hold::Hold;
use super::{Config, Detector, State};
use crate::model::{Sample, Score, Timestamp};

/// Finite samples that are only learnt, before the first score.
const WARM_UP_SAMPLES: u32 = 100;
/// Time that is learnt from at most at once, in intervals.
const LEARN_INTERVALS: f64 = 4.0;
/// Values beyond are taken as this, so that no difference overflows.
const LARGEST: f64 = 1e300;

/// What `seasonal` has learnt of its series: 1.2 kB in one piece. Nothing in it depends on the
/// configuration but the profile, which is of the time zone's days.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SeasonalState {
    /// Time of the last sample taken, finite or not, in milliseconds.
    last: Option<i64>,
    /// Time of the last finite sample, in milliseconds.
    learned: Option<i64>,
    samples: u64,
    level: Level,
    profile: Profile,
    above: CompactTail,
    below: CompactTail,
    episodes: Episodes,
    spending: Spending,
}

/// The detector: configuration, state, and the last score taken apart.
pub struct Seasonal {
    config: Config,
    clock: Clock,
    /// The line that the budget sets, before what was overspent.
    line: f64,
    state: SeasonalState,
    hold: Hold,
    last: Option<Last>,
}

/// When a sample came: its time, its local time in milliseconds, and the seconds it stands for.
#[derive(Clone, Copy)]
struct Moment {
    at: Timestamp,
    local: i64,
    elapsed: f64,
}

impl Seasonal {
    /// A detector that has seen nothing.
    pub fn new(config: &Config) -> Self {
        Self::restore(config, SeasonalState::default())
    }

    /// A detector that goes on from a state, under any configuration. Another time zone keeps the profile,
    /// which then takes days to follow.
    pub fn restore(config: &Config, state: SeasonalState) -> Self {
        let (config, clock, line) = (config.clone(), Clock::default(), alarm_line(config));
        Self { config, clock, line, state, hold: Hold::Nothing, last: None }
    }

    /// How many samples are missing before a score, the one at hand being scored.
    fn missing(&self) -> u32 {
        (WARM_UP_SAMPLES + 1).saturating_sub(u32::try_from(self.state.samples).unwrap_or(u32::MAX))
    }

    /// The evidence at which the score is 1.
    fn alarm_line(&self) -> f64 {
        self.line + self.state.spending.correction(&self.config)
    }

    fn interval(&self) -> f64 {
        self.config.interval.as_secs_f64().max(1e-3)
    }

    fn moment(&mut self, at: Timestamp) -> Moment {
        let before = Timestamp::from_millis(self.state.learned.unwrap_or(at.as_millis()));
        let elapsed = at.since(before).as_secs_f64().min(LEARN_INTERVALS * self.interval());
        Moment { at, local: self.clock.local(&self.config.time_zone, at), elapsed }
    }

    fn range(&self, local: i64) -> Range {
        let (level, offset) = (self.state.level.value(), self.state.profile.offset(local));
        Range {
            low: level + offset.low,
            expected: level + offset.middle,
            high: level + offset.high,
            scale: self.state.profile.variation(local),
        }
    }

    fn outlook(&self, range: Range, line: f64) -> Outlook<'_> {
        Outlook::new(range, [&self.state.above, &self.state.below], line)
    }

    /// A score of 0 with no band but the range of values that can be.
    fn blank(&self, sample: Sample, expected: f64) -> Score {
        self.config.narrowing.data_range.bound(Score {
            at: sample.at,
            value: sample.value,
            expected,
            lower: f64::NEG_INFINITY,
            upper: f64::INFINITY,
            score: 0.0,
            state: self.hold.state(&self.state.episodes, sample.at),
            alarm: false,
        })
    }

    /// A value that is no number: nothing is learnt, the band is as it would have been.
    fn skip(&mut self, sample: Sample) -> Score {
        let moment = self.moment(sample.at);
        let range = self.range(moment.local);
        let mut score = self.blank(sample, range.expected);
        if self.missing() == 0 {
            let outlook = self.outlook(range, self.alarm_line());
            let Judgement { lower, upper, .. } = outlook.judge(range.expected, &self.config);
            score = self.config.narrowing.data_range.bound(Score { lower, upper, ..score });
        }
        let fate = Fate { outside: false, gate: Some(Gate::Finite), learning: Learning::Nothing };
        self.remember(score, self.missing(), [(range, 0.0); 2], fate);
        score
    }

    /// The first finite sample: it is what is expected.
    fn first(&mut self, sample: Sample, value: f64) -> Score {
        let Moment { local, .. } = self.moment(sample.at);
        if !self.hold.learns_nothing() {
            self.state.level.learn(value, 0.0, 0.0, false);
            self.state.profile.learn(local, 0.0, Lesson::default());
        }
        let score = self.blank(sample, value);
        let fate = Fate { outside: false, gate: Some(Gate::WarmUp), learning: Learning::WarmingUp };
        self.remember(score, self.missing(), [(self.range(local), 0.0); 2], fate);
        score
    }

    fn score(&mut self, sample: Sample, value: f64) -> Score {
        let moment = self.moment(sample.at);
        let range = self.range(moment.local);
        let level = self.state.level.value();
        let alone = Range { low: level, expected: level, high: level, scale: 1.0 };
        let outlook = self.outlook(range, self.alarm_line());
        let judged = outlook.judge(value, &self.config);
        let without = outlook.evidence(alone.deviation(value), alone.scale);
        let missing = self.missing();
        let limits = self.config.narrowing.data_range;
        let outside = limits.excludes(sample.value);
        let height = limits.least_score(sample.value).max(if missing == 0 { judged.score } else { 0.0 });
        let step = if outside || self.hold.learns_nothing() {
            let least = self.config.narrowing.min_duration;
            self.hold.step(&mut self.state.episodes, sample.at, height, least)
        } else {
            self.learn(moment, value, range, &judged)
        };
        let blank = self.blank(sample, range.expected);
        let (lower, upper) =
            if missing == 0 { (judged.lower, judged.upper) } else { (blank.lower, blank.upper) };
        let Step { state, alarm, .. } = step;
        let score = limits.bound(Score { lower, upper, score: height, state, alarm, ..blank });
        let gate = match judged.gate {
            _ if outside => step.gate,
            _ if missing > 0 => Some(Gate::WarmUp),
            gate => gate.or(step.gate),
        };
        let learning = Learning::of(outside, missing == 0, height).under(self.hold);
        let fate = Fate { outside, gate, learning };
        self.remember(score, missing, [(range, judged.evidence), (alone, without)], fate);
        score
    }

    fn remember(&mut self, score: Score, missing: u32, views: [(Range, f64); 2], fate: Fate) {
        let deviation = |range: Range| score.value.is_finite().then(|| range.deviation(score.value));
        let views = views.map(|(range, tail)| (deviation(range), tail));
        self.last = Some(Last { score, line: self.alarm_line(), views, missing, fate });
    }
}

impl Detector for Seasonal {
    fn name(&self) -> &'static str {
        "seasonal"
    }

    fn observe(&mut self, sample: Sample) -> Option<Score> {
        let at = sample.at.as_millis();
        if self.state.last.is_some_and(|last| at <= last) {
            return None;
        }
        self.state.last = Some(at);
        if !sample.value.is_finite() {
            return Some(self.skip(sample));
        }
        let value = sample.value.clamp(-LARGEST, LARGEST);
        if self.config.narrowing.data_range.excludes(sample.value) {
            return Some(self.score(sample, value));
        }
        let learns = !self.hold.learns_nothing();
        self.state.samples += u64::from(learns);
        let score = match self.state.learned {
            None => self.first(sample, value),
            Some(_) => self.score(sample, value),
        };
        if learns {
            self.state.learned = Some(at);
        }
        Some(score)
    }

    fn hold(&mut self, hold: Hold) {
        self.hold = hold;
    }

    fn explain(&self) -> Option<Explanation> {
        Some(self.last.as_ref()?.explanation(self.state.samples))
    }

    fn is_warm(&self) -> bool {
        self.missing() == 0
    }

    fn since(&self) -> Option<Timestamp> {
        self.state.episodes.open_since().map(Timestamp::from_millis)
    }

    fn state(&self) -> State<'_> {
        State::Seasonal(Cow::Borrowed(&self.state))
    }

    fn configure(&mut self, config: &Config) {
        self.config = config.clone();
        self.line = alarm_line(config);
        self.clock.reset();
    }
}

#[cfg(test)]
mod tests;
