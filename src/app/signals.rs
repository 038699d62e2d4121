//! SIGTERM and SIGINT stop the daemon, SIGHUP reads its configuration again, SIGUSR1 sets the stop switch of
//! remediation.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::remediation;

/// What signals ask for that others deal with.
pub struct Heard {
    /// Cancelled once the daemon shall stop.
    pub stopping: CancellationToken,
    /// A message for each time the configuration shall be read again; those that come while one waits are one.
    pub reloads: mpsc::Receiver<()>,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
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

    /// Hears them from now on, whatever else is under way: the stop switch waits for no reload.
    pub fn hear(mut self, remediation: remediation::Handle) -> Heard {
        let (sender, reloads) = mpsc::channel(1);
        let stopping = CancellationToken::new();
        let stop = stopping.clone();
        tokio::spawn(async move {
            loop {
                match self.next().await {
                    Wish::Stop => stop.cancel(),
                    Wish::Pause => drop(tokio::spawn(pause(remediation.clone()))),
                    // One that waits already is the same.
                    Wish::Reload => drop(sender.try_send(())),
                }
            }
        });
        Heard { stopping, reloads }
    }

    async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.hangup.recv() => Wish::Reload,
            _ = self.interrupt.recv() => Wish::Stop,
            _ = self.terminate.recv() => Wish::Stop,
            _ = self.user.recv() => Wish::Pause,
        }
    }
}

async fn pause(remediation: remediation::Handle) {
    if let Err(error) = remediation.set_paused(true, "SIGUSR1").await {
        tracing::error!(%error, "stop switch");
    }
}
