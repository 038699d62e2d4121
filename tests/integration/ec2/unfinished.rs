//! Restarts that the daemon left in the middle: whoever takes up the run starts what it stopped, and nothing else.

use std::time::Duration;

use smartcloudops::model::{Ec2Action, Ec2Operation};

use super::daemon::{daemon_config, environment, prometheus, run_of};
use super::faults::{described, instance, types};
use super::restart::{SMALL, accepted, status};
use super::{ID, SECRET, TAG, arranger, at, by_id, count, operation, run_instance, told};
use crate::support::{Daemon, FaultServer, Moto, PATIENCE, alert, free_port, message, wait_until};

#[tokio::test]
async fn only_an_instance_that_is_down_is_started() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    let down = run_instance(&arranger, &[TAG]).await;
    let untagged = run_instance(&arranger, &[]).await;
    arranger.stop_instances().instance_ids(&down).instance_ids(&untagged).send().await.expect("moto stops");
    let up = run_instance(&arranger, &[TAG]).await;
    let gone = run_instance(&arranger, &[TAG]).await;
    arranger.terminate_instances().instance_ids(&gone).send().await.expect("moto terminates an instance");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    for (id, url, expected, sentence) in [
        (&down, moto.url(), "accepted", "was found down; EC2 says that ID is stopped; start requested"),
        (&up, moto.url(), "unknown", "nothing was done since: ID is running"),
        (&gone, moto.url(), "unknown", "nothing was done since: ID is terminated"),
        (&untagged, moto.url(), "unknown", "ID may be down: ID does not carry the tag"),
        (&ID.to_owned(), moto.url(), "unknown", "ID may be down: cannot look at ID: Invalid"),
        (&down, nobody, "unknown", "ID may be down: cannot look at ID"),
    ] {
        let timeout = Duration::from_secs(3);
        let action = Ec2Action { timeout, ..operation(Ec2Operation::Restart, by_id(id), None) };
        let (outcome, text) = told(&at(&url).ec2_finish(&action).await);
        assert!(outcome == expected && text.contains(&sentence.replace("ID", id)), "{outcome}, {text}");
    }
    let actions = moto.actions();
    assert_eq!((count(&actions, "StartInstances"), count(&actions, "StopInstances")), (1, 1));
}

/// The daemon dies while EC2, of the script, stops the instance; it comes back to moto, where it is stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_died_between_stop_and_start_starts_the_instance_when_it_comes_back() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    let id = run_instance(&arranger, &[TAG]).await;
    arranger.stop_instances().instance_ids(&id).send().await.expect("moto stops an instance");
    let stopping = status("stopping", "ok");
    let ec2 =
        FaultServer::start([described(&instance(&id)), types(SMALL), accepted("StopInstances"), stopping])
            .await;
    let prometheus = prometheus(&[&id]).await;
    let config = |url: &str| {
        daemon_config(&prometheus, &format!("aws: {{endpoint_url: '{url}'}}\n"))
            .replace("do: reboot", "do: restart")
    };
    let key =
        [("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_REGION", "us-east-1")];
    let mut daemon = Daemon::start_in(environment(&moto, &key), &config(&ec2.url(""))).await;
    let body = message(&[alert("Hangs", &id, "firing", "2026-01-01T00:00:00Z")]);
    assert_eq!(daemon.post("/webhook", body).await.0, 200);
    wait_until(PATIENCE, "the stop", || async {
        ec2.seen().iter().any(|seen| seen.field("Action") == "StopInstances")
    })
    .await;
    daemon.kill();
    daemon.write_config(&config(&moto.url()));
    daemon.restart().await;
    let run = run_of(&daemon, &id).await;
    let summary = run["steps"][0]["acted"][1]["Ok"]["summary"].as_str().unwrap_or_default();
    assert!(summary.contains(&format!("{id} was found down")) && summary.contains("is running"), "{run}");
    // The proof held before as well, which the journal knows: it says nothing.
    assert_eq!(run["ended"][1], "unproven", "{run}");
    let actions = moto.actions();
    assert_eq!((count(&actions, "StartInstances"), count(&actions, "StopInstances")), (1, 1));
}
