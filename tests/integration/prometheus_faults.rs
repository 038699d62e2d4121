//! Whatever Prometheus does, the daemon stays up, says so, and recovers by itself.

use std::time::Duration;

use crate::support::{Answer, Daemon, FaultServer, PATIENCE, wait_until};

const GOOD: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"instance":"a"},"value":[AT,"1"]}]}}"#;

/// An answer with the present time, so that the sample is not an old one.
fn good() -> Answer {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Answer::new(200, GOOD.replace("AT", &now.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_counted_and_survived() {
    let huge = || Answer::new(200, "x".repeat(1 << 20)).times(200);
    for (fault, outcome) in [
        (Answer::new(500, "oops"), "server"),
        (
            Answer::new(422, r#"{"status":"error","errorType":"execution","error":"too many samples"}"#),
            "rejected",
        ),
        (Answer::html(200), "malformed"),
        (Answer::new(200, r#"{"status":"success","data":{"resultType":"vec"#), "malformed"),
        (huge(), "too_large"),
        (good().after(Duration::from_secs(30)), "timed_out"),
    ] {
        let prometheus = FaultServer::start([fault.clone(), fault.clone(), fault, good()]).await;
        let daemon = Daemon::start(&format!(
            "prometheus: {{url: '{}', timeout: 1s, retries: 0, max_response_size: 4MiB}}\nscoring: {{interval: 1s, history: 1s}}\npresets: []\nqueries: [{{name: q, expr: up}}]\n",
            prometheus.url("")
        ))
        .await;
        let failures = "smartcloudops_scoring_evaluations_total{query=\"q\",outcome=\"prometheus_error\"}";
        wait_until(PATIENCE, "the failures", || async { daemon.metric(failures).await >= Some(3.0) }).await;
        let requests: f64 = {
            let (_, page) = daemon.get("/metrics").await;
            let of_kind = page.lines().filter(|line| {
                line.starts_with("smartcloudops_prometheus_requests_total{server=\"prometheus\"")
                    && line.contains(&format!("outcome=\"{outcome}\""))
            });
            of_kind.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
        };
        assert!(requests >= 3.0, "{outcome}: {requests}");
        assert!(daemon.log().contains("cannot evaluate the query"), "{outcome}");
        let successes = "smartcloudops_scoring_evaluations_total{query=\"q\",outcome=\"success\"}";
        wait_until(PATIENCE, "the recovery", || async { daemon.metric(successes).await >= Some(1.0) }).await;
        wait_until(PATIENCE, "the score", || async {
            daemon.get("/metrics").await.1.contains("anomaly_score{")
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_are_no_numbers_and_labels_that_repeat_harm_nobody() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let series = |instance: &str, value: &str| {
        format!(r#"{{"metric":{{"instance":"{instance}"}},"value":[{now},"{value}"]}}"#)
    };
    let result =
        [series("a", "NaN"), series("b", "+Inf"), series("c", "-Inf"), series("d", "1"), series("d", "2")];
    let body =
        format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#, result.join(","));
    let prometheus = FaultServer::start([Answer::new(200, body)]).await;
    let config = format!(
        "prometheus: {{url: '{}'}}\nscoring: {{interval: 1s, history: 1s}}\npresets: []\nqueries: [{{name: q, expr: up}}]\n",
        prometheus.url("")
    );
    let daemon = Daemon::start(&config).await;
    wait_until(PATIENCE, "the finite series", || async {
        daemon.get("/metrics").await.1.contains("anomaly_score{query=\"q\",model=\"auto\",instance=\"d\"}")
    })
    .await;
    let (_, page) = daemon.get("/metrics").await;
    let scores = page.lines().filter(|line| line.starts_with("anomaly_score{"));
    assert!(scores.clone().all(|line| !line.contains("NaN")), "{page}");
    assert_eq!(scores.count(), 4, "{page}");
}
