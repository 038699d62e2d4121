//! What holds an action back. Each guard is a function of facts and `now`, with a reason of its own.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::{Episode, Rate, Reason, Timestamp, format_duration};

/// A refusal by a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// From the closed list.
    pub reason: Reason,
    /// The value that decided, in one line.
    pub detail: String,
    /// When the guard may let it pass; `None`: when something else changes.
    pub until: Option<Timestamp>,
}

impl Held {
    /// Held until something changes.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), until: None }
    }

    fn until(reason: Reason, detail: String, until: Timestamp) -> Self {
        Self { reason, detail, until: Some(until) }
    }
}

/// The stop switch.
pub fn paused(paused: bool) -> Result<(), Held> {
    if paused { Err(Held::new(Reason::Paused, "the stop switch is set")) } else { Ok(()) }
}

/// Nothing new begins while the daemon stops.
pub fn shutting_down(shutting_down: bool) -> Result<(), Held> {
    if shutting_down { Err(Held::new(Reason::ShuttingDown, "")) } else { Ok(()) }
}

/// Nothing begins in the first moments: what is known then may be old.
pub fn startup_grace(started: Timestamp, grace: Duration, now: Timestamp) -> Result<(), Held> {
    let end = started + grace;
    if now >= end {
        return Ok(());
    }
    Err(Held::until(Reason::Starting, format!("until {end}"), end))
}

/// Many new alerts at once have a shared cause.
pub fn storm(in_storm: bool) -> Result<(), Held> {
    if in_storm {
        Err(Held::new(Reason::Storm, "more new alerts than remediation.storm allows"))
    } else {
        Ok(())
    }
}

/// The alert must have been firing for some time.
pub fn min_firing(episode: &Episode, min_firing: Duration, now: Timestamp) -> Result<(), Held> {
    let ripe = episode.alert.starts_at + min_firing;
    if now >= ripe {
        return Ok(());
    }
    let detail = format!(
        "firing for {} of {}",
        seconds(now.since(episode.alert.starts_at)),
        format_duration(min_firing)
    );
    Err(Held::until(Reason::TooYoung, detail, ripe))
}

/// One run per policy, target and episode.
pub fn already_run(has_run: bool) -> Result<(), Held> {
    if has_run { Err(Held::new(Reason::AlreadyRun, "")) } else { Ok(()) }
}

/// A policy acts on one target no more often than its rate, counted from the attempt.
pub fn cooldown(attempts: &[Timestamp], rate: Rate, now: Timestamp) -> Result<(), Held> {
    let mut recent: Vec<Timestamp> = attempts.iter().copied().filter(|at| *at + rate.per() > now).collect();
    if recent.len() < rate.count() as usize {
        return Ok(());
    }
    recent.sort();
    let frees = recent[recent.len() - rate.count() as usize] + rate.per();
    Err(Held::until(
        Reason::Cooldown,
        format!("{} in the last {}, until {frees}", recent.len(), format_duration(rate.per())),
        frees,
    ))
}

/// One action per target at a time, whatever the policy.
pub fn target_busy(busy: bool) -> Result<(), Held> {
    if busy { Err(Held::new(Reason::TargetBusy, "another run works on it")) } else { Ok(()) }
}

/// A cap over everything.
pub fn in_flight(running: usize, max: usize) -> Result<(), Held> {
    if running < max {
        return Ok(());
    }
    Err(Held::new(Reason::TooManyInFlight, format!("{running} of {max} are under way")))
}

fn seconds(duration: Duration) -> String {
    format_duration(Duration::from_secs(duration.as_secs()))
}

/// Events in a sliding window; remembers no more than decide the question.
#[derive(Clone, Debug)]
pub struct Window {
    rate: Rate,
    events: VecDeque<Timestamp>,
}

impl Window {
    /// Counts against `rate`.
    pub fn new(rate: Rate) -> Self {
        Self { rate, events: VecDeque::new() }
    }

