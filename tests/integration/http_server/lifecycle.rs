//! How the server ends.

use std::time::{Duration, Instant};

use smartcloudops::http::Config;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::{DEADLINE, connect, exchange, head, read_one, read_to_close};
use super::daemon::{Daemon, config, refusal, start};
use crate::support::wait_until;

async fn slow_request(daemon: &Daemon) -> tokio::task::JoinHandle<std::io::Result<super::client::Answer>> {
    let stream = connect(daemon.address).await;
    let request = tokio::spawn(async move { exchange(stream, head("GET", "/slow", &[]).as_bytes()).await });
    let entered = tokio::time::timeout(DEADLINE, daemon.slow_entered.acquire()).await;
    entered.expect("the request reaches its handler").unwrap().forget();
    request
}

#[tokio::test]
async fn a_request_in_hand_is_finished_and_nothing_new_is_taken() {
    let daemon = start(&config());
    let slow = slow_request(&daemon).await;
    let mut idle = connect(daemon.address).await;
    idle.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    read_one(&mut idle).await;
    let mut fresh = connect(daemon.address).await;
    daemon.until_metric("smartcloudops_http_connections", 3.0).await;

    daemon.stop.cancel();
    assert!(read_to_close(&mut idle).await.is_empty(), "an idle connection is closed");
    assert!(read_to_close(&mut fresh).await.is_empty(), "so is one without a request");
    let refused = || async { TcpStream::connect(daemon.address).await.is_err() };
    wait_until(DEADLINE, "new connections to be refused", refused).await;
    assert!(!slow.is_finished());

    daemon.slow_release.notify_waiters();
    let answer = slow.await.unwrap().unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "slow but sure"));
    assert_eq!(daemon.stopped().await.cut, 0);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cut_off() {
    let daemon = start(&Config { drain_timeout: Duration::from_millis(300), ..config() });
    let slow = slow_request(&daemon).await;
    let begun = Instant::now();
    assert_eq!(daemon.stopped().await.cut, 1);
    assert!(begun.elapsed() >= Duration::from_millis(300) && begun.elapsed() < Duration::from_secs(5));
    assert!(slow.await.unwrap().is_err(), "its client sees the connection end");
}

#[tokio::test]
async fn a_server_without_connections_stops_at_once() {
    let begun = Instant::now();
    assert_eq!(start(&config()).stopped().await.cut, 0);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_address_that_cannot_be_had_is_named() {
    let daemon = start(&config());
    let taken = Config { listen_address: daemon.address.to_string(), ..config() };
    assert!(refusal(&taken).starts_with(&format!("cannot listen on {}: ", daemon.address)));
    let nonsense = Config { listen_address: "nonsense".to_owned(), ..config() };
    let sentence = refusal(&nonsense);
    assert!(sentence.starts_with("http.listen_address: 'nonsense' is not an address"), "{sentence}");
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let daemon = start(&config());
    let mut stream = connect(daemon.address).await;
    for _ in 0..50 {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert_eq!(read_one(&mut stream).await.text(), "up 1\n");
    }
    let series = r#"smartcloudops_http_requests_total{route="/metrics",method="GET",code="200"}"#;
    assert_eq!(daemon.metric(series), 50.0);
    assert_eq!(daemon.metric("smartcloudops_http_connections"), 1.0);
}
