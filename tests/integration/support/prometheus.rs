//! A real Prometheus.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::process::{Process, Program, install};

const PACKAGE: &str = "prometheus";

/// A running Prometheus with its data in a temporary folder.
pub struct Prometheus {
    /// The server.
    pub process: Process,
    folder: TempDir,
}

impl Prometheus {
    /// Starts with a configuration and rule files, named as `rule_files` in it names them.
    pub async fn start(config_yaml: &str, rules: &[(&str, &str)]) -> Self {
        Self::launch(TempDir::new().expect("a temporary folder"), config_yaml, rules).await
    }

    /// Starts with samples of the past, given as OpenMetrics text that ends with `# EOF`.
    pub async fn start_with_history(config_yaml: &str, rules: &[(&str, &str)], openmetrics: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        backfill(&folder, openmetrics);
        Self::launch(folder, config_yaml, rules).await
    }

    async fn launch(folder: TempDir, config_yaml: &str, rules: &[(&str, &str)]) -> Self {
        let config = ("prometheus.yml", config_yaml);
        for (name, text) in rules.iter().copied().chain([config]) {
            std::fs::write(folder.path().join(name), text).expect("the folder can be written");
        }
        let path = folder.path().display().to_string();
        let arguments = move |port| {
            vec![
                format!("--config.file={path}/prometheus.yml"),
                format!("--storage.tsdb.path={path}/data"),
                "--storage.tsdb.retention.time=100y".to_owned(),
                format!("--web.listen-address=127.0.0.1:{port}"),
                "--web.enable-lifecycle".to_owned(),
            ]
        };
        let program = Program {
            name: "prometheus",
            package: PACKAGE,
            ready_path: "/-/ready",
            arguments: Box::new(arguments),
            log: folder.path().join("log"),
        };
        Self { process: Process::start(program).await, folder }
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Replaces the configuration or a rule file and has it loaded; panics if it is refused.
    pub async fn reload(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("the folder can be written");
        let answer =
            super::http().post(self.process.url("/-/reload")).send().await.expect("Prometheus answers");
        assert!(answer.status().is_success(), "reload refused: {}", answer.text().await.unwrap_or_default());
    }
}

/// Writes blocks of the past into the data folder of a Prometheus that is not yet started.
fn backfill(folder: &TempDir, openmetrics: &str) {
    let source = folder.path().join("history.om");
    std::fs::write(&source, openmetrics).expect("the folder can be written");
    let mut promtool = Command::new("promtool");
    // It reads the whole text once for each block: few large blocks are made in seconds.
    promtool.args(["tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=240h"]);
    let output = promtool.arg(&source).arg(folder.path().join("data")).output();
    let output =
        output.unwrap_or_else(|error| panic!("cannot start promtool: {error}; {}", install(PACKAGE)));
    assert!(output.status.success(), "promtool: {}", String::from_utf8_lossy(&output.stderr));
}
