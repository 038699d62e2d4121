//! A real node exporter, of this machine.

use tempfile::TempDir;

use super::process::{Process, Program};

/// A running node exporter.
pub struct NodeExporter {
    /// The server; its metrics are at `/metrics`.
    pub process: Process,
    _folder: TempDir,
}

impl NodeExporter {
    /// Starts with the default collectors.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let program = Program {
            name: "prometheus-node-exporter",
            package: "prometheus-node-exporter",
            ready_path: "/",
            arguments: Box::new(|port| vec![format!("--web.listen-address=127.0.0.1:{port}")]),
            log: folder.path().join("log"),
        };
        Self { process: Process::start(program).await, _folder: folder }
    }
}
