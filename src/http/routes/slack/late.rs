//! What goes on after Slack has its answer: tasks that the daemon waits for before it ends, as long as it can.

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks under way. Their number is bounded by the places of the doors.
#[derive(Debug, Default)]
pub(super) struct Late {
    tasks: TaskTracker,
    ending: CancellationToken,
}

impl Late {
    /// Begins a task.
    pub(super) fn begin(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Cancelled once the daemon ends: what can be left is left then.
    pub(super) fn ending(&self) -> CancellationToken {
        self.ending.clone()
    }

    /// Waits for all tasks, or until the deadline.
    pub(super) async fn finish(&self, deadline: Instant) {
        self.ending.cancel();
        self.tasks.close();
        if timeout_at(deadline, self.tasks.wait()).await.is_err() {
            let tasks = self.tasks.len();
            tracing::warn!(tasks, "what is under way for Slack takes too long and is left");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_end_waits_for_what_is_under_way_but_not_for_ever() {
        for (takes, waits, expected, sentence) in [
            (0, 25, 0, "nothing is left to do"),
            (3, 25, 3, "a few seconds of work"),
            (60, 25, 25, "work without an end"),
        ] {
            let (late, begun) = (Late::default(), Instant::now());
            late.begin(tokio::time::sleep(Duration::from_secs(takes)));
            late.finish(begun + Duration::from_secs(waits)).await;
            assert_eq!(begun.elapsed().as_secs(), expected, "{sentence}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_be_left_hears_of_the_end() {
        let (late, begun) = (Late::default(), Instant::now());
        let ending = late.ending();
        late.begin(async move { ending.cancelled().await });
        late.finish(begun + Duration::from_secs(25)).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
