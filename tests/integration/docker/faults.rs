//! Engines that misbehave: nothing is ever said to have failed that may have been done.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use smartcloudops::model::DockerOperation;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::{action, carry_out, named, told};
use crate::support::PATIENCE;

const ID: &str = "93a99d66d9e118cf0fe7e36dcdec80da0b8da6f7da8bf4ba7a3afcbdd84643cb";
/// Enough for a local socket, and short where a test waits for the end of it.
const SHORT: Duration = Duration::from_secs(3);

/// What an engine does when it is to restart a container.
#[derive(Clone, Copy)]
enum Restart {
    /// Answers with this status, and has done it or not.
    Answers(&'static str, bool),
    /// Closes the connection, and has done it or not.
    HangsUp(bool),
    /// Says nothing, and has done it or not.
    Hangs(bool),
    /// Has done it, and answers nothing from then on.
    GoesBlind,
}

/// An engine with one container: its socket's path.
fn engine(folder: &TempDir, restart: Restart) -> (PathBuf, tokio::task::JoinHandle<()>) {
    let path = folder.path().join("engine");
    let listener = UnixListener::bind(&path).expect("a socket in a folder of its own");
    let (done, blind) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let served = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, restart, done.clone(), blind.clone()));
        }
    });
    (path, served)
}

async fn serve(mut stream: UnixStream, restart: Restart, done: Arc<AtomicBool>, blind: Arc<AtomicBool>) {
    let mut buffer = [0; 4096];
    let length = stream.read(&mut buffer).await.unwrap_or_default();
    let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    if blind.load(Ordering::SeqCst) {
        return hang(stream).await;
    }
    let (status, body) = if path.ends_with("/version") {
        ("200 OK", r#"{"ApiVersion":"1.44"}"#.to_owned())
    } else if path.contains("/containers/json") {
        ("200 OK", format!(r#"[{{"Id":"{ID}","Names":["/app"]}}]"#))
    } else if path.contains("/restart") {
        let (status, happens) = match restart {
            Restart::Answers(status, happens) => (Some(status), happens),
            Restart::HangsUp(happens) | Restart::Hangs(happens) => (None, happens),
            Restart::GoesBlind => (None, true),
        };
        done.store(happens, Ordering::SeqCst);
        match (status, restart) {
            (Some(status), _) => (status, r#"{"message":"no"}"#.to_owned()),
            (None, Restart::HangsUp(_)) => return,
            (None, _) => {
                blind.store(matches!(restart, Restart::GoesBlind), Ordering::SeqCst);
                return hang(stream).await;
            }
        }
    } else {
        let started = if done.load(Ordering::SeqCst) { "2" } else { "1" };
        let state = format!(r#"{{"Status":"running","Running":true,"StartedAt":"{started}"}}"#);
        ("200 OK", format!(r#"{{"Id":"{ID}","Name":"/app","State":{state}}}"#))
    };
    // Engines answer 204 without a body.
    let body = if status.starts_with("204") { String::new() } else { body };
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n");
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    // Who goes away early is not the point.
    let _ = stream.write_all(format!("{head}{length}\r\n{body}").as_bytes()).await;
}

/// Until the other side goes.
async fn hang(mut stream: UnixStream) {
    while stream.read(&mut [0; 64]).await.is_ok_and(|length| length > 0) {}
}

async fn restart(socket: &Path, timeout: Duration) -> (&'static str, String) {
    let action =
        smartcloudops::model::DockerAction { timeout, ..action(DockerOperation::Restart, named("app")) };
    told(&carry_out(socket, &action).await)
}

#[tokio::test]
async fn what_the_state_shows_counts_and_what_it_does_not_show_is_unknown() {
    for (claim, does, timeout, expected, sentence) in [
        ("done and said", Restart::Answers("204 No Content", true), PATIENCE, "accepted", "it is running"),
        ("said and not done", Restart::Answers("204 No Content", false), PATIENCE, "failed", "it is running"),
        (
            "refused",
            Restart::Answers("409 Conflict", false),
            PATIENCE,
            "failed",
            "did not restart app: HTTP 409: no",
        ),
        ("an error", Restart::Answers("500 Oops", false), PATIENCE, "failed", "HTTP 500: no"),
        ("lost and done", Restart::HangsUp(true), PATIENCE, "accepted", "though there was no answer"),
        ("lost and not seen", Restart::HangsUp(false), PATIENCE, "unknown", "and it is running"),
        ("silent and done", Restart::Hangs(true), SHORT, "accepted", "though there was no answer"),
        ("silent and not seen", Restart::Hangs(false), SHORT, "unknown", "and it is running"),
        ("silent for good", Restart::GoesBlind, SHORT, "unknown", "no answer"),
    ] {
        let folder = TempDir::new().expect("a temporary folder");
        let (socket, served) = engine(&folder, does);
        let begun = Instant::now();
        let (outcome, text) = restart(&socket, timeout).await;
        assert!(outcome == expected && text.contains(sentence), "{claim}: {outcome}, {text}");
        assert!(begun.elapsed() < PATIENCE / 2, "{claim}: {:?}", begun.elapsed());
        served.abort();
    }
}

#[tokio::test]
async fn an_engine_that_is_none_starts_nothing() {
    let folder = TempDir::new().expect("a temporary folder");
    let place = |name: &str| folder.path().join(name);
    let says = |name: &str, text: &'static str| {
        let listener = UnixListener::bind(place(name)).expect("a socket in a folder of its own");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // Who goes away early is not the point.
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(text.as_bytes()).await;
                if text.is_empty() {
                    tokio::spawn(hang(stream));
                }
            }
        })
    };
    let servers = [
        says("silent", ""),
        says("garbage", "SSH-2.0-OpenSSH_9.2\r\n"),
        says("page", "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<ht>"),
        says("forbidden", "HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n"),
    ];
    std::fs::write(place("file"), "").expect("the folder can be written");
    for (name, timeout, sentence) in [
        ("none", PATIENCE, "cannot reach"),
        ("file", PATIENCE, "cannot reach"),
        ("silent", SHORT, "no answer of the engine within 1s500ms"),
        ("garbage", PATIENCE, "cannot reach"),
        ("page", PATIENCE, "cannot reach"),
        ("forbidden", PATIENCE, "HTTP 403"),
    ] {
        let begun = Instant::now();
        let (outcome, text) = restart(&place(name), timeout).await;
        assert!(outcome == "not started" && text.contains(sentence), "{name}: {outcome}, {text}");
        assert!(begun.elapsed() < PATIENCE / 2, "{name}: {:?}", begun.elapsed());
    }
    servers.iter().for_each(|server| server.abort());
}
