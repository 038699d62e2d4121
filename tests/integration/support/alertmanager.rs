//! A real Alertmanager, alone: no cluster.

use tempfile::TempDir;

use super::process::{Process, Program};

/// A running Alertmanager with its data in a temporary folder.
pub struct Alertmanager {
    /// The server.
    pub process: Process,
    _folder: TempDir,
}

impl Alertmanager {
    /// Starts with a configuration.
    pub async fn start(config_yaml: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("alertmanager.yml"), config_yaml)
            .expect("the folder can be written");
        let path = folder.path().display().to_string();
        let arguments = move |port| {
            vec![
                format!("--config.file={path}/alertmanager.yml"),
                format!("--storage.path={path}/data"),
                format!("--web.listen-address=127.0.0.1:{port}"),
                "--cluster.listen-address=".to_owned(),
            ]
        };
        let program = Program {
            name: "prometheus-alertmanager",
            package: "prometheus-alertmanager",
            ready_path: "/-/ready",
            arguments: Box::new(arguments),
            log: folder.path().join("log"),
        };
        Self { process: Process::start(program).await, _folder: folder }
    }

    /// Posts JSON to a path of its API v2 and gives back the answer's text; panics if it is refused.
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> String {
        let url = self.process.url(&format!("/api/v2/{path}"));
        let answer = super::http().post(url).json(body).send().await.expect("Alertmanager answers");
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        assert!(status.is_success(), "{path}: {status} {text}");
        text
    }
}
