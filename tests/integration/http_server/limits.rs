//! What is too much, too slow or no HTTP at all.

use std::time::{Duration, Instant};

use smartcloudops::http::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::alone::runs_alone;
use super::client::{Answer, ask, connect, exchange, head, read_one, read_to_close, with_body};
use super::daemon::{Daemon, config, start};
use crate::support::{every, wait_until};

async fn is_alive(daemon: &Daemon) {
    assert_eq!(ask(daemon.address, head("GET", "/metrics", &[])).await.status, 200, "the server lives on");
}

#[tokio::test]
async fn a_body_above_the_limit_is_413_whether_declared_or_not() {
    let daemon = start(&config());
    let body = vec![b'x'; 17 << 20];
    let declared = with_body("POST", "/webhook", &[], &body);
    let mut chunked = head("POST", "/webhook", &["Transfer-Encoding: chunked"]).into_bytes();
    for piece in body.chunks(1 << 20) {
        chunked.extend(format!("{:x}\r\n", piece.len()).as_bytes());
        chunked.extend(piece);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    for request in [declared, chunked] {
        let sentence = ask(daemon.address, request).await.error(413, "too_large");
        assert_eq!(sentence, "the body is larger than the limit of 16777216 bytes (http.max_body_bytes)");
    }
    let largest = with_body("POST", "/webhook", &[], &body[..16 << 20]);
    assert_eq!(ask(daemon.address, largest).await.text(), r#"{"status":"success","data":16777216}"#);
    let series = r#"smartcloudops_http_requests_total{route="/webhook",method="POST",code="413"}"#;
    assert_eq!(daemon.metric(series), 2.0);
}

#[tokio::test]
async fn a_large_body_that_nobody_reads_still_gets_its_answer() {
    let daemon = start(&config());
    let body = vec![b'x'; 17 << 20];
    ask(daemon.address, with_body("POST", "/no/such/path", &[], &body)).await.error(404, "not_found");
    let foreign = ["Origin: https://evil.example"];
    ask(daemon.address, with_body("POST", "/webhook", &foreign, &body)).await.error(403, "forbidden");
}

#[tokio::test]
async fn a_slow_body_is_408_in_time_and_nobody_else_waits() {
    let limit = Duration::from_secs(2);
    let daemon = start(&Config { body_timeout: limit, ..config() });
    let (address, begun) = (daemon.address, Instant::now());
    let slow = tokio::spawn(async move {
        let stream = connect(address).await;
        let (mut reader, mut writer) = stream.into_split();
        let drip = tokio::spawn(async move {
            let head = head("POST", "/webhook", &["Content-Length: 1000"]);
            writer.write_all(head.as_bytes()).await.unwrap();
            let mut drops = every(Duration::from_millis(20));
            while writer.write_all(b"x").await.is_ok() {
                drops.tick().await;
            }
        });
        let mut bytes = Vec::new();
        // The server closes over bytes still on their way: a reset after the answer is as good as an end.
        let _ = reader.read_to_end(&mut bytes).await;
        drip.abort();
        (String::from_utf8(bytes).unwrap(), begun.elapsed())
    });
    for _ in 0..20 {
        is_alive(&daemon).await;
    }
    assert!(!slow.is_finished(), "twenty others were served meanwhile");
    let (answer, took) = tokio::time::timeout(super::client::DEADLINE, slow).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains(r#""errorType":"timeout""#), "{answer}");
    assert!(took >= limit && took < limit * 4, "{took:?}");
}

#[tokio::test]
async fn headers_that_never_end_close_the_connection_in_time() {
    let daemon = start(&Config { header_timeout: Duration::from_millis(300), ..config() });
    for half in ["", "GET /metrics HTTP/1.1\r\nHost: loc"] {
        let begun = Instant::now();
        let mut stream = connect(daemon.address).await;
        stream.write_all(half.as_bytes()).await.unwrap();
        read_to_close(&mut stream).await;
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(250) && took < Duration::from_secs(5), "{half:?}: {took:?}");
    }
    daemon.until_metric(r#"smartcloudops_http_connection_errors_total{kind="header_timeout"}"#, 2.0).await;
    is_alive(&daemon).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let daemon = start(&Config { body_timeout: Duration::from_millis(300), ..config() });
    let mut stream = connect(daemon.address).await;
    let request = "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(20_000);
    let _ = tokio::time::timeout(Duration::from_secs(15), stream.write_all(request.as_bytes())).await;
    daemon.until_metric(r#"smartcloudops_http_connection_errors_total{kind="io"}"#, 1.0).await;
    daemon.until_metric("smartcloudops_http_connections", 0.0).await;
}

#[tokio::test]
async fn garbage_is_answered_or_closed_and_harms_nobody() {
    let daemon = start(&config());
    let endless = format!("GET /metrics HTTP/1.1\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000));
    let many = format!("GET /metrics HTTP/1.1\r\n{}\r\n", "X-Many: x\r\n".repeat(200));
    let garbage: [&[u8]; 7] = [
        b"\x00\xff\xfe garbage \r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: minus\r\n\r\n",
        endless.as_bytes(),
        many.as_bytes(),
    ];
    for bytes in garbage {
        let mut stream = connect(daemon.address).await;
        let _ = stream.write_all(bytes).await;
        let answer = String::from_utf8_lossy(&read_to_close(&mut stream).await).into_owned();
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
        assert!(refused, "{:?}: {answer}", String::from_utf8_lossy(&bytes[..bytes.len().min(40)]));
        is_alive(&daemon).await;
    }
    daemon.until_metric("smartcloudops_http_connections", 0.0).await;
    assert!(daemon.metric(r#"smartcloudops_http_connection_errors_total{kind="protocol"}"#) >= 5.0);
}

#[tokio::test]
async fn connections_above_the_cap_wait_for_their_turn() {
    let daemon = start(&Config { max_connections: 2, ..config() });
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = connect(daemon.address).await;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert_eq!(read_one(&mut stream).await.status, 200);
        open.push(stream);
    }
    let third = connect(daemon.address).await;
    let third = tokio::spawn(async move { exchange(third, head("GET", "/metrics", &[]).as_bytes()).await });
    // The open ones still work while the third waits.
    for stream in &mut open {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert_eq!(read_one(stream).await.status, 200);
    }
    assert!(!third.is_finished());
    assert_eq!(daemon.metric("smartcloudops_http_connections"), 2.0);
    open.pop();
    let answer: Answer = third.await.unwrap().unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_panicking_handler_is_a_500_and_the_server_lives_on() {
    let daemon = start(&config());
    for _ in 0..3 {
        let sentence = ask(daemon.address, head("GET", "/panic", &[])).await.error(500, "internal");
        assert!(!sentence.contains("purpose"), "the panic's text is private: {sentence}");
    }
    assert_eq!(daemon.metric("smartcloudops_http_panics_total"), 3.0);
    is_alive(&daemon).await;
}

#[tokio::test]
async fn errors_of_extractors_and_handlers_are_json_and_private_causes_stay_private() {
    let daemon = start(&config());
    let sentence = ask(daemon.address, head("GET", "/things/1?depth=x", &[])).await.error(400, "bad_data");
    assert!(sentence.contains("depth"), "{sentence}");
    let gzip = head("GET", "/things/1?depth=x", &["Accept-Encoding: gzip"]);
    let answer = ask(daemon.address, gzip).await;
    assert_eq!((answer.status, answer.header("content-encoding")), (400, Some("gzip")));
    ask(daemon.address, head("GET", "/things/1?depth=99", &[])).await.error(400, "bad_data");
    let sentence = ask(daemon.address, head("GET", "/things/1?depth=0", &[])).await.error(500, "internal");
    assert!(!sentence.contains("private cause"), "{sentence}");
    let sentence = ask(daemon.address, head("GET", "/impatient", &[])).await.error(503, "timeout");
    assert_eq!(sentence, "no answer within 50ms");
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let daemon = start(&config());
    let plain = ask(daemon.address, head("GET", "/long", &[])).await;
    let packed = ask(daemon.address, head("GET", "/long", &["Accept-Encoding: gzip"])).await;
    assert_eq!((plain.header("content-encoding"), plain.body.len()), (None, 10_000));
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < 1000, "{}", packed.body.len());
}

#[tokio::test]
async fn running_out_of_file_descriptors_is_survived() {
    let test = "http_server::limits::running_out_of_file_descriptors_is_survived";
    if runs_alone(test, &["prlimit", "--nofile=48"]) {
        exhaust_file_descriptors().await;
    }
}

async fn exhaust_file_descriptors() {
    let daemon = start(&config());
    let mut open = Vec::new();
    while let Ok(stream) = tokio::net::TcpStream::connect(daemon.address).await {
        open.push(stream);
        assert!(open.len() < 48, "the limit does not hold");
    }
    let refused = r#"smartcloudops_http_connection_errors_total{kind="accept"}"#;
    wait_until(super::client::DEADLINE, "the server to notice and to try again", || async {
        daemon.metric(refused) >= 2.0
    })
    .await;
    drop(open);
    is_alive(&daemon).await;
}
