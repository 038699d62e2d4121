//! Receivers that are down, slow, busy or unwilling: nothing is lost while there is time, nothing waits for them, and a
//! message keeps its id.

use super::*;
use crate::support::free_port;

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_in_trouble_is_tried_again_under_the_same_id() {
    let prometheus = prometheus().await;
    let answers = [
        Answer::new(500, "{}"),
        Answer::new(429, "{}").header("retry-after", "2"),
        Answer::new(200, "late").after(Duration::from_secs(2)),
        Answer::new(204, ""),
    ];
    let receiver = FaultServer::start(answers).await;
    let settings = format!("url: '{}', group_wait: 0s, timeout: 1s", receiver.url("/hook"));
    let daemon = Daemon::start(&config(&prometheus, &settings)).await;
    fire(&daemon, "Slow", "web:80", "firing").await;
    until_counted(&daemon, "delivered", 1.0).await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 4, "a failure, a wait, a time-out, and then it is taken");
    assert!(seen.iter().all(|one| id(one) == id(&seen[0]) && one.body == seen[0].body));
    assert_eq!((count(&daemon, "retried").await, count(&daemon, "given_up").await), (3.0, 0.0));
    let waiting = "smartcloudops_notifications_waiting{receiver=\"ops\"}";
    wait_until(PATIENCE, "an empty queue", || async { daemon.metric(waiting).await == Some(0.0) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_or_out_of_time_is_dropped_and_said() {
    let prometheus = prometheus().await;
    for (status, outcome, sentence) in [(404, "refused", "it will not"), (500, "given_up", "it cannot")] {
        let receiver = FaultServer::start([Answer::new(status, "{}")]).await;
        let settings = format!("url: '{}', group_wait: 0s, give_up_after: 2s", receiver.url("/hook"));
        let daemon = Daemon::start(&config(&prometheus, &settings)).await;
        fire(&daemon, "Slow", "web:80", "firing").await;
        until_counted(&daemon, outcome, 1.0).await;
        wait_until(PATIENCE, "a word", || async { daemon.log().contains("a message is dropped") }).await;
        // What comes next is told all the same.
        let before = receiver.seen().len();
        fire(&daemon, "Slow", "web:80", "resolved").await;
        wait_until(PATIENCE, sentence, || async { receiver.seen().len() > before }).await;
        assert_eq!(told(&receiver).last().expect("a message")["data"]["resolved"]["total"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_down_keeps_nobody_waiting_and_is_told_after_a_restart() {
    let prometheus = prometheus().await;
    let other = FaultServer::start([Answer::new(204, "")]).await;
    let settings = |port: u16| {
        let other = other.url("/hook");
        format!(
            "url: 'http://127.0.0.1:{port}/hook', group_wait: 0s}}, {{name: other, url: '{other}', group_wait: 0s"
        )
    };
    let mut daemon = Daemon::start(&config(&prometheus, &settings(free_port()))).await;
    fire(&daemon, "Down", "web:80", "firing").await;
    let runs = || {
        told(&other)
            .iter()
            .map(|told| told["data"]["remediations"].as_array().map_or(0, Vec::len))
            .sum::<usize>()
    };
    wait_until(PATIENCE, "the run, of which the other one hears", || async { runs() == 1 }).await;
    until_counted(&daemon, "retried", 1.0).await;
    let age = "smartcloudops_notifications_oldest_waiting_age_seconds{receiver=\"ops\"}";
    assert!(daemon.metric(age).await > Some(0.0), "what waits grows old");
    daemon.kill();
    let receiver = FaultServer::start([Answer::new(204, "")]).await;
    let port = receiver.url("").rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    daemon.write_config(&config(&prometheus, &settings(port)));
    daemon.restart().await;
    let firing = || told(&receiver).iter().filter(|told| told["data"]["firing"]["total"] == 1).count();
    let ended = || told(&receiver).iter().filter(|told| told["data"]["remediations"][0].is_object()).count();
    wait_until(PATIENCE, "what happened before", || async { firing() > 0 && ended() > 0 }).await;
    let waiting = "smartcloudops_notifications_waiting{receiver=\"ops\"}";
    wait_until(PATIENCE, "an empty queue", || async { daemon.metric(waiting).await == Some(0.0) }).await;
    assert_eq!((firing(), ended()), (1, 1), "once each");
    let heard = told(&other).iter().filter(|told| told["data"]["firing"]["total"] == 1).count();
    assert_eq!(heard, 1, "whoever was told before is not told again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_may_have_arrived_goes_once_more_under_its_id_after_a_crash() {
    let prometheus = prometheus().await;
    let answers = [Answer::new(204, "").after(Duration::from_secs(30)), Answer::new(204, "")];
    let receiver = FaultServer::start(answers).await;
    let settings = format!("url: '{}', group_wait: 0s, timeout: 60s", receiver.url("/hook"));
    let mut daemon = Daemon::start(&config(&prometheus, &settings)).await;
    fire(&daemon, "Slow", "web:80", "firing").await;
    until_told(&receiver, 1).await;
    fire(&daemon, "Slow", "web:81", "firing").await;
    daemon.kill();
    daemon.restart().await;
    until_told(&receiver, 3).await;
    let (seen, told) = (receiver.seen(), told(&receiver));
    assert_eq!(
        (id(&seen[0]), &told[0]["data"]["firing"]["total"]),
        (id(&seen[1]), &told[1]["data"]["firing"]["total"])
    );
    assert_ne!(id(&seen[2]), id(&seen[1]), "what came later is another message");
    assert_eq!(told[2]["data"]["firing"]["alerts"][0]["labels"]["instance"], "web:81");
}
