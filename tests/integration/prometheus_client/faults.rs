//! Against a server that misbehaves: every fault is typed, bounded and counted.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use smartcloudops::prometheus::{Client, Config, QueryError};

use super::{Probe, at, config, outcome, probe};
use crate::support::{Answer, FaultServer, free_port};

const UP: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up"},"value":[1,"1"]}]}}"#;

fn good() -> Answer {
    Answer::new(200, UP)
}

/// The answer to one query, what it was counted as, and how many requests it took.
async fn ask(answers: impl IntoIterator<Item = Answer>) -> (&'static str, usize, String) {
    let server = FaultServer::start(answers).await;
    let probe = probe(&server);
    let result = probe.client.query("up", at(1)).await;
    let outcome = outcome(&result);
    let counted = format!(
        r#"smartcloudops_prometheus_requests_total{{server="prometheus",kind="instant",outcome="{outcome}"}}"#
    );
    assert!(probe.metric(&counted) >= 1.0, "{outcome} is not counted");
    let requests = server.seen().len();
    let retries = probe.metric(r#"smartcloudops_prometheus_retries_total{server="prometheus"}"#);
    assert_eq!(retries, requests.saturating_sub(1) as f64, "{outcome}: each repetition is counted");
    (outcome, requests, result.err().map(|error| error.to_string()).unwrap_or_default())
}

#[tokio::test]
async fn a_fault_is_named_and_repeated_only_where_that_helps() {
    let promql = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
    let slow = || good().after(Duration::from_secs(5));
    for (name, answers, expected, requests, text) in [
        ("a good answer", vec![good()], "success", 1, ""),
        ("500", vec![Answer::new(500, "boom")], "server", 1, "HTTP 500"),
        ("502, then good", vec![Answer::html(502), good()], "success", 2, ""),
        ("503, then good", vec![Answer::new(503, ""), good()], "success", 2, ""),
        ("503 to the end", vec![Answer::new(503, "busy")], "overloaded", 3, "busy"),
        ("429 for a second", vec![Answer::new(429, "").header("retry-after", "1"), good()], "success", 2, ""),
        ("429 for an hour", vec![Answer::new(429, "").header("retry-after", "3600")], "overloaded", 1, ""),
        ("bad PromQL", vec![Answer::new(400, promql)], "rejected", 1, "(bad_data): parse error"),
        ("422", vec![Answer::new(422, promql)], "rejected", 1, "parse error"),
        ("401", vec![Answer::new(401, "")], "unauthorized", 1, "HTTP 401"),
        ("a login page", vec![Answer::html(200)], "malformed", 1, "check the url"),
        ("truncated JSON", vec![Answer::new(200, &UP[..60])], "malformed", 1, "EOF"),
        ("another JSON", vec![Answer::new(200, "[]")], "malformed", 1, ""),
        ("not UTF-8", vec![Answer::new(200, &b"\xff\xfe"[..])], "malformed", 1, "UTF-8"),
        ("a broken connection", vec![Answer::new(200, &UP[..60]).breaking_off(), good()], "success", 2, ""),
        ("too slow, then good", vec![slow(), good()], "success", 2, ""),
        ("too slow", vec![slow()], "timed_out", 2, "0.5 s"),
        (
            "a body that trickles",
            vec![Answer::new(200, " ").times(1000).every(Duration::from_millis(100))],
            "timed_out",
            2,
            "",
        ),
    ] {
        let (outcome, asked, error) = ask(answers).await;
        assert_eq!((outcome, asked), (expected, requests), "{name}: {error}");
        assert!(error.contains(text), "{name}: {error}");
    }
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let probe = Probe::new(&config(&format!("http://127.0.0.1:{}/", free_port()))).unwrap();
    let result = probe.client.query("up", at(1)).await;
    assert!(matches!(&result, Err(QueryError::Unreachable(text)) if text.contains("refused")), "{result:?}");
    assert_eq!(probe.metric(r#"smartcloudops_prometheus_retries_total{server="prometheus"}"#), 2.0);
}

/// A client with room for 4 MiB.
fn small(server: &FaultServer) -> Client {
    let config = Config { max_response_bytes: 4 << 20, ..config(&server.url("/")) };
    Probe::new(&config).unwrap().client
}

const MIB: usize = 1 << 20;

#[tokio::test]
async fn a_huge_answer_is_refused_early() {
    let endless = Answer::new(200, vec![b' '; MIB]).times(200);
    let declared = endless.clone().header("content-length", (200 * MIB).to_string());
    for answer in [endless, declared] {
        let server = FaultServer::start([answer]).await;
        let result = small(&server).query("up", at(1)).await;
        assert!(matches!(result, Err(QueryError::TooLarge { limit }) if limit == 4 * MIB), "{result:?}");
        let sent = server.bytes_sent() / MIB as u64;
        assert!(sent < 40, "{sent} of 200 MiB were sent before the client hung up");
        assert_eq!(server.seen().len(), 1, "what is too large is not asked for again");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_compressed_answer_is_read() {
    let server =
        FaultServer::start([Answer::new(200, gzip(UP.as_bytes())).header("content-encoding", "gzip")]).await;
    let client = probe(&server).client;
    assert_eq!(client.query("up", at(1)).await.unwrap().len(), 1);
    // Even where it was not asked for.
    let second = Duration::from_secs(1);
    assert_eq!(outcome(&client.query_range("up", at(1), at(2), second).await), "malformed");
    let asked = server.seen().into_iter().map(|seen| seen.header(http::header::ACCEPT_ENCODING).to_owned());
    assert_eq!(asked.collect::<Vec<_>>(), ["gzip", "identity"]);
}

#[tokio::test]
async fn a_compressed_bomb_is_refused_within_the_limit() {
    // 8 GiB of spaces in 8 MiB or so; unpacked whole, it would take minutes and the machine's memory.
    let bomb = Answer::new(200, gzip(&vec![b' '; 64 * MIB])).times(128).header("content-encoding", "gzip");
    let server = FaultServer::start([bomb]).await;
    let begun = Instant::now();
    let result = small(&server).query("up", at(1)).await;
    assert_eq!(outcome(&result), "too_large", "{result:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let broken = Answer::new(200, gzip(UP.as_bytes())[..40].to_vec()).header("content-encoding", "gzip");
    assert_eq!(ask([broken]).await.0, "malformed");
}

#[tokio::test]
async fn odd_values_and_duplicates_are_taken_as_they_come() {
    let sample = |name: &str, value: &str| format!(r#"{{"metric":{{"n":"{name}"}},"value":[1,"{value}"]}}"#);
    let samples =
        [sample("a", "NaN"), sample("b", "+Inf"), sample("c", "-Inf"), sample("a", "5"), sample("a", "6")];
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#,
        samples.join(",")
    );
    let server = FaultServer::start([Answer::new(200, body)]).await;
    let probe = probe(&server);
    let series = probe.client.query("up", at(1)).await.unwrap();
    let values: Vec<f64> = series.iter().map(|series| series.samples[0].value).collect();
    assert!(values[0].is_nan(), "the first of the duplicates stays");
    assert_eq!(values[1..], [f64::INFINITY, f64::NEG_INFINITY]);
    assert_eq!(probe.metric("smartcloudops_prometheus_duplicate_series_total"), 2.0);
}

#[tokio::test]
async fn a_large_answer_is_decoded_whole() {
    let one = |number| format!(r#"{{"metric":{{"n":"{number}"}},"value":[1,"{number}"]}}"#);
    let samples: Vec<String> = (0..20_000).map(one).collect();
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#,
        samples.join(",")
    );
    let server = FaultServer::start([Answer::new(200, body)]).await;
    let series = Probe::new(&config(&server.url("/"))).unwrap().client.query("up", at(1)).await.unwrap();
    assert_eq!(series.len(), 20_000);
    assert_eq!(series[19_999].samples[0].value, 19_999.0);
}

#[tokio::test]
async fn requests_under_way_are_bounded() {
    let server = FaultServer::start([good().after(Duration::from_millis(100))]).await;
    let config = Config { max_concurrency: 2, ..config(&server.url("/")) };
    let client = Probe::new(&config).unwrap().client;
    let answers = futures::future::join_all((0..9).map(|second| client.query("up", at(second)))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((server.seen().len(), server.most_at_once()), (9, 2));
}
