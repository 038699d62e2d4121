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
/// How long buttons that were pressed in Slack may take: an answer waits for those actions.
const SLACK_GRACE: Duration = Duration::from_secs(25);

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
        let deadline = Instant::now() + SLACK_GRACE;
        self.remediation.cancel();
        self.server.cancel();
        let served = serving.await;
        slack.finish(deadline).await;
        self.answers.cancel();
        scoring.stop().await;
        let acted = acting.await;
        served.context("the server ended early")?;
        acted.context("the remediation loop ended early")?;
        Ok(())
    }
}
