//! Receivers that answer too much, too slowly, elsewhere, or not by HTTP.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::*;

async fn telling(url: &str) -> (FaultServer, Daemon) {
    let prometheus = prometheus().await;
    let settings =
        format!("url: '{url}', on: [firing, resolved], group_wait: 0s, timeout: 5s, give_up_after: 3s");
    let daemon = Daemon::start(&config(&prometheus, &settings)).await;
    fire(&daemon, "Slow", "web:80", "firing").await;
    (prometheus, daemon)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_answer_without_end_little_is_read_and_its_status_counts() {
    let page = vec![b' '; 1 << 20];
    for (answer, sentence) in [
        (Answer::new(200, page.clone()).times(1024), "a gigabyte"),
        (Answer::new(200, " ").times(100_000).every(Duration::from_millis(100)), "a byte now and then"),
    ] {
        let receiver = FaultServer::start([answer]).await;
        let (_prometheus, daemon) = telling(&receiver.url("/hook")).await;
        until_counted(&daemon, "delivered", 1.0).await;
        assert_eq!(receiver.seen().len(), 1, "{sentence}: it is taken, whatever follows");
        fire(&daemon, "Slow", "web:80", "resolved").await;
        until_counted(&daemon, "delivered", 2.0).await;
        assert!(receiver.bytes_sent() < 64 << 20, "{sentence}: {} bytes", receiver.bytes_sent());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed_and_what_is_wrong_is_said() {
    let other = FaultServer::start([Answer::new(200, "")]).await;
    for (answer, said) in [
        (Answer::new(302, "").header("location", other.url("/stolen")), "HTTP 302; it redirects elsewhere"),
        (Answer::new(307, "").header("location", other.url("/stolen")), "HTTP 307; it redirects elsewhere"),
        (Answer::new(400, "invalid_payload"), "HTTP 400 (invalid_payload)"),
        (Answer::html(404), "HTTP 404"),
    ] {
        let receiver = FaultServer::start([answer]).await;
        let (_prometheus, daemon) = telling(&receiver.url("/hook")).await;
        until_counted(&daemon, "refused", 1.0).await;
        wait_until(PATIENCE, said, || async { daemon.log().contains(said) }).await;
        assert_eq!(receiver.seen().len(), 1, "{said}: it is not tried again");
    }
    assert!(other.seen().is_empty(), "what is told goes to the receiver alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_tried_again_and_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("it listens"));
    let garbage = Arc::new(vec![b'?'; 4096]);
    let answering = tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.expect("a connection");
            let garbage = garbage.clone();
            // The client may have closed it already.
            tokio::spawn(async move { socket.write_all(&garbage).await });
        }
    });
    let (_prometheus, daemon) = telling(&url).await;
    until_counted(&daemon, "given_up", 1.0).await;
    assert!(count(&daemon, "retried").await >= 1.0);
    assert!(daemon.log().contains("a message is not taken, trying again"), "{}", daemon.log());
    answering.abort();
}
