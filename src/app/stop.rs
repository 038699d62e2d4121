//! The order in which the daemon stops.

use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::Slack;
use crate::scoring::Scoring;

/// How long actions under way may take to end once the daemon is told to stop.
pub(super) const ACTION_GRACE: Duration = Duration::from_secs(20);
/// How long buttons that were pressed in Slack may take from then on: an answer waits for those actions.
const SLACK_GRACE: Duration = Duration::from_secs(25);
/// How long they may take at least once their turn has come, however long requests took before: Slack is told in that
/// time what became of a button. The units and manifests of `deploy` give the whole 30 s.
const SLACK_TURN: Duration = Duration::from_secs(5);

/// The order of stopping: no new actions, then no new requests, then no new scores; actions under way may
/// end meanwhile, and deliveries are still written down, as are answers of people until all of them were heard.
#[derive(Default)]
pub(super) struct Stop {
    /// No new requests.
    pub(super) server: CancellationToken,
    /// No new actions.
    pub(super) remediation: CancellationToken,
    /// No answers of people any more.
    pub(super) answers: CancellationToken,
}

impl Stop {
    /// Stops everything, one after the other; returns once all of it has ended.
    pub(super) async fn in_order<T, U>(
        self,
        serving: JoinHandle<T>,
        slack: &Slack,
        scoring: Scoring,
        acting: JoinHandle<U>,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        self.remediation.cancel();
        self.server.cancel();
        let served = serving.await;
        slack.finish(slack_deadline(begun, Instant::now())).await;
        self.answers.cancel();
        scoring.stop().await;
        let acted = acting.await;
        served.context("the server ended early")?;
        acted.context("the remediation loop ended early")?;
        Ok(())
    }
}

/// Until when Slack's work may take, in a stop that has begun then and in which its turn comes now.
fn slack_deadline(begun: Instant, now: Instant) -> Instant {
    (begun + SLACK_GRACE).max(now + SLACK_TURN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slack_has_time_however_long_requests_took_before() {
        let begun = Instant::now();
        for (drained, expected, sentence) in [
            (0, 25, "no request was under way: actions may end"),
            (10, 25, "requests took as long as they may by default"),
            (24, 29, "requests took nearly as long as Slack may"),
            (60, 65, "requests may take for longer than Slack"),
        ] {
            let deadline = slack_deadline(begun, begun + Duration::from_secs(drained));
            assert_eq!((deadline - begun).as_secs(), expected, "{sentence}");
        }
    }
}
