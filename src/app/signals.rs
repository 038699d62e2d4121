//! SIGTERM and SIGINT stop the daemon, SIGHUP reads its configuration again, SIGUSR1 sets the stop switch of
//! remediation.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Read the configuration again.
    Reload,
    /// Set the stop switch of remediation.
    Pause,
    /// Stop in order.
    Stop,
}

/// The signals the daemon listens to.
pub struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
    user: Signal,
}

impl Signals {
    /// Takes the signals over from their defaults.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user: signal(SignalKind::user_defined1())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.hangup.recv() => Wish::Reload,
            _ = self.interrupt.recv() => Wish::Stop,
            _ = self.terminate.recv() => Wish::Stop,
            _ = self.user.recv() => Wish::Pause,
        }
    }
}
