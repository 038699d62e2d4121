//! Real sockets: a server that does exactly what a test tells it.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::model::{RunId, SecretSource};

mod repeated;
mod secrets;
mod signed;

/// What a server does once it has read a request.
enum Then {
    /// Writes this and closes the connection.
    Answer(Vec<u8>),
    /// Writes this and resets the connection.
    Reset(&'static str),
    /// Says nothing until the client goes.
    Hang,
}

impl Then {
    async fn to(self, stream: &mut TcpStream) {
        match self {
            Self::Answer(bytes) => drop(stream.write_all(&bytes).await),
            Self::Reset(text) => {
                stream.write_all(text.as_bytes()).await.unwrap();
                stream.set_zero_linger().unwrap();
            }
            Self::Hang => drop(stream.read(&mut [0]).await),
        }
    }
}

fn answer(text: &str) -> Then {
    Then::Answer(text.as_bytes().to_vec())
}

/// A server for one connection: its address, and the request it will have read.
async fn server(then: Then) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        then.to(&mut stream).await;
        request
    });
    (address, served)
}

/// The head, and as much body as its `content-length` announces.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    loop {
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer).await.unwrap();
        request.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= announced.map_or(0, |length| length.parse().unwrap()) {
                return request;
            }
        }
        assert!(length > 0, "the request broke off: {request}");
    }
}

fn post(url: &str) -> HttpAction {
    HttpAction {
        method: "POST".to_owned(),
        url: url.to_owned(),
        bearer: None,
        signing_key: None,
        headers: vec![("X-Reason".to_owned(), "disk full".to_owned())],
        secret_headers: Vec::new(),
        body: r#"{"target":"a"}"#.to_owned(),
        timeout: Duration::from_secs(20),
        retries: 0,
    }
}

async fn send_it(action: &HttpAction) -> Result<ActReport, ActError> {
    let occasion = Occasion { run: RunId(17), step: 2, since: Timestamp::from_millis(255) };
    send(action, &occasion, &Limits::default()).await
}

/// The outcome and the request of a POST to a server that does `then`.
async fn exchange(then: Then) -> (Result<ActReport, ActError>, String) {
    let (url, served) = server(then).await;
    let result = send_it(&post(&url)).await;
    (result, served.await.unwrap())
}

fn report(summary: &str, output: &str) -> ActReport {
    ActReport { summary: summary.to_owned(), output: output.to_owned() }
}

fn reason(result: Result<ActReport, ActError>, kind: &str) -> String {
    match (result, kind) {
        (Err(ActError::NotStarted { reason }), "not started") => reason,
        (Err(ActError::Unknown { reason, .. }), "unknown") => reason,
        (other, _) => panic!("should be {kind}: {other:?}"),
    }
}

/// A token in a file that lives as long as the test.
fn token(text: &str) -> (tempfile::NamedTempFile, Option<SecretSource>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let source = SecretSource::File(file.path().to_owned());
    (file, Some(source))
}

#[tokio::test]
async fn a_status_of_2xx_is_accepted() {
    let (result, _) = exchange(answer("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\ndone\n")).await;
    assert_eq!(result, Ok(report("HTTP 200", "done\n")));
    let (result, _) = exchange(answer("HTTP/1.1 204 No Content\r\n\r\n")).await;
    assert_eq!(result, Ok(report("HTTP 204", "")));
}

#[tokio::test]
async fn another_status_is_a_failure_with_its_body() {
    for status in ["404 Not Found", "409 Conflict", "429 Too Many Requests", "500 Oops", "503 Busy"] {
        let (result, _) =
            exchange(answer(&format!("HTTP/1.1 {status}\r\ncontent-length: 3\r\n\r\nwhy"))).await;
        let report = report(&format!("HTTP {}", &status[..3]), "why");
        assert_eq!(result, Err(ActError::Failed { report }), "{status}");
    }
}

#[tokio::test]
async fn a_gateway_without_an_answer_does_not_know() {
    for status in ["502 Bad Gateway", "504 Gateway Timeout"] {
        let (result, _) = exchange(answer(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))).await;
        assert!(reason(result, "unknown").contains("a gateway got no answer"), "{status}");
    }
}

