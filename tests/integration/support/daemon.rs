//! The daemon itself, as a process.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::{PATIENCE, free_port, http, wait_until};

/// A running daemon; dropping it kills it.
pub struct Daemon {
    child: Child,
    port: u16,
    folder: TempDir,
    /// All of it; `None`: the test's own.
    environment: Option<Vec<(&'static str, String)>>,
}

impl Daemon {
    /// Starts with a configuration and waits until it is ready.
    pub async fn start(config: &str) -> Self {
        Self::start_on(free_port(), config).await
    }

    /// The same on a port that somebody else already knows.
    pub async fn start_on(port: u16, config: &str) -> Self {
        Self::launch(port, config, None).await
    }

    /// The same with these variables and no others in its environment.
    pub async fn start_in(environment: Vec<(&'static str, String)>, config: &str) -> Self {
        Self::launch(free_port(), config, Some(environment)).await
    }

    async fn launch(port: u16, config: &str, environment: Option<Vec<(&'static str, String)>>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("smartcloudops.yml"), config).expect("the folder can be written");
        let mut daemon =
            Self { child: launch(&folder, port, environment.as_deref()), port, folder, environment };
        daemon.wait_until_ready().await;
        daemon
    }

    /// Replaces the configuration file; nothing is told to the daemon.
    pub fn write_config(&self, config: &str) {
        std::fs::write(self.folder.path().join("smartcloudops.yml"), config)
            .expect("the folder can be written");
    }

    /// The folder of its configuration, its storage (`data`) and its log.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `host:port`.
    pub fn target(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The status and the text of a page.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let answer = http().get(self.url(path)).send().await.expect("the daemon answers");
        (answer.status().as_u16(), answer.text().await.expect("the whole answer"))
    }

    /// The `data` of an API route; panics on an error answer.
    pub async fn data(&self, path: &str) -> Value {
        let (status, text) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {text}");
        let mut json: Value = serde_json::from_str(&text).expect("the API answers JSON");
        json["data"].take()
    }

    /// Posts a body and gives back the status and the text.
    pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
        let answer = http().post(self.url(path)).body(body).send().await.expect("the daemon answers");
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }

    /// The value of a line of `/metrics`, given as `name{labels}`; `None` if there is none.
    pub async fn metric(&self, series: &str) -> Option<f64> {
        let (_, page) = self.get("/metrics").await;
        let value = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        value.parse().ok()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the daemon runs");
    }

    /// Kills it at once, as a crash would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.child.wait().expect("a killed child can be awaited");
    }

    /// Asks it to stop and waits for its end.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        let mut status = None;
        wait_until(PATIENCE, "the daemon's end", || {
            status = self.child.try_wait().expect("a child can be asked");
            let ended = status.is_some();
            async move { ended }
        })
        .await;
        status.expect("the loop ends with a status")
    }

    /// Starts it again on the same port and the same storage.
    pub async fn restart(&mut self) {
        self.child = launch(&self.folder, self.port, self.environment.as_deref());
        self.wait_until_ready().await;
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    async fn wait_until_ready(&mut self) {
        let url = self.url("/-/ready");
        for _ in 0..PATIENCE.as_millis() / 10 {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                panic!("the daemon ended with {status}:\n{}", self.log());
            }
            let answer = http().get(&url).timeout(Duration::from_secs(5)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the daemon is not ready:\n{}", self.log());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(folder: &TempDir, port: u16, environment: Option<&[(&'static str, String)]>) -> Child {
    let path = folder.path();
    let log =
        File::options().create(true).append(true).open(path.join("log")).expect("the log can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartcloudops"));
    if let Some(environment) = environment {
        command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    }
    command
        .arg(format!("--config.file={}", path.join("smartcloudops.yml").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg(format!("--storage.path={}", path.join("data").display()))
        .arg("--log.level=debug")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the daemon starts")
}

/// One alert of a webhook message.
pub fn alert(name: &str, instance: &str, status: &str, starts_at: &str) -> Value {
    let ends_at = if status == "firing" { "0001-01-01T00:00:00Z" } else { "2100-01-01T00:00:00Z" };
    serde_json::json!({
        "status": status,
        "labels": {"alertname": name, "instance": instance},
        "annotations": {"summary": "a test"},
        "startsAt": starts_at,
        "endsAt": ends_at,
        "generatorURL": "http://prometheus.example/graph",
    })
}

/// A webhook message, version 4.
pub fn message(alerts: &[Value]) -> String {
    serde_json::json!({
        "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing", "receiver": "smartcloudops",
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://alertmanager.example",
        "alerts": alerts,
    })
    .to_string()
}
