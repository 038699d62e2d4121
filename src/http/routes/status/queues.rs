//! What waits, and for how long. Pure.

use serde::Serialize;

use super::recorded::Recorded;
use crate::journal::JournalStatus;
use crate::model::Timestamp;

/// One queue.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Queue {
    pub(super) name: &'static str,
    /// What waits; `None`: the journal cannot be read.
    pub(super) length: Option<usize>,
    /// Since when the oldest of it has waited; `None`: nothing waits, or nobody knows.
    pub(super) oldest: Option<Timestamp>,
    /// For how long, in seconds.
    pub(super) age_seconds: Option<u64>,
}

/// Every queue, in the order of the page.
pub(super) fn list(
    journal: &JournalStatus,
    recorded: Option<&Recorded>,
    questions: usize,
    now: Timestamp,
) -> Vec<Queue> {
    let times = |times: fn(&Recorded) -> &Vec<Timestamp>| {
        let times = recorded.map(times);
        (times.map(Vec::len), times.and_then(|times| times.iter().min().copied()))
    };
    let deliveries = usize::try_from(journal.deliveries_unapplied).ok();
    [
        ("webhook_deliveries", (deliveries, journal.oldest_unapplied)),
        ("journal_writes", (Some(journal.queue_length), None)),
        ("remediation_runs", times(|recorded| &recorded.runs)),
        ("approvals", times(|recorded| &recorded.approvals)),
        ("questions", (Some(questions), None)),
    ]
    .map(|(name, (length, oldest))| {
        let age_seconds = oldest.map(|oldest: Timestamp| now.since(oldest).as_secs());
        Queue { name, length, oldest, age_seconds }
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    #[test]
    fn a_queue_has_a_length_and_the_age_of_its_oldest() {
        let journal = JournalStatus {
            place: "journal.db".to_owned(),
            leads: true,
            size_bytes: 0,
            queue_length: 3,
            deliveries_unapplied: 2,
            oldest_unapplied: Some(at(90)),
            schema_version: 1,
            trouble: None,
        };
        let recorded =
            Recorded { paused: None, episodes_firing: 1, runs: vec![at(50), at(40)], approvals: Vec::new() };
        let told = |recorded| {
            let queues = list(&journal, recorded, 1, at(100)).into_iter();
            queues.map(|queue| (queue.name, queue.length, queue.age_seconds)).collect::<Vec<_>>()
        };
        let expected = [
            ("webhook_deliveries", Some(2), Some(10)),
            ("journal_writes", Some(3), None),
            ("remediation_runs", Some(2), Some(60)),
            ("approvals", Some(0), None),
            ("questions", Some(1), None),
        ];
        assert_eq!(told(Some(&recorded)), expected);
        let unreadable = told(None);
        assert_eq!(
            (unreadable[2], unreadable[3]),
            (("remediation_runs", None, None), ("approvals", None, None))
        );
    }
}
