//! A server process in its own process group.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{PATIENCE, free_port, http, wait_until};

/// Ports tried before a server that ends at once is believed to be broken.
const PORTS_TRIED: usize = 3;

/// How a server is started.
pub struct Program {
    /// The executable, looked up in `PATH`.
    pub name: &'static str,
    /// The Debian package that holds it.
    pub package: &'static str,
    /// Answers 200 once the server serves.
    pub ready_path: &'static str,
    /// The arguments for a port.
    pub arguments: Box<dyn Fn(u16) -> Vec<String> + Send + Sync>,
    /// Where its output goes.
    pub log: PathBuf,
}

/// A running server; dropping it kills its whole process group.
pub struct Process {
    program: Program,
    child: Child,
    /// Its number may belong to somebody else once the child was awaited.
    killed: bool,
    /// The port on 127.0.0.1.
    pub port: u16,
}

impl Process {
    /// Starts a server on a free port and waits until it is ready.
    pub async fn start(program: Program) -> Self {
        let port = free_port();
        let mut process = Self { child: spawn(&program, port), killed: false, program, port };
        for _ in 0..PORTS_TRIED {
            if process.wait_until_ready().await.is_ok() {
                return process;
            }
            process.port = free_port();
            process.child = spawn(&process.program, process.port);
        }
        panic!("{} does not start:\n{}", process.program.name, tail(&process.program.log));
    }

    /// The address of a path on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Kills the server at once, as a crash would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.child.wait().expect("a killed child can be awaited");
        self.killed = true;
    }

    /// Starts a killed server again, on the same port and the same data.
    pub async fn restart(&mut self) {
        self.child = spawn(&self.program, self.port);
        self.killed = false;
        if let Err(status) = self.wait_until_ready().await {
            panic!("{} ended with {status}:\n{}", self.program.name, tail(&self.program.log));
        }
    }

    /// Stops the server's time: connections are accepted, nothing is answered. Returns once every thread has
    /// stopped: one that runs at the moment of the signal may still answer.
    pub async fn suspend(&self) {
        self.signal(Signal::STOP);
        let process = procfs::process::Process::new(self.child.id() as i32).expect("the server runs");
        wait_until(PATIENCE, "all threads to stop", || async {
            let mut tasks = process.tasks().expect("its threads can be listed").flatten();
            tasks.all(|task| task.stat().is_ok_and(|stat| stat.state == 'T'))
        })
        .await;
    }

    /// Lets a suspended server run on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        if !self.killed {
            // The group is gone when the server ended by itself.
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }

    async fn wait_until_ready(&mut self) -> Result<(), ExitStatus> {
        let (client, url, begun) = (http(), self.url(self.program.ready_path), Instant::now());
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                return Err(status);
            }
            let answer = client.get(&url).timeout(Duration::from_secs(5)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            let name = self.program.name;
            assert!(begun.elapsed() < PATIENCE, "{name} is not ready:\n{}", tail(&self.program.log));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        // Nothing is left to do when this fails.
        let _ = self.child.wait();
    }
}

fn spawn(program: &Program, port: u16) -> Child {
    let log = File::options().create(true).append(true).open(&program.log).expect("the log can be written");
    let errors = log.try_clone().expect("a file handle can be duplicated");
    let mut command = Command::new(program.name);
    command.args((program.arguments)(port)).stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0);
    command.spawn().unwrap_or_else(|error| {
        panic!("cannot start {}: {error}; {}", program.name, install(program.package))
    })
}

/// What to do about a missing program.
pub fn install(package: &str) -> String {
    format!("install it with: apt-get install {package}")
}

/// The end of a log, for a panic message.
fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
