//! A client that writes raw bytes, so that it can do what well-behaved clients do not.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// No test waits longer for anything.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A response as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// Asserts the JSON error form and this status and type, and returns the sentence.
    pub fn error(&self, status: u16, error_type: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        let json: serde_json::Value = serde_json::from_slice(&self.body).expect("errors are JSON");
        assert_eq!(json["status"], "error", "{json}");
        assert_eq!(json["errorType"], error_type, "{json}");
        json["error"].as_str().expect("errors have a sentence").to_owned()
    }
}

/// A request's head with `Host`, `Connection: close` and the given lines.
pub fn head(method: &str, path: &str, lines: &[&str]) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !lines.iter().any(|line| line.to_ascii_lowercase().starts_with("host:")) {
        head.push_str("Host: localhost\r\n");
    }
    for line in lines {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head + "\r\n"
}

/// A request with a body.
pub fn with_body(method: &str, path: &str, lines: &[&str], body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    let lines: Vec<_> = lines.iter().copied().chain([length.as_str()]).collect();
    [head(method, path, &lines).as_bytes(), body].concat()
}

/// Connects.
pub async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("the server listens")
}

/// Sends bytes and reads one response to the end of the connection. Writing may fail: the answer counts.
pub async fn exchange(stream: impl AsyncRead + AsyncWrite, request: &[u8]) -> io::Result<Answer> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let write = async {
        let _ = writer.write_all(request).await;
        let _ = writer.flush().await;
    };
    let mut bytes = Vec::new();
    let read = reader.read_to_end(&mut bytes);
    let both = async { tokio::join!(write, read) };
    let (_, read) = tokio::time::timeout(DEADLINE, both).await.expect("an answer within the deadline");
    read?;
    parse(&bytes).ok_or_else(|| io::Error::other(format!("no response in {} bytes", bytes.len())))
}

/// One request on a connection of its own.
pub async fn ask(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    exchange(connect(address).await, request.as_ref()).await.expect("an answer")
}

/// Reads one response with a `Content-Length` and leaves the connection open.
pub async fn read_one(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let read = async {
        loop {
            stream.read_buf(&mut bytes).await.expect("the connection is open");
            let Some(answer) = parse(&bytes) else { continue };
            let length: usize = answer.header("content-length").map_or(0, |value| value.parse().unwrap());
            if answer.body.len() >= length {
                return answer;
            }
        }
    };
    tokio::time::timeout(DEADLINE, read).await.expect("an answer within the deadline")
}

/// Waits until the peer closes, and returns what came before.
pub async fn read_to_close(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut bytes));
    // A reset is a close too.
    let _ = read.await.expect("closed within the deadline");
    bytes
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body: bytes[end + 4..].to_vec() })
}
