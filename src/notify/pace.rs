//! How long to wait before a message is tried again, and for how long at all. Pure but for the jitter.

use std::time::Duration;

/// Before the second attempt.
const FIRST: Duration = Duration::from_secs(1);
/// Longest pause of our own.
const LONGEST: Duration = Duration::from_secs(60);

/// The pause after so many attempts that failed, given what the receiver asks for and how much time is left; `None`: no
/// further attempt fits.
pub(super) fn pause(failed: u32, asked: Option<Duration>, left: Duration) -> Option<Duration> {
    let own = FIRST.saturating_mul(1 << failed.saturating_sub(1).min(16)).min(LONGEST);
    // Between half of it and all: receivers that failed together are not tried together.
    let own = own.mul_f64(0.5 + fastrand::f64() / 2.0);
    Some(own.max(asked.unwrap_or_default())).filter(|pause| *pause < left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_within_bounds_and_respect_what_is_asked() {
        let seconds = Duration::from_secs;
        for (failed, asked, left, least, most, sentence) in [
            (1, None, 900, 0.5, 1.0, "the first"),
            (3, None, 900, 2.0, 4.0, "the third"),
            (40, None, 900, 30.0, 60.0, "one of many"),
            (1, Some(seconds(7)), 900, 7.0, 7.0, "as the receiver asks"),
            (9, Some(seconds(1)), 900, 30.0, 60.0, "no sooner than our own"),
        ] {
            let pause = pause(failed, asked, seconds(left)).unwrap().as_secs_f64();
            assert!((least..=most).contains(&pause), "{sentence}: {pause}");
        }
        assert_eq!(pause(1, Some(seconds(901)), seconds(900)), None, "more than there is");
        assert_eq!(pause(1, None, Duration::ZERO), None, "the time is over");
    }
}