#[tokio::test]
async fn the_request_carries_what_it_should() {
    let (_, request) = exchange(answer("HTTP/1.1 204 No Content\r\n\r\n")).await;
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook HTTP/1.1\r\n"), "{head}");
    let agent = concat!("user-agent: smartcloudops/", env!("CARGO_PKG_VERSION"));
    for line in [agent, "idempotency-key: 17-2-ff", "content-type: application/json", "x-reason: disk full"] {
        assert!(head.lines().any(|sent| sent == line), "{line} is missing: {head}");
    }
    assert!(!head.contains("authorization") && !head.contains("accept-encoding"), "{head}");
    assert_eq!(body, r#"{"target":"a"}"#);
}

#[tokio::test]
async fn what_cannot_be_sent_was_not_started() {
    let (_file, broken) = token("two\nlines");
    let (_file, empty) = token("");
    let missing = Some(SecretSource::File("/nonexistent/token".into()));
    let fine = || post("http://127.0.0.1:1/");
    let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    for (claim, action, expected) in [
        (
            "a missing secret",
            HttpAction { bearer: missing, ..fine() },
            "cannot read the secret file /nonexistent/token",
        ),
        ("an empty secret", HttpAction { bearer: empty, ..fine() }, "is empty"),
        (
            "a secret of two lines",
            HttpAction { bearer: broken, ..fine() },
            "the secret for the header authorization cannot be sent",
        ),
        (
            "another method",
            HttpAction { method: "DELETE".to_owned(), ..fine() },
            "the method \"DELETE\" is not",
        ),
        ("no URL", HttpAction { url: "hook".to_owned(), ..fine() }, "the address is not a URL"),
        ("another scheme", HttpAction { url: "ftp://a/".to_owned(), ..fine() }, "URL scheme is not allowed"),
        (
            "a header's name",
            HttpAction { headers: header("a b", "c"), ..fine() },
            "the header \"a b\" cannot be sent",
        ),
        (
            "a header's value",
            HttpAction { headers: header("a", "b\nc"), ..fine() },
            "the header \"a\" cannot be sent",
        ),
        ("a name that does not resolve", post("http://nonexistent.invalid/"), "error sending request"),
    ] {
        let said = reason(send_it(&action).await, "not started");
        assert!(said.contains(expected), "{claim}: {said}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_not_started_and_the_address_is_not_repeated() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = reason(send_it(&post(&format!("http://{free}/hook?key=hidden"))).await, "not started");
    assert!(said.contains("Connection refused") && !said.contains("hidden"), "{said}");
}

#[tokio::test]
async fn a_failed_handshake_is_not_started() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        drop(stream.read(&mut [0; 1024]).await);
    });
    assert!(!reason(send_it(&post(&url)).await, "not started").is_empty());
    served.await.unwrap();
}

#[tokio::test]
async fn a_connection_that_takes_more_than_half_the_time_is_not_started() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let action = HttpAction { timeout: Duration::from_secs(2), ..post(&url) };
    let said = reason(send_it(&action).await, "not started");
    assert!(said.contains("timed out"), "{said}");
}

#[tokio::test]
async fn no_answer_in_time_is_unknown() {
    let (url, served) = server(Then::Hang).await;
    let begun = Instant::now();
    let action = HttpAction { timeout: Duration::from_millis(500), ..post(&url) };
    assert!(reason(send_it(&action).await, "unknown").contains("timed out"));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    served.await.unwrap();
}

#[tokio::test]
async fn a_lost_connection_is_unknown_and_the_request_is_not_repeated() {
    let complete = "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf";
    for (claim, then) in [
        ("before the answer", Then::Reset("")),
        ("closed before the answer", answer("")),
        ("within the head", Then::Reset("HTTP/1.1 200 OK\r\n")),
        ("after the head", Then::Reset("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n")),
        ("within the body", answer(complete)),
        ("not HTTP", answer("SSH-2.0-OpenSSH_9.2\r\n")),
    ] {
        // The server takes one connection: a second try would end as refused, which is not unknown.
        let (result, _) = exchange(then).await;
        let said = reason(result, "unknown");
        assert!(!said.contains("refused"), "{claim}: {said}");
    }
}

#[tokio::test]
async fn a_failure_whose_body_breaks_off_is_still_a_failure() {
    let (result, _) = exchange(answer("HTTP/1.1 500 Oops\r\ncontent-length: 50\r\n\r\nhalf")).await;
    assert_eq!(result, Err(ActError::Failed { report: report("HTTP 500", "half") }));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, reached) = server(answer("HTTP/1.1 200 OK\r\n\r\n")).await;
    let head = format!("HTTP/1.1 307 Elsewhere\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
    let (result, _) = exchange(answer(&head)).await;
    assert_eq!(result, Err(ActError::Failed { report: report("HTTP 307", "") }));
    assert!(!reached.is_finished());
    reached.abort();
}

#[tokio::test]
async fn a_huge_answer_is_cut() {
    let mut bytes = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    bytes.resize(20 << 20, b'x');
    let (result, _) = exchange(Then::Answer(bytes)).await;
    assert_eq!(result.unwrap().output.len(), 16 << 10);
}
