//! A service that dies and is started again, as a policy would restart it.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::free_port;

/// A node exporter that exports nothing but itself, under start-stop-daemon.
pub struct Service {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    folder: TempDir,
}

impl Service {
    /// Starts it on a free port.
    pub fn start() -> Self {
        let service = Self { port: free_port(), folder: TempDir::new().expect("a temporary folder") };
        let output = Command::new("/sbin/start-stop-daemon").args(service.arguments()).output();
        let output = output.expect("start-stop-daemon is part of every Debian: apt-get install dpkg");
        assert!(output.status.success(), "{output:?}");
        service
    }

    /// Those of start-stop-daemon that start it.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> =
            ["--start", "--background", "--make-pidfile", "--pidfile"].map(str::to_owned).into();
        arguments.push(self.pid_file());
        arguments.extend(["--exec", "/usr/bin/prometheus-node-exporter", "--"].map(str::to_owned));
        arguments.push("--collector.disable-defaults".to_owned());
        arguments.push(format!("--web.listen-address=127.0.0.1:{}", self.port));
        arguments
    }

    fn pid_file(&self) -> String {
        self.path("pid").display().to_string()
    }

    /// A file in a folder of its own.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Kills it, if it is not dead already.
    pub fn kill(&self) {
        let pid = std::fs::read_to_string(self.pid_file()).unwrap_or_default();
        if let Ok(pid) = pid.trim().parse() {
            let pid = rustix::process::Pid::from_raw(pid).expect("a process number");
            // It may be dead already.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}
