//! A command's process group: everything it started and did not detach.

use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// How often it is looked whether a leader that was told to end has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A group that gets KILL when this is dropped, unless it was released.
///
/// A number stays the group's own as long as its leader has not been waited for. So the leader is waited
/// for after the last signal, and the group is released the moment it was.
#[derive(Debug)]
pub(super) struct ProcessGroup {
    leader: Pid,
    released: bool,
}

impl ProcessGroup {
    /// The group that `leader` leads.
    pub(super) fn led_by(leader: Pid) -> Self {
        Self { leader, released: false }
    }

    /// Sends a signal to every process of the group; one that has ended does not mind.
    pub(super) fn signal(&self, signal: Signal) {
        if let Err(error) = kill_process_group(self.leader, signal) {
            tracing::debug!(error = %error, leader = %self.leader, "no process to signal");
        }
    }

    /// The leader has been waited for: the number may soon be another's.
    pub(super) fn release(&mut self) {
        self.released = true;
    }

    /// Ends when the leader has ended, without waiting for it in the sense of the operating system.
    pub(super) async fn leader_ended(&self) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        while let Ok(None) = waitid(WaitId::Pid(self.leader), options) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if !self.released {
            self.signal(Signal::KILL);
        }
    }
}
