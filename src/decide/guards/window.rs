//! Events in a sliding window; remembers no more than decide the question.

use std::collections::VecDeque;

use crate::model::{Rate, Timestamp};

/// Events counted against a rate.
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

    /// The clock was set: what happened is as long ago as before.
    pub fn move_events(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        self.events.iter_mut().for_each(|at| *at = moved(*at));
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
        let most = self.rate.count() as usize;
        // Asked for every alert: while fewer are remembered there is nothing to count.
        self.events.len() > most
            && self.events.iter().filter(|at| **at + self.rate.per() > now).count() > most
    }

    /// Whether nothing in the window counts any more.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        self.events.iter().all(|at| *at + self.rate.per() <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::at;
    use super::*;

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
