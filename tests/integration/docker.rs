//! Actions on containers against a real engine, and against sockets that are none.

mod faults;

use std::path::Path;
use std::time::Duration;

use smartcloudops::act::{DockerConfig, docker};
use smartcloudops::model::{ActError, ActReport, ContainerLookup, DockerAction, DockerOperation};

use crate::support::{DockerEngine, PATIENCE, wait_until};

/// Ends when it is asked to, which the first process of a container does only if it says so itself.
const OBEDIENT: &[&str] =
    &["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM; while true; do /bin/busybox sleep 0.1; done"];
/// Does not.
const DEAF: &[&str] = &["/bin/busybox", "sleep", "1000"];

fn named(name: &str) -> ContainerLookup {
    ContainerLookup::Name(name.to_owned())
}

fn labelled(key: &str, value: &str) -> ContainerLookup {
    ContainerLookup::Label { key: key.to_owned(), value: value.to_owned() }
}

fn action(operation: DockerOperation, container: ContainerLookup) -> DockerAction {
    DockerAction { operation, container, found: None, kill_after: None, timeout: PATIENCE }
}

async fn carry_out(socket: &Path, action: &DockerAction) -> Result<ActReport, ActError> {
    docker::carry_out(action, &DockerConfig { socket: socket.to_owned() }).await
}

/// With what its lookup leads to now.
async fn decided(socket: &Path, action: DockerAction) -> DockerAction {
    let config = DockerConfig { socket: socket.to_owned() };
    DockerAction { found: docker::name(&action.container, &config).await.ok(), ..action }
}

/// The outcome's name and everything that is said about it.
fn told(result: &Result<ActReport, ActError>) -> (&'static str, String) {
    let outcome = match result {
        Ok(_) => "accepted",
        Err(ActError::NotStarted { .. }) => "not started",
        Err(ActError::Failed { .. }) => "failed",
        Err(ActError::Unknown { .. }) => "unknown",
    };
    (outcome, format!("{result:?}"))
}

async fn started_at(engine: &DockerEngine, name: &str) -> (bool, String) {
    let state = engine.inspect(name).await.state.expect("a container has a state");
    (state.running.expect("it runs or not"), state.started_at.expect("it was started"))
}

#[tokio::test]
async fn a_container_is_restarted_stopped_and_started_and_seen_to_be() {
    use DockerOperation::{Restart, Start, Stop};
    let engine = DockerEngine::start().await;
    let service = [("service", "web")];
    engine.run("app", &service, OBEDIENT).await;
    engine.run("app-1", &[], OBEDIENT).await;
    let untouched = started_at(&engine, "app-1").await;
    for (operation, container, expected, sentence) in [
        (Start, named("app"), "not started", "app is running"),
        (Restart, named("app"), "accepted", "restart app: it is running"),
        (Stop, labelled("service", "web"), "accepted", "stop app: it is exited"),
        (Stop, named("app"), "not started", "app is exited"),
        (Start, labelled("service", "web"), "accepted", "start app: it is running"),
        (Stop, named("app"), "accepted", "stop app: it is exited"),
        (Restart, named("app"), "accepted", "restart app: it is running"),
    ] {
        let before = started_at(&engine, "app").await;
        let action = decided(&engine.socket(), action(operation, container)).await;
        let (outcome, text) = told(&carry_out(&engine.socket(), &action).await);
        assert!(outcome == expected && text.contains(sentence), "{operation:?}: {outcome}, {text}");
        let after = started_at(&engine, "app").await;
        let begun_anew = outcome == "accepted" && operation != Stop;
        assert_eq!(after.1 != before.1, begun_anew, "{operation:?}: {before:?}, {after:?}");
    }
    assert_eq!(started_at(&engine, "app-1").await, untouched, "a name that only begins alike");
}

#[tokio::test]
async fn nothing_is_done_unless_exactly_one_container_is_meant() {
    let engine = DockerEngine::start().await;
    let web = [("service", "web"), ("shard", "1")];
    engine.run("web-1", &web, OBEDIENT).await;
    engine.run("web-2", &web[..1], OBEDIENT).await;
    let before = (started_at(&engine, "web-1").await, started_at(&engine, "web-2").await);
    for (container, sentence) in [
        (labelled("service", "web"), "2 containers have the label service=web, not one"),
        (labelled("service", "we"), "0 containers have the label service=we, not one"),
        (labelled("service", "web=1"), "0 containers have"),
        (named("web"), "0 containers have the name web, not one"),
        (named("web.1"), "0 containers have the name web.1, not one"),
    ] {
        let restart = action(DockerOperation::Restart, container);
        let (outcome, text) = told(&carry_out(&engine.socket(), &restart).await);
        assert!(outcome == "not started" && text.contains(sentence), "{outcome}, {text}");
    }
    let one = action(DockerOperation::Restart, labelled("shard", "1"));
    let other = DockerAction { found: Some("web-2".to_owned()), ..one.clone() };
    for (restart, sentence) in [(&one, "was not looked up"), (&other, "is web-1 now, and was web-2 when")] {
        let (outcome, text) = told(&carry_out(&engine.socket(), restart).await);
        assert!(outcome == "not started" && text.contains(sentence), "{outcome}, {text}");
    }
    assert_eq!((started_at(&engine, "web-1").await, started_at(&engine, "web-2").await), before);
    let one = decided(&engine.socket(), one).await;
    assert_eq!(told(&carry_out(&engine.socket(), &one).await).0, "accepted");
}

#[tokio::test]
async fn a_container_that_cannot_start_has_failed_and_one_that_hangs_is_unknown() {
    let engine = DockerEngine::start().await;
    engine.create("broken", &[], &["/bin/none"]).await;
    let start = action(DockerOperation::Start, named("broken"));
    let (outcome, text) = told(&carry_out(&engine.socket(), &start).await);
    assert!(outcome == "failed" && text.contains("the engine did not start broken"), "{outcome}, {text}");

    engine.run("deaf", &[], DEAF).await;
    let before = started_at(&engine, "deaf").await;
    let stop = DockerAction {
        kill_after: Some(Duration::from_secs(3600)),
        timeout: Duration::from_secs(5),
        ..action(DockerOperation::Stop, named("deaf"))
    };
    let (outcome, text) = told(&carry_out(&engine.socket(), &stop).await);
    assert!(outcome == "unknown" && text.contains("and it is running"), "{outcome}, {text}");
    assert_eq!(started_at(&engine, "deaf").await, before);
    let kill = DockerAction { kill_after: Some(Duration::ZERO), timeout: PATIENCE, ..stop };
    let (outcome, text) = told(&carry_out(&engine.socket(), &kill).await);
    assert!(outcome == "accepted" && text.contains("stop deaf: it is exited"), "{outcome}, {text}");
}

#[tokio::test]
async fn a_process_knows_the_container_it_is_in() {
    let engine = DockerEngine::start().await;
    engine.run("own", &[], &["/bin/busybox", "cat", "/proc/self/mountinfo"]).await;
    wait_until(PATIENCE, "the program to end", async || !started_at(&engine, "own").await.0).await;
    let mounts = engine.printed("own").await;
    let own: Vec<String> = docker::own_containers_of(&mounts).into_iter().collect();
    assert_eq!(Some(own), engine.inspect("own").await.id.map(|id| vec![id]), "{mounts}");
    let here = std::fs::read_to_string("/proc/self/mountinfo").expect("Linux tells");
    assert!(docker::own_containers_of(&here).iter().all(|id| !mounts.contains(id.as_str())));
}
