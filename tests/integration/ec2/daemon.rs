//! The whole daemon: a policy with a step on EC2, and AWS's own chain for region and credentials.

use super::{ID, SECRET, TAG, arranger, count, run_instance};
use crate::support::{Answer, Daemon, FaultServer, Moto, PATIENCE, alert, message, wait_until};

/// An environment in which AWS's own chain finds what is given and nothing else.
pub(super) fn environment(moto: &Moto, given: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let fixed = [("AWS_EC2_METADATA_DISABLED", "true".to_owned()), ("AWS_ENDPOINT_URL_EC2", moto.url())];
    fixed.into_iter().chain(given.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect()
}

pub(super) fn daemon_config(prometheus: &FaultServer, aws: &str) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         {aws}\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: reboot\n\
        \x20   matchers: ['alertname=\"Hangs\"']\n\
        \x20   target: {{label: instance, pattern: 'i-[0-9a-f]+'}}\n\
        \x20   limits: {{per_target: 10/1h}}\n\
        \x20   steps: [{{ec2: {{do: reboot, instance_id: '{{{{ target }}}}'}}, verify: {{expr: up, within: 1s}}}}]\n",
        prometheus.url(""),
    )
}

/// Prometheus, who always knows the alerts of these instances as firing.
pub(super) async fn prometheus(instances: &[&str]) -> FaultServer {
    let series = |instance: &&str| {
        let labels = serde_json::json!({"alertname": "Hangs", "instance": instance, "alertstate": "firing"});
        serde_json::json!({"metric": labels, "value": [1, "1"]})
    };
    let series: Vec<serde_json::Value> = instances.iter().map(series).collect();
    let result = serde_json::json!({"status": "success", "data": {"resultType": "vector", "result": series}});
    FaultServer::start([Answer::new(200, result.to_string())]).await
}

/// The run that comes of an instance's alert, once it has ended.
async fn run_for(daemon: &Daemon, instance: &str) -> serde_json::Value {
    let body = message(&[alert("Hangs", instance, "firing", "2026-01-01T00:00:00Z")]);
    let (status, text) = daemon.post("/webhook", body).await;
    assert_eq!(status, 200, "{text}");
    run_of(daemon, instance).await
}

/// The run on an instance, once it has ended.
pub(super) async fn run_of(daemon: &Daemon, instance: &str) -> serde_json::Value {
    let ended = async || {
        let runs = daemon.data("/api/v1/remediations").await;
        let mut runs = runs.as_array().cloned().unwrap_or_default().into_iter();
        runs.find(|run| run["plan"]["key"]["target"] == instance && run["ended"].is_array())
    };
    wait_until(PATIENCE, "the end of the run", || async { ended().await.is_some() }).await;
    ended().await.expect("what has ended stays so")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_reboots_with_the_credentials_of_its_environment() {
    let moto = Moto::start().await;
    let id = run_instance(&arranger(&moto), &[TAG]).await;
    let prometheus = prometheus(&[&id]).await;
    let key =
        [("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_REGION", "us-east-1")];
    let daemon = Daemon::start_in(environment(&moto, &key), &daemon_config(&prometheus, "")).await;
    let run = run_for(&daemon, &id).await;
    let summary = run["steps"][0]["acted"][1]["Ok"]["summary"].as_str().unwrap_or_default();
    assert!(summary.starts_with("reboot requested"), "{run}");
    assert_eq!(run["plan"]["steps"][0]["action"]["ec2"]["operation"], "reboot", "{run}");
    let counted = "smartcloudops_remediation_actions_total{action=\"ec2\",outcome=\"accepted\"}";
    assert_eq!(daemon.metric(counted).await, Some(1.0));
    assert_eq!(count(&moto.actions(), "RebootInstances"), 1);
    assert!(!daemon.log().contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_tag_leads_to_is_in_the_plan_before_anything_is_done() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    let id = run_instance(&arranger, &[("Name", "web"), TAG]).await;
    for _ in 0..2 {
        run_instance(&arranger, &[("Name", "twice"), TAG]).await;
    }
    let prometheus = prometheus(&["web", "twice"]).await;
    let key =
        [("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_REGION", "us-east-1")];
    let config = daemon_config(&prometheus, "")
        .replace("instance_id: '{{ target }}'", "tag: {key: Name, value: '{{ target }}'}")
        .replace("i-[0-9a-f]+", "[a-z]+");
    let daemon = Daemon::start_in(environment(&moto, &key), &config).await;
    let run = run_for(&daemon, "web").await;
    assert_eq!(run["plan"]["steps"][0]["action"]["ec2"]["found"], id.as_str(), "{run}");
    let body = message(&[alert("Hangs", "twice", "firing", "2026-01-01T00:00:00Z")]);
    let (status, text) = daemon.post("/webhook", body).await;
    assert_eq!(status, 200, "{text}");
    let held = "smartcloudops_remediation_decisions_total{policy=\"reboot\",decision=\"lookup_failed\"}";
    wait_until(PATIENCE, "the refusal", || async { daemon.metric(held).await == Some(1.0) }).await;
    assert_eq!(count(&moto.actions(), "RebootInstances"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_without_region_or_credentials_says_what_is_missing() {
    let moto = Moto::start().await;
    let prometheus = prometheus(&[ID, "i-1234abcd"]).await;
    let daemon = Daemon::start_in(environment(&moto, &[]), &daemon_config(&prometheus, "")).await;
    let run = run_for(&daemon, ID).await;
    assert_eq!(run["ended"][1], "not_started", "{run}");
    assert!(run["steps"][0]["acted"][1].to_string().contains("no region is known"), "{run}");

    daemon.write_config(&daemon_config(&prometheus, "aws: {region: us-east-1}\n"));
    let (status, text) = daemon.post("/-/reload", "").await;
    assert_eq!(status, 200, "{text}");
    let run = run_for(&daemon, "i-1234abcd").await;
    assert_eq!(run["ended"][1], "not_started", "{run}");
    assert!(run["steps"][0]["acted"][1].to_string().contains("credentials"), "{run}");
    assert_eq!(moto.actions(), Vec::<String>::new());
}
