//! Time as the core knows it: whatever the clock does, what waits goes on waiting and nothing is freed.

use std::time::Duration;

use crate::model::Timestamp;

use super::Engine;

impl Engine {
    /// The clock was set forward by so much, to `now`. Nothing has become older by that: windows and budgets stay as
    /// full as they are, and whatever waits goes on waiting for as long as it would have.
    pub fn handle_clock_set_forward(&mut self, by: Duration, now: Timestamp) {
        let later = |at: Timestamp| at + by;
        self.move_timers(later);
        self.attempts.move_times(later);
        self.failures.values_mut().flatten().for_each(|at| *at = later(*at));
        self.settling.values_mut().for_each(|settling| settling.until = later(settling.until));
        self.now = later(self.now);
        self.advance(now);
    }

    /// A clock that is set back stops no timer: whatever waits goes on waiting for as long as it would have.
    /// It frees nothing either: attempts keep their times.
    pub(super) fn advance(&mut self, now: Timestamp) {
        let back = self.now.since(now);
        if back > Duration::ZERO {
            self.move_timers(|at| at - back);
        }
        self.now = now;
    }

    fn move_timers(&mut self, moved: impl Fn(Timestamp) -> Timestamp + Copy) {
        self.started = moved(self.started);
        self.open.move_timers(moved);
        self.runs.values_mut().for_each(|run| run.move_timers(moved));
        self.shadowed.values_mut().for_each(|shadowed| shadowed.due = moved(shadowed.due));
        self.silences.values_mut().for_each(|silenced| silenced.ends = moved(silenced.ends));
        self.lasting.values_mut().for_each(|help| help.move_times(moved));
        self.storm_total.move_events(moved);
        self.storm_by_name.values_mut().for_each(|window| window.move_events(moved));
    }
}
