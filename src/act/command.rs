//! Runs a program: an argument array and no shell, nothing inherited but a fixed `PATH` and `LANG`.
//!
//! The program leads a process group of its own. When its time is up the whole group gets TERM and later
//! KILL, and KILL at once when the future is dropped. A program that ends by itself may leave others
//! behind, as one that starts a service without a supervisor does: they live on, unread. A process that
//! leaves the group is out of reach.

use std::convert::Infallible;
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::io::FdFlags;
use rustix::process::{Pid, Signal};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::model::{ActError, ActReport, CommandAction, format_duration};

use super::Limits;
use super::output::Capture;
use super::process_group::ProcessGroup;

/// The whole environment of a program.
const ENVIRONMENT: [(&str, &str); 2] =
    [("LANG", "C.UTF-8"), ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")];

/// How long output is still read once the program has ended: what it wrote is in the pipe by then, and
/// only processes that it left behind can keep the pipe open.
const LINGER: Duration = Duration::from_millis(250);

/// How long a killed program may take to vanish; one stuck in the kernel is left to be collected later.
const VANISH: Duration = Duration::from_secs(1);

/// Runs the program once. Exit status 0 is accepted; any other end of its own is a failure; the end of its
/// time is unknown, however it takes the signal.
pub async fn run(action: &CommandAction, limits: &Limits) -> Result<ActReport, ActError> {
    let mut running = Running::start(action, limits).map_err(|reason| ActError::NotStarted { reason })?;
    match timeout(action.timeout, running.ended()).await {
        Ok(Ok(status)) => {
            let _ = timeout(LINGER, running.output.drain()).await;
            judge(status, running.output.capture.text())
        }
        Ok(Err(error)) => Err(running.unknown(format!("cannot wait for the program: {error}"))),
        Err(_) => {
            let end = running.stop(limits.kill_after).await;
            Err(running.unknown(format!("no end within {}: {end}", format_duration(action.timeout))))
        }
    }
}

/// What an end of the program's own means.
fn judge(status: ExitStatus, output: String) -> Result<ActReport, ActError> {
    let summary = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "no exit status".to_owned(),
    };
    let report = ActReport { summary, output };
    if status.success() { Ok(report) } else { Err(ActError::Failed { report }) }
}

/// A program under way. The group comes first: it is signalled before the child is let go.
struct Running {
    group: ProcessGroup,
    child: Child,
    output: Output,
}

impl Running {
    /// Starts the program, or says in a sentence why it cannot be started.
    fn start(action: &CommandAction, limits: &Limits) -> Result<Self, String> {
        let program = action.argv.first().ok_or("the command is empty")?;
        if !program.starts_with('/') {
            return Err(format!("the program {program:?} is not an absolute path"));
        }
        let start = || -> io::Result<Self> {
            let (reader, writer) = io::pipe()?;
            let pipe = pipe::Receiver::from_owned_fd(reader.into())?;
            close_on_exec()?;
            let child = command(&action.argv, writer)?.spawn()?;
            let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
            let leader = leader.expect("a child that was not waited for has a process number");
            let output = Output { pipe, capture: Capture::new(limits.command_output) };
            Ok(Self { group: ProcessGroup::led_by(leader), child, output })
        };
        start().map_err(|error| format!("cannot run {program:?}: {error}"))
    }

    /// Reads the output until the program has ended, not until its pipe is closed.
    async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = tokio::select! {
            status = self.child.wait() => status,
            never = self.output.drain_for_ever() => match never {},
        };
        self.group.release();
        status
    }

    /// TERM, time to obey, KILL. Says which of them ended it.
    async fn stop(&mut self, kill_after: Duration) -> &'static str {
        self.group.signal(Signal::TERM);
        let obeyed = async { tokio::join!(self.group.leader_ended(), self.output.drain()) };
        let obeyed = timeout(kill_after, obeyed).await.is_ok();
        self.group.signal(Signal::KILL);
        if timeout(VANISH, self.child.wait()).await.is_ok() {
            self.group.release();
        }
        if obeyed { "it ended on TERM" } else { "it was killed" }
    }

    fn unknown(&self, reason: String) -> ActError {
        let report = ActReport { summary: reason.clone(), output: self.output.capture.text() };
        ActError::Unknown { reason, report }
    }
}

/// The program with nothing of ours but the pipe for both its outputs.
fn command(argv: &[String], writer: io::PipeWriter) -> io::Result<Command> {
    let mut command = Command::new(&argv[0]);
    command
        .args(&argv[1..])
        .env_clear()
        .envs(ENVIRONMENT)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0);
    Ok(command)
}

/// Sees to it that no file, socket or pipe of this process is open in a program it starts. Everything that
/// is opened here closes on exec as it is; what was open when the daemon was started may not.
fn close_on_exec() -> io::Result<()> {
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if number > 2 {
            // SAFETY: the number is passed to one system call and nothing is read, written or closed
            // through it. If another thread closes it meanwhile the call fails; if the number is used
            // again by then, what it marks is to be marked anyway.
            let open = unsafe { BorrowedFd::borrow_raw(number) };
            let _ = rustix::io::fcntl_setfd(open, FdFlags::CLOEXEC);
        }
    }
    Ok(())
}

/// Both outputs of a program, in the order written.
struct Output {
    pipe: pipe::Receiver,
    capture: Capture,
}

impl Output {
    /// Reads until nobody holds the other end any more. May be dropped and called again.
    async fn drain(&mut self) {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = self.pipe.read(&mut buffer).await {
            self.capture.push(&buffer[..length]);
        }
    }

    async fn drain_for_ever(&mut self) -> Infallible {
        self.drain().await;
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests;
