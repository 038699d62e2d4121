//! A real VictoriaMetrics, the second server that speaks Prometheus's API.

use tempfile::TempDir;

use super::process::{Process, Program};

/// A running VictoriaMetrics with its data in a temporary folder.
pub struct VictoriaMetrics {
    /// The server.
    pub process: Process,
    _folder: TempDir,
}

impl VictoriaMetrics {
    /// Starts with an empty store that takes samples of any age.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().display().to_string();
        let arguments = move |port| {
            vec![
                format!("-storageDataPath={path}/data"),
                format!("-httpListenAddr=127.0.0.1:{port}"),
                "-retentionPeriod=100y".to_owned(),
                // Small caches: several of these run beside each other.
                "-memory.allowedBytes=64MiB".to_owned(),
            ]
        };
        let program = Program {
            name: "victoria-metrics",
            package: "victoria-metrics",
            ready_path: "/health",
            arguments: Box::new(arguments),
            log: folder.path().join("log"),
        };
        Self { process: Process::start(program).await, _folder: folder }
    }

    /// Imports samples in the text format, times in milliseconds, and makes them visible to queries.
    pub async fn import(&self, text: String) {
        let http = super::http();
        let import = http.post(self.process.url("/api/v1/import/prometheus")).body(text).send().await;
        assert!(import.expect("VictoriaMetrics answers").status().is_success(), "import refused");
        let flush = http.get(self.process.url("/internal/force_flush")).send().await;
        assert!(flush.expect("VictoriaMetrics answers").status().is_success(), "flush refused");
    }
}
