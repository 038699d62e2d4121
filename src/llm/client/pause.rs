//! How long the server wants to be left alone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::LlmError;

/// Without `Retry-After`.
const USUAL: Duration = Duration::from_secs(10);
/// However long the server asks for, somebody looks again after this.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Until when nothing is sent, and what the server said.
#[derive(Default)]
pub(super) struct Pause(Mutex<Option<(Instant, String)>>);

impl Pause {
    /// An error while the server wants to be left alone.
    pub fn check(&self) -> Result<(), LlmError> {
        let now = Instant::now();
        match &*self.lock() {
            Some((until, said)) if *until > now => {
                Err(LlmError::RateLimited { retry_after: Some(*until - now), said: said.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Remembers what an error asks for.
    pub fn note(&self, error: &LlmError) {
        if let LlmError::RateLimited { retry_after, said } = error {
            let wait = retry_after.unwrap_or(USUAL).min(LONGEST);
            tracing::warn!(seconds = wait.as_secs(), said, "the language model wants to be left alone");
            *self.lock() = Some((Instant::now() + wait, said.clone()));
        }
    }

    /// Forgets it: another server may be asked now.
    pub fn end(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Instant, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(seconds: Option<u64>) -> LlmError {
        LlmError::RateLimited { retry_after: seconds.map(Duration::from_secs), said: "slow down".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_for_as_long_as_the_server_asks_within_bounds() {
        for (asked, lasts) in [(Some(7), 7), (Some(0), 0), (None, 10), (Some(99_999), 3_600)] {
            let pause = Pause::default();
            pause.note(&limited(asked));
            if lasts > 0 {
                tokio::time::advance(Duration::from_secs(lasts - 1)).await;
                assert_eq!(pause.check(), Err(limited(Some(1))), "{asked:?}");
                tokio::time::advance(Duration::from_secs(1)).await;
            }
            assert_eq!(pause.check(), Ok(()), "{asked:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_server_that_asks_for_it_is_left_alone() {
        let pause = Pause::default();
        pause.note(&LlmError::NotConfigured);
        assert_eq!(pause.check(), Ok(()));
        pause.note(&limited(Some(60)));
        pause.end();
        assert_eq!(pause.check(), Ok(()));
    }
}
