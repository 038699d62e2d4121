//! What an answer and a state amount to.

use super::*;

fn state(status: &str, started_at: &str) -> State {
    State {
        id: "f".repeat(64),
        name: "app".to_owned(),
        status: status.to_owned(),
        started_at: started_at.to_owned(),
        exit_code: 3,
        error: String::new(),
    }
}

#[test]
fn only_what_is_seen_is_accepted_and_what_is_not_seen_is_unknown() {
    use DockerOperation::{Restart, Start, Stop};
    let (answered, silent) = (None, Some("silence".to_owned()));
    let blind = || Err("blind".to_owned());
    for (operation, before, answer, after, expected) in [
        (Restart, state("running", "1"), &answered, Ok(state("running", "2")), "restart app: it is running"),
        (Restart, state("exited", "1"), &answered, Ok(state("running", "2")), "restart app: it is running"),
        (
            Restart,
            state("running", "1"),
            &answered,
            Ok(state("running", "1")),
            "failed: restart app: it is running (exit code 3)",
        ),
        (
            Restart,
            state("running", "1"),
            &answered,
            Ok(state("restarting", "2")),
            "failed: restart app: it is restarting (exit code 3)",
        ),
        (
            Restart,
            state("running", "1"),
            &silent,
            Ok(state("running", "2")),
            "restart app: it is running, though there was no answer (silence)",
        ),
        (
            Restart,
            state("running", "1"),
            &silent,
            Ok(state("running", "1")),
            "unknown: restart app: no answer (silence), and it is running",
        ),
        (
            Restart,
            state("running", "1"),
            &answered,
            blind(),
            "unknown: restart app: the engine says so, but its state cannot be seen: blind",
        ),
        (Restart, state("running", "1"), &silent, blind(), "unknown: restart app: no answer (silence)"),
        (Start, state("exited", "1"), &answered, Ok(state("running", "2")), "start app: it is running"),
        (
            Start,
            state("exited", "1"),
            &answered,
            Ok(state("exited", "2")),
            "failed: start app: it is exited (exit code 3)",
        ),
        (Stop, state("running", "1"), &answered, Ok(state("exited", "1")), "stop app: it is exited"),
        (
            Stop,
            state("running", "1"),
            &answered,
            Ok(state("running", "1")),
            "failed: stop app: it is running (exit code 3)",
        ),
    ] {
        let container = crate::model::ContainerLookup::Name("app".to_owned());
        let action = DockerAction {
            operation,
            container,
            found: None,
            kill_after: None,
            timeout: Duration::from_secs(1),
        };
        let told = match judge(&action, &before, answer.clone(), after) {
            Ok(report) => report.summary,
            Err(error) => error.to_string(),
        };
        assert_eq!(told, expected);
    }
}