    /// Counts what it has counted against another rate.
    pub fn set_rate(&mut self, rate: Rate) {
        self.rate = rate;
    }

    /// The clock was set back by so much: what happened is as long ago as before.
    pub fn turn_back(&mut self, by: Duration) {
        self.events.iter_mut().for_each(|at| *at = *at - by);
    }

    /// One more event.
    pub fn add(&mut self, now: Timestamp) {
        self.events.push_back(now);
        while self.events.len() > self.rate.count() as usize + 1 {
            self.events.pop_front();
        }
    }

    /// Whether more events than the rate allows lie in the window before `now`.
    pub fn exceeded(&self, now: Timestamp) -> bool {
        let recent = self.events.iter().filter(|at| **at + self.rate.per() > now).count();
        recent > self.rate.count() as usize
    }

    /// Whether nothing in the window counts any more.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        self.events.iter().all(|at| *at + self.rate.per() <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, episode};
    use super::*;

    fn reason(result: Result<(), Held>) -> Option<Reason> {
        result.err().map(|held| held.reason)
    }

    #[test]
    fn each_guard_stops_alone_and_lets_pass_alone() {
        let rate: Rate = "2/10m".parse().unwrap();
        let young = episode(&[("a", "b")], 0);
        let minute = Duration::from_secs(60);
        for (result, expected, sentence) in [
            (paused(true), Some(Reason::Paused), "the switch is set"),
            (paused(false), None, "the switch is not set"),
            (shutting_down(true), Some(Reason::ShuttingDown), "stopping"),
            (shutting_down(false), None, "running"),
            (startup_grace(at(0), minute, at(59)), Some(Reason::Starting), "within the grace"),
            (startup_grace(at(0), minute, at(60)), None, "after the grace"),
            (
                startup_grace(at(0), minute, at(-500)),
                Some(Reason::Starting),
                "a clock that went back frees nothing",
            ),
            (storm(true), Some(Reason::Storm), "a storm"),
            (storm(false), None, "no storm"),
            (min_firing(&young, minute, at(30)), Some(Reason::TooYoung), "firing for half the time"),
            (min_firing(&young, minute, at(60)), None, "firing for long enough"),
            (already_run(true), Some(Reason::AlreadyRun), "it has run"),
            (already_run(false), None, "it has not"),
            (cooldown(&[at(0)], rate, at(1)), None, "one of two"),
            (cooldown(&[at(0), at(1)], rate, at(2)), Some(Reason::Cooldown), "two of two"),
            (cooldown(&[at(0), at(1)], rate, at(600)), None, "the first has left the window"),
            (
                cooldown(&[at(900), at(901)], rate, at(2)),
                Some(Reason::Cooldown),
                "attempts in the future count",
            ),
            (target_busy(true), Some(Reason::TargetBusy), "busy"),
            (target_busy(false), None, "free"),
            (in_flight(4, 4), Some(Reason::TooManyInFlight), "full"),
            (in_flight(3, 4), None, "room for one"),
        ] {
            assert_eq!(reason(result), expected, "{sentence}");
        }
    }

    #[test]
    fn a_cooldown_says_when_it_ends() {
        let held = cooldown(&[at(0), at(100), at(200)], "2/10m".parse().unwrap(), at(300)).unwrap_err();
        assert_eq!(held.until, Some(at(700)));
    }

    #[test]
    fn a_window_is_exceeded_by_one_more_than_its_rate_and_calms_down() {
        let mut window = Window::new("2/1m".parse().unwrap());
        for second in [0, 1, 2] {
            assert!(!window.exceeded(at(second)));
            window.add(at(second));
        }
        assert!(window.exceeded(at(2)) && window.exceeded(at(59)));
        assert!(!window.exceeded(at(61)) && !window.is_idle(at(61)) && window.is_idle(at(62)));
    }
}
