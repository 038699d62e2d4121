//! Replicas on one PostgreSQL: the one that leads tells, and the next one goes on where it stopped.

use super::*;
use crate::support::postgres;

async fn leads(daemon: &Daemon) -> bool {
    daemon.metric("smartcloudops_remediation_leading").await == Some(1.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_one_tells_and_the_other_goes_on() {
    let (prometheus, receiver) = (prometheus().await, FaultServer::start([Answer::new(204, "")]).await);
    let settings = format!("url: '{}', on: [firing], group_wait: 0s", receiver.url("/hook"));
    let config = config(&prometheus, &settings);
    let config = format!("{config}storage: {{postgres: {{url: '{}'}}}}\n", postgres().database());
    let mut first = Daemon::start(&config).await;
    wait_until(PATIENCE, "a leader", || async { leads(&first).await }).await;
    let second = Daemon::start(&config).await;
    fire(&second, "Slow", "web:80", "firing").await;
    until_counted(&first, "delivered", 1.0).await;
    first.kill();
    wait_until(PATIENCE, "another leader", || async { leads(&second).await }).await;
    fire(&second, "Slow", "web:81", "firing").await;
    let instance = |told: Value| told["data"]["firing"]["alerts"][0]["labels"]["instance"].clone();
    let instances = || told(&receiver).into_iter().map(instance).collect::<Vec<_>>();
    wait_until(PATIENCE, "the later alert", || async { instances().contains(&"web:81".into()) }).await;
    // Killed between the receiver's answer and the journal's word on it, the first is told of once more, under its id.
    let mut told: Vec<(String, Value)> = receiver.seen().iter().map(id).zip(instances()).collect();
    told.dedup();
    let instances: Vec<Value> = told.into_iter().map(|(_, instance)| instance).collect();
    assert_eq!(instances, ["web:80", "web:81"], "each is told under one id");
}
