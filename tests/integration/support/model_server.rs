//! A real server that speaks OpenAI's API, written by others: it answers as its fixtures say, knows its keys,
//! and remembers every request.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http;
use super::process::{Process, Program};

/// A running model server.
pub struct ModelServer {
    process: Process,
    folder: TempDir,
}

impl ModelServer {
    /// The only key it takes.
    pub const KEY: &str = "sk-test-d41d8cd98f00b204e9800998ecf8427e";

    /// Starts with answers: each `{"match": {"userMessage": "a part of it"}, "response": {"content": …}}`, or as
    /// its documentation has it. The first that matches answers; what none matches is answered with 503.
    pub async fn start(fixtures: &[Value]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("fixtures.json");
        std::fs::write(&file, json!({"fixtures": fixtures}).to_string()).expect("the folder can be written");
        std::fs::write(folder.path().join("key"), Self::KEY).expect("the folder can be written");
        let (node, server, keys) = (node(), server(), format!("AIMOCK_API_KEYS={}", Self::KEY));
        let arguments = move |port: u16| {
            let paths = [&node, &server, &file].map(|path| path.display().to_string());
            let [node, server, file] = paths.each_ref().map(String::as_str);
            let port = port.to_string();
            let arguments = [&keys, node, server, "--port", &port, "--fixtures", file, "--strict"];
            arguments.map(str::to_owned).to_vec()
        };
        let program = Program {
            name: "env",
            package: "coreutils",
            ready_path: "/ready",
            arguments: Box::new(arguments),
            log: folder.path().join("log"),
        };
        Self { process: Process::start(program).await, folder }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        self.process.url("/v1")
    }

    /// A file with its key.
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    /// The bodies of all questions that it has answered or refused so far, but for those with a wrong key.
    pub async fn requests(&self) -> Vec<Value> {
        let request = http().get(self.process.url("/v1/_requests")).bearer_auth(Self::KEY);
        let answer = request.send().await.expect("the model server answers");
        let text = answer.text().await.expect("the whole answer");
        let entries: Vec<Value> = serde_json::from_str(&text).expect("a list");
        entries.into_iter().map(|mut entry| entry["body"].take()).collect()
    }
}

/// The project's own, or one that is on the path.
fn node() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::iter::once(own).chain(std::env::split_paths(&path));
    let found = places.find_map(|place| Some(place.join("node")).filter(|file| file.is_file()));
    found.expect("node is neither in .venv nor on PATH; install it with: make .venv/bin/.ready")
}

fn server() -> PathBuf {
    let package = "tools/model_server/node_modules/@copilotkit/aimock/dist/cli.js";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(package);
    assert!(file.is_file(), "{} is missing; install it with: make model-server", file.display());
    file
}
