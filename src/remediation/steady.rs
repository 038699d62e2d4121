//! Whether the wall clock was set: it is compared with one that nobody sets.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::Timestamp;

/// What the two may differ by without anybody having set one.
const TOLERANCE: Duration = Duration::from_secs(30);

/// Both clocks as they were last read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    wall: Timestamp,
    steady: Instant,
}

impl Clocks {
    /// As they are read now.
    pub(super) fn new(wall: Timestamp, steady: Instant) -> Self {
        Self { wall, steady }
    }

    /// By how much the wall clock was set forward since the last look. A machine that slept looks the same: what it
    /// was asleep for has not been watched.
    pub(super) fn set_forward(&mut self, wall: Timestamp, steady: Instant) -> Option<Duration> {
        let before = std::mem::replace(self, Self { wall, steady });
        let ahead = wall.since(before.wall).saturating_sub(steady.saturating_duration_since(before.steady));
        (ahead > TOLERANCE).then_some(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_runs_ahead_of_the_other_was_set_forward() {
        let (wall, steady) = (Timestamp::from_millis(1_000_000_000), Instant::now());
        let seconds = Duration::from_secs;
        for (later, passed, expected, sentence) in [
            (60, 60, None, "both run alike"),
            (90, 60, None, "a little ahead"),
            (91, 60, Some(seconds(31)), "set forward"),
            (86_460, 60, Some(seconds(86_400)), "set forward by a day"),
            (0, 60, None, "set back"),
        ] {
            let mut clocks = Clocks::new(wall, steady);
            let told = clocks.set_forward(wall + seconds(later), steady + seconds(passed));
            assert_eq!(told, expected, "{sentence}");
            let again = clocks.set_forward(wall + seconds(later + 1), steady + seconds(passed + 1));
            assert_eq!(again, None, "it is told once");
        }
    }
}
