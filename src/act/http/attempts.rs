//! Whether a request is sent once more, and what its attempts amount to.

use std::time::Duration;

use crate::http_client::backoff;
use crate::model::{ActError, ActReport};

/// Whether the next moment may be better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It will not.
    No,
    /// It may, after a pause.
    Soon,
    /// It may, and not before this has passed.
    After(Duration),
}

impl Again {
    /// The same, with what the server asks for.
    pub fn after(self, wait: Option<Duration>) -> Self {
        match (self, wait) {
            (Self::Soon, Some(wait)) => Self::After(wait),
            _ => self,
        }
    }
}

/// The attempts so far.
#[derive(Debug)]
pub(super) struct Attempts {
    retries: u32,
    done: u32,
    /// Why an earlier attempt may have had its effect.
    doubt: Option<String>,
}

impl Attempts {
    /// At most so many after the first.
    pub fn new(retries: u32) -> Self {
        Self { retries, done: 0, doubt: None }
    }

    /// How long to wait before the next attempt; `None`: there is none, because nothing would be better, or none
    /// is allowed, or the time that is left is over by then.
    pub fn next_delay(
        &mut self,
        outcome: &Result<ActReport, ActError>,
        again: Again,
        left: Duration,
    ) -> Option<Duration> {
        let delay = match again {
            Again::No => return None,
            Again::Soon => backoff(self.done),
            Again::After(wait) => backoff(self.done).max(wait),
        };
        if outcome.is_ok() || self.done >= self.retries || delay >= left {
            return None;
        }
        if let Err(ActError::Unknown { reason, .. }) = outcome {
            self.doubt = Some(reason.clone());
        }
        self.done += 1;
        Some(delay)
    }

    /// The outcome of all, given the last one's: what an earlier attempt left in doubt only a success resolves.
    pub fn conclude(self, last: Result<ActReport, ActError>) -> Result<ActReport, ActError> {
        let attempts = self.done + 1;
        if self.done == 0 {
            return last;
        }
        let told = |report: ActReport| {
            let summary = format!("{} at attempt {attempts}", report.summary);
            ActReport { summary, ..report }
        };
        match (last, self.doubt) {
            (Ok(report), _) => Ok(told(report)),
            (Err(ActError::Unknown { reason, report }), _) => Err(ActError::Unknown {
                reason: format!("{reason} at attempt {attempts}"),
                report: told(report),
            }),
            (Err(error), Some(doubt)) => {
                let reason = format!("{error} at attempt {attempts}, and an earlier one: {doubt}");
                let report = match error {
                    ActError::Failed { report } => told(report),
                    _ => ActReport { summary: reason.clone(), output: String::new() },
                };
                Err(ActError::Unknown { reason, report })
            }
            (Err(ActError::Failed { report }), None) => Err(ActError::Failed { report: told(report) }),
            (Err(ActError::NotStarted { reason }), None) => {
                Err(ActError::NotStarted { reason: format!("{reason} at attempt {attempts}") })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn report(summary: &str) -> ActReport {
        ActReport { summary: summary.to_owned(), output: String::new() }
    }

    fn failed() -> Result<ActReport, ActError> {
        Err(ActError::Failed { report: report("HTTP 503") })
    }

    fn not_started() -> Result<ActReport, ActError> {
        Err(ActError::NotStarted { reason: "refused".to_owned() })
    }

    fn unknown() -> Result<ActReport, ActError> {
        Err(ActError::Unknown { reason: "lost".to_owned(), report: report("lost") })
    }

    #[test]
    fn a_next_attempt_needs_a_reason_leave_and_time() {
        let hour = Again::After(Duration::from_secs(3600));
        for (claim, retries, outcome, again, left, expected) in [
            ("no leave", 0, failed(), Again::Soon, LONG, false),
            ("no reason", 3, failed(), Again::No, LONG, false),
            ("no time", 3, failed(), Again::Soon, Duration::from_millis(50), false),
            ("the server wants more than there is", 3, failed(), hour, LONG, false),
            ("a failure", 3, failed(), Again::Soon, LONG, true),
            ("what is not started", 3, not_started(), Again::Soon, LONG, true),
            ("what is unknown", 3, unknown(), Again::Soon, LONG, true),
            ("what is accepted", 3, Ok(report("HTTP 200")), Again::Soon, LONG, false),
        ] {
            let delay = Attempts::new(retries).next_delay(&outcome, again, left);
            assert_eq!(delay.is_some(), expected, "{claim}");
        }
        let wait = Duration::from_secs(9);
        let delay = Attempts::new(1).next_delay(&failed(), Again::After(wait), LONG);
        assert_eq!(delay, Some(wait), "what the server wants is more than a pause of ours");
    }

    #[test]
    fn attempts_end_at_their_number() {
        let mut attempts = Attempts::new(3);
        let allowed =
            (0..9).take_while(|_| attempts.next_delay(&failed(), Again::Soon, LONG).is_some()).count();
        assert_eq!(allowed, 3);
    }

    #[test]
    fn a_doubt_stays_until_something_is_accepted() {
        for (claim, earlier, last, expected) in [
            ("one attempt", None, failed(), "failed: HTTP 503"),
            ("accepted", Some(unknown()), Ok(report("HTTP 200")), "HTTP 200 at attempt 2"),
            ("failed twice", Some(failed()), failed(), "failed: HTTP 503 at attempt 2"),
            ("never started", Some(not_started()), not_started(), "not started: refused at attempt 2"),
            (
                "in doubt, then a failure",
                Some(unknown()),
                failed(),
                "unknown: failed: HTTP 503 at attempt 2, and an earlier one: lost",
            ),
            (
                "in doubt, then not started",
                Some(unknown()),
                not_started(),
                "unknown: not started: refused at attempt 2, and an earlier one: lost",
            ),
            ("in doubt twice", Some(unknown()), unknown(), "unknown: lost at attempt 2"),
        ] {
            let mut attempts = Attempts::new(1);
            if let Some(earlier) = earlier {
                attempts.next_delay(&earlier, Again::Soon, LONG).unwrap();
            }
            let told = match attempts.conclude(last) {
                Ok(report) => report.summary,
                Err(error) => error.to_string(),
            };
            assert_eq!(told, expected, "{claim}");
        }
    }
}
