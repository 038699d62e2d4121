//! Buses that misbehave: nothing is ever said to have failed that may have been done.

use std::path::Path;
use std::time::{Duration, Instant};

use smartcloudops::model::SystemdOperation;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use super::{carry_out, told};
use crate::support::PATIENCE;

/// Accepts everybody, says this to each, and then nothing.
fn bus_that_says(path: &Path, text: &'static str) -> tokio::task::JoinHandle<()> {
    let listener = UnixListener::bind(path).expect("a socket in a folder of its own");
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            // Who goes away early is not the point.
            let _ = stream.read(&mut [0; 64]).await;
            let _ = stream.write_all(text.as_bytes()).await;
            kept.push(stream);
        }
    })
}

#[tokio::test]
async fn a_bus_that_is_none_starts_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    let (silent, garbage) = (folder.path().join("silent"), folder.path().join("garbage"));
    let servers = [bus_that_says(&silent, ""), bus_that_says(&garbage, "HTTP/1.1 400 Bad Request\r\n\r\n")];
    for (name, timeout, sentence, claim) in [
        ("none", PATIENCE, "cannot reach D-Bus", "nobody listens"),
        ("garbage", PATIENCE, "cannot reach D-Bus", "another protocol"),
        ("silent", Duration::from_secs(2), "no answer from D-Bus within 1s", "no answer"),
    ] {
        let bus = format!("unix:path={}", folder.path().join(name).display());
        let begun = Instant::now();
        let (outcome, text) = told(&carry_out(&bus, SystemdOperation::Restart, "app.service", timeout).await);
        assert!(outcome == "not started" && text.contains(sentence), "{claim}: {outcome}, {text}");
        assert!(begun.elapsed() < PATIENCE / 2, "{claim}: {:?}", begun.elapsed());
    }
    servers.iter().for_each(|server| server.abort());
}
