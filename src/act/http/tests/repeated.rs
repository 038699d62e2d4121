//! Requests that may be sent again, and those that may not.

use super::*;

/// A server that does one thing after the other, a connection each: its address, and the requests it will have
/// read. Nobody is let in after the last.
async fn servers(then: Vec<Then>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        for then in then {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests.push(read_request(&mut stream).await);
            then.to(&mut stream).await;
        }
        requests
    });
    (address, served)
}

fn status(head: &str) -> Then {
    answer(&format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n"))
}

fn repeatable(url: &str) -> HttpAction {
    HttpAction { retries: 2, ..post(url) }
}

fn line<'a>(request: &'a str, name: &str) -> &'a str {
    request.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name}: {request}"))
}

#[tokio::test]
async fn what_may_be_repeated_is_until_it_is_accepted_and_has_one_key() {
    for (claim, trouble) in [
        ("busy", status("503 Busy")),
        ("too many", status("429 Slow Down")),
        ("a gateway", status("502 Bad Gateway")),
        ("lost", Then::Reset("")),
        ("broken off", answer("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf")),
    ] {
        let (url, served) = servers(vec![trouble, status("200 OK")]).await;
        let result = send_it(&repeatable(&url)).await;
        assert_eq!(result, Ok(report("HTTP 200 at attempt 2", "")), "{claim}");
        let requests = served.await.unwrap();
        let keys: Vec<_> = requests.iter().map(|request| line(request, "idempotency-key: ")).collect();
        assert_eq!(keys, ["17-2-ff", "17-2-ff"], "{claim}");
    }
}

#[tokio::test]
async fn what_a_second_attempt_cannot_better_is_not_repeated() {
    for head in ["400 Bad", "401 Who", "404 Not Found", "409 Conflict", "500 Oops", "307 Elsewhere"] {
        let (url, served) = servers(vec![status(head)]).await;
        let result = send_it(&repeatable(&url)).await;
        assert_eq!(result, Err(ActError::Failed { report: report(&format!("HTTP {}", &head[..3]), "") }));
        assert_eq!(served.await.unwrap().len(), 1, "{head}");
    }
}

#[tokio::test]
async fn what_must_not_be_repeated_is_sent_once_whatever_becomes_of_it() {
    for (claim, trouble) in
        [("busy", status("503 Busy")), ("a gateway", status("502 Bad Gateway")), ("lost", Then::Reset(""))]
    {
        let (url, served) = servers(vec![trouble, status("200 OK")]).await;
        assert!(send_it(&post(&url)).await.is_err(), "{claim}");
        assert!(!served.is_finished(), "{claim}: it came twice");
        served.abort();
    }
}

#[tokio::test]
async fn attempts_end_at_their_number() {
    let (url, served) = servers((0..3).map(|_| status("503 Busy")).collect()).await;
    let result = send_it(&repeatable(&url)).await;
    assert_eq!(result, Err(ActError::Failed { report: report("HTTP 503 at attempt 3", "") }));
    assert_eq!(served.await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_an_earlier_attempt_may_have_done_stays_unknown() {
    // After the lost connection nobody listens any more.
    let (url, served) = servers(vec![Then::Reset("")]).await;
    let said = reason(send_it(&repeatable(&url)).await, "unknown");
    assert!(
        said.contains("refused") && said.contains("at attempt 3, and an earlier one: no answer"),
        "{said}"
    );
    served.await.unwrap();
}

#[tokio::test]
async fn retry_after_is_kept_and_one_beyond_the_time_ends_it() {
    let busy =
        |wait: u64| answer(&format!("HTTP/1.1 503 Busy\r\nretry-after: {wait}\r\ncontent-length: 0\r\n\r\n"));
    let (url, served) = servers(vec![busy(1), status("204 No Content")]).await;
    let begun = Instant::now();
    assert_eq!(send_it(&repeatable(&url)).await, Ok(report("HTTP 204 at attempt 2", "")));
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(served.await.unwrap().len(), 2);

    let (url, served) = servers(vec![busy(3600)]).await;
    let begun = Instant::now();
    let result = send_it(&repeatable(&url)).await;
    assert_eq!(result, Err(ActError::Failed { report: report("HTTP 503", "") }));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(served.await.unwrap().len(), 1);
}

#[tokio::test]
async fn all_attempts_together_keep_within_the_time() {
    let (url, served) = servers(vec![status("503 Busy"), Then::Hang]).await;
    let action = HttpAction { timeout: Duration::from_millis(1500), ..repeatable(&url) };
    let begun = Instant::now();
    let said = reason(send_it(&action).await, "unknown");
    assert!(said.contains("timed out"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    served.await.unwrap();
}
