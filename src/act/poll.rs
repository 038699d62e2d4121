//! Asks again and again until something is so, with pauses that grow, up to a deadline.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

/// Before the second look.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Servers throttle those who look all the time.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The end that a look found, or in a sentence what was seen last before the time was up. A look that fails
/// is one that saw its failure.
pub(super) async fn until<T, F>(deadline: Instant, mut look: impl FnMut() -> F) -> Result<T, String>
where
    F: Future<Output = Result<ControlFlow<T, String>, String>>,
{
    let mut pause = FIRST_PAUSE;
    let mut seen = "nothing was seen of it".to_owned();
    loop {
        match timeout_at(deadline, look()).await {
            Ok(Ok(ControlFlow::Break(end))) => return Ok(end),
            Ok(Ok(ControlFlow::Continue(state)) | Err(state)) => seen = state,
            Err(_) => return Err(seen),
        }
        let next = Instant::now() + pause;
        if next >= deadline {
            return Err(seen);
        }
        sleep_until(next).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_looks_less_and_less_often_and_no_longer_than_it_may() {
        let begun = Instant::now();
        let mut looks = 0;
        let end: Result<(), String> = until(begun + Duration::from_secs(60), || {
            looks += 1;
            std::future::ready(match looks {
                1 => Err("trouble".to_owned()),
                _ => Ok(ControlFlow::Continue(format!("look {looks}"))),
            })
        })
        .await;
        assert_eq!((end, looks), (Err("look 12".to_owned()), 12));
        assert!(begun.elapsed() <= Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_hangs_ends_with_the_time_and_one_that_finds_ends_at_once() {
        let begun = Instant::now();
        let deadline = begun + Duration::from_secs(5);
        let hangs: Result<(), String> = until(deadline, std::future::pending).await;
        assert_eq!(hangs, Err("nothing was seen of it".to_owned()));
        assert_eq!(begun.elapsed(), Duration::from_secs(5));
        assert_eq!(until(deadline, || async { Ok(ControlFlow::Break(7)) }).await, Ok(7));
    }
}
