//! When a query is evaluated, and which past times are still owed. Pure: `now` is an argument.

use std::time::Duration;

use crate::model::Timestamp;

/// The evaluation times of one query: a fixed grid, shifted by a phase so that the queries are spread
/// over the interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ticks {
    interval_ms: i64,
    phase_ms: i64,
}

/// An inclusive run of ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first tick.
    pub first: Timestamp,
    /// The last tick, not before `first`.
    pub last: Timestamp,
}

impl Ticks {
    /// The grid of query number `index` of `count`. Intervals below 1 ms count as 1 ms.
    pub fn new(interval: Duration, index: usize, count: usize) -> Self {
        let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
        let share = index as f64 / count.max(1) as f64;
        Self { interval_ms, phase_ms: (interval_ms as f64 * share) as i64 }
    }

    /// The time from one tick to the next.
    pub fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms.unsigned_abs())
    }

    /// The latest tick not after `now`.
    pub fn latest(&self, now: Timestamp) -> Timestamp {
        let since = now.as_millis() - self.phase_ms;
        Timestamp::from_millis(since - since.rem_euclid(self.interval_ms) + self.phase_ms)
    }

    /// The tick after `tick`.
    pub fn after(&self, tick: Timestamp) -> Timestamp {
        Timestamp::from_millis(tick.as_millis() + self.interval_ms)
    }

    /// The ticks owed at `now`: those after `done`, or the whole `history` if nothing was done yet; never
    /// more than `history` back. `None` if all is done.
    pub fn owed(&self, done: Option<Timestamp>, history: Duration, now: Timestamp) -> Option<Span> {
        let last = self.latest(now);
        let oldest = self.after(self.latest(now - history));
        let first = done.map_or(oldest, |done| self.after(self.latest(done)).max(oldest));
        (first <= last).then_some(Span { first, last })
    }

    /// The ticks from `start` to `end`, both included; `None` if there is none.
    pub fn within(&self, start: Timestamp, end: Timestamp) -> Option<Span> {
        let first = self.after(self.latest(start - Duration::from_millis(1)));
        let last = self.latest(end);
        (first <= last).then_some(Span { first, last })
    }

    /// The beginning of a span, at most `points` ticks long, and what remains of it. The last tick is never with others.
    pub fn split(&self, span: Span, points: usize) -> (Span, Option<Span>) {
        let before_last = usize::try_from(self.count(span) - 1).unwrap_or(usize::MAX);
        let points = points.min(before_last);
        let length = i64::try_from(points.max(1)).unwrap_or(i64::MAX) - 1;
        let end = span.first.as_millis().saturating_add(length.saturating_mul(self.interval_ms));
        let cut = Timestamp::from_millis(end).min(span.last);
        let rest = self.after(cut);
        let head = Span { first: span.first, last: cut };
        (head, (rest <= span.last).then_some(Span { first: rest, last: span.last }))
    }

    /// How many ticks a span holds.
    pub fn count(&self, span: Span) -> u64 {
        ((span.last.as_millis() - span.first.as_millis()) / self.interval_ms) as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn queries_are_spread_over_the_interval() {
        let phases: Vec<i64> =
            (0..4).map(|index| Ticks::new(MINUTE, index, 4).latest(at(600)).as_millis() % 60_000).collect();
        assert_eq!(phases, [0, 15_000, 30_000, 45_000]);
    }

    #[test]
    fn the_latest_tick_is_never_in_the_future() {
        let ticks = Ticks::new(MINUTE, 1, 2);
        for (now, latest) in [(90, 90), (91, 90), (149, 90), (150, 150), (29, -30)] {
            assert_eq!(ticks.latest(at(now)), at(latest), "{now}");
        }
    }

    #[test]
    fn owed_ticks_are_bounded_by_the_history() {
        let ticks = Ticks::new(MINUTE, 0, 1);
        let history = Duration::from_secs(600);
        for (done, owed, sentence) in [
            (None, Some((60, 600)), "nothing done: the whole history"),
            (Some(600), None, "all done: nothing"),
            (Some(540), Some((600, 600)), "one tick behind: that tick"),
            (Some(360), Some((420, 600)), "four ticks missed: those four"),
            (Some(-9000), Some((60, 600)), "away for longer than the history: no more than that"),
            (Some(700), None, "done in the future, after a clock jump: nothing"),
        ] {
            let owed = owed.map(|(first, last)| Span { first: at(first), last: at(last) });
            assert_eq!(ticks.owed(done.map(at), history, at(615)), owed, "{sentence}");
        }
    }

    #[test]
    fn a_range_holds_the_ticks_from_its_start_to_its_end() {
        let ticks = Ticks::new(MINUTE, 1, 2);
        for (start, end, expected) in [
            (30, 150, Some((30, 150))),
            (31, 149, Some((90, 90))),
            (91, 149, None),
            (150, 30, None),
            (-100, -20, Some((-90, -30))),
        ] {
            let expected = expected.map(|(first, last)| Span { first: at(first), last: at(last) });
            assert_eq!(ticks.within(at(start), at(end)), expected, "{start} {end}");
        }
    }

    #[test]
    fn splitting_loses_and_repeats_nothing() {
        let ticks = Ticks::new(MINUTE, 0, 1);
        let mut rest = Some(Span { first: at(60), last: at(600) });
        let mut seen = 0;
        while let Some(span) = rest {
            let (head, tail) = ticks.split(span, 4);
            seen += ticks.count(head);
            assert!(tail.is_none_or(|tail| tail.first == ticks.after(head.last)));
            rest = tail;
        }
        assert_eq!(seen, 10);
    }

    #[test]
    fn the_last_tick_stands_alone_however_many_fit() {
        let ticks = Ticks::new(MINUTE, 0, 1);
        for (first, points, lengths) in [
            (60, 100, &[9, 1][..]),
            (60, 4, &[4, 4, 1, 1]),
            (60, 3, &[3, 3, 3, 1]),
            (60, 9, &[9, 1]),
            (540, 100, &[1, 1]),
            (600, 100, &[1]),
        ] {
            let mut rest = Some(Span { first: at(first), last: at(600) });
            let mut seen = Vec::new();
            while let Some(span) = rest {
                let (head, tail) = ticks.split(span, points);
                seen.push(ticks.count(head));
                rest = tail;
            }
            assert_eq!(seen, lengths, "from {first}, {points} at once");
        }
    }
}
