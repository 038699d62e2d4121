//! Steps, each fault with its exact message; the settings beside them.

use std::path::Path;
use std::time::Duration;

use crate::decide::{ActionTemplate, ContainerTemplate};
use crate::model::{DockerOperation, SecretSource, SystemdOperation};

use super::{action_of_step, faults_of, faults_of_step, parse, with_url};

/// Each step, where its fault is, and what is said.
fn assert_faults(action: &str, rules: &[(&str, &str, &str)]) {
    for (step, path, message) in rules {
        assert_eq!(faults_of_step(action, step), [format!("{path}: {message}")], "{step}");
    }
}

#[test]
fn every_fault_of_a_systemd_step_says_where_and_what() {
    let no_unit = "is not the full name of one unit that can be restarted, such as app.service or app@{{ labels.name }}.service";
    let place = "may hold a template only behind the @, as in app@{{ labels.name }}.service";
    assert_faults(
        "systemd",
        &[
            (
                "unit: app.service",
                "do",
                "is required; write what is done to the unit: restart, start, stop or reload",
            ),
            ("do: restart", "unit", "is required; write the unit's full name, for example app.service"),
            ("do: kill, unit: app.service", "do", "'kill' is not one of restart, start, stop, reload"),
            ("do: restart, unit: app", "unit", no_unit),
            ("do: restart, unit: 'app*.service'", "unit", no_unit),
            ("do: restart, unit: ../app.service", "unit", no_unit),
            ("do: start, unit: reboot.target", "unit", no_unit),
            ("do: restart, unit: 'app@{{ labels.a }}'", "unit", no_unit),
            ("do: restart, unit: '{{ labels.unit }}'", "unit", place),
            ("do: restart, unit: '{{ labels.unit }}@a.service'", "unit", place),
            ("do: restart, unit: app.service, timeout: 1s", "timeout", "must be from 2s to 1h, not 1s"),
        ],
    );
    let bus =
        "is not the address of a bus on this host; write for example unix:path=/run/dbus/system_bus_socket";
    for address in ["session", "tcp:host=h", "unix:path=x", "unix:path=/a;unix:path=/b"] {
        assert_eq!(
            faults_of(&format!("systemd: {{bus: '{address}'}}")),
            [format!("line 1: systemd.bus: {bus}")]
        );
    }
}

#[test]
fn a_systemd_step_needs_only_what_is_done_and_to_which_unit() {
    let ActionTemplate::Systemd(step) =
        action_of_step("systemd", "do: reload, unit: 'app@{{ labels.name }}.service'")
    else {
        panic!("not an action on a unit")
    };
    assert_eq!((step.operation, step.timeout), (SystemdOperation::Reload, Duration::from_secs(90)));
    let config = parse("systemd: {bus: 'unix:path=/run/user/0/bus'}", &with_url()).unwrap();
    assert_eq!(config.act.systemd.bus.as_deref(), Some("unix:path=/run/user/0/bus"));
    assert_eq!(parse("", &with_url()).unwrap().act.systemd.bus, None);
}

#[test]
fn every_fault_of_an_http_step_says_where_and_what() {
    let twice = "could do it twice: POST is not idempotent; write idempotent: true if the receiver takes a second \
                 request with the same Idempotency-Key for the first, or remove it";
    let no_key = "is required; name a file, or with key_env an environment variable, that holds it";
    let inline = "must not stand in the file; put it in a file of its own and name that with key_file, or in an \
                  environment variable and name that with key_env";
    let by_name = "is the name of a secret, and headers are written down and shown as they are; give it under \
                   secret_headers, with value_file or value_env";
    let bearer = "holds a secret, and headers are shown as they are; use authorization";
    assert_faults(
        "http",
        &[
            ("url: 'http://h', retries: 1", "retries", twice),
            (
                "url: 'http://h', method: PUT, idempotent: false, retries: 1",
                "retries",
                &twice.replace("POST", "PUT"),
            ),
            ("url: 'http://h', method: GET, retries: 6", "retries", "must be from 0 to 5, not 6"),
            (
                "url: 'http://h', idempotent: 1",
                "idempotent",
                "must be true or false without quotes, not a number",
            ),
            ("url: 'http://h', sign: {}", "sign.key_file", no_key),
            ("url: 'http://h', sign: {key: hunter2}", "sign.key", inline),
            (
                "url: 'http://h', headers: {Webhook-Id: a}",
                "headers.Webhook-Id",
                "is set by the action itself; remove it",
            ),
            (
                "url: 'http://h', headers: {X-Rundeck-Auth-Token: hunter2}",
                "headers.X-Rundeck-Auth-Token",
                by_name,
            ),
            ("url: 'http://h', headers: {DD-API-KEY: hunter2}", "headers.DD-API-KEY", by_name),
            ("url: 'http://h', headers: {Cookie: hunter2}", "headers.Cookie", by_name),
            ("url: 'http://h', headers: {X-Client-Secret: hunter2}", "headers.X-Client-Secret", by_name),
            ("url: 'http://h', headers: {x-password: hunter2}", "headers.x-password", by_name),
            (
                "url: 'http://h', headers: {Idempotency-Key: a}",
                "headers.Idempotency-Key",
                "is set by the action itself; remove it",
            ),
            ("url: 'http://h', headers: {Authorization: hunter2}", "headers.Authorization", bearer),
            (
                "url: 'http://h', secret_headers: {Authorization: {value_file: k}}",
                "secret_headers.Authorization",
                bearer,
            ),
            (
                "url: 'http://h', secret_headers: {Webhook-Signature: {value_file: k}}",
                "secret_headers.Webhook-Signature",
                "is set by the action itself; remove it",
            ),
            (
                "url: 'http://h', secret_headers: {'X Y': {value_file: k}}",
                "secret_headers.\"X Y\"",
                "is not the name of a header",
            ),
            (
                "url: 'http://h', secret_headers: {X-A: {value_file: k}, x-a: {value_file: l}}",
                "secret_headers.x-a",
                "is given twice; keep one of the two",
            ),
            (
                "url: 'http://h', headers: {x-a: b}, secret_headers: {X-A: {value_file: k}}",
                "secret_headers.X-A",
                "is given under headers as well; keep one of the two",
            ),
            (
                "url: 'http://h', secret_headers: {X-Token: hunter2}",
                "secret_headers.X-Token",
                "must be a mapping of keys to values, not text",
            ),
            (
                "url: 'http://h', secret_headers: {X-Token: {value: hunter2}}",
                "secret_headers.X-Token.value",
                &inline.replace("key", "value"),
            ),
            (
                "url: 'http://h', secret_headers: {X-Token: {}}",
                "secret_headers.X-Token.value_file",
                &no_key.replace("key", "value"),
            ),
            ("url: 'http://h', timeout: 11m", "timeout", "must be from 1s to 10m, not 11m"),
        ],
    );
}

#[test]
fn a_secret_header_is_named_by_its_place() {
    let settings = "url: 'http://h', headers: {X-Reason: a}, secret_headers: {X-Token: {value_file: k}, Private-Token: {value_env: HOOK}}";
    let ActionTemplate::Http { headers, secret_headers, .. } = action_of_step("http", settings) else {
        panic!("not a call")
    };
    assert_eq!(headers, [("X-Reason".to_owned(), "a".to_owned())]);
    let (file, variable) = (SecretSource::File("k".into()), SecretSource::Environment("HOOK".to_owned()));
    assert_eq!(secret_headers, [("X-Token".to_owned(), file), ("Private-Token".to_owned(), variable)]);
}

#[test]
fn an_http_step_is_repeated_only_where_that_does_no_harm() {
    for (settings, expected) in [
        ("", 0),
        ("method: PATCH, ", 0),
        ("method: PUT, ", 2),
        ("method: GET, ", 2),
        ("method: PUT, idempotent: false, ", 0),
        ("idempotent: true, ", 2),
        ("idempotent: true, retries: 5, ", 5),
        ("method: GET, retries: 0, ", 0),
    ] {
        let settings = format!("{settings}url: 'http://h', sign: {{key_file: k}}");
        let ActionTemplate::Http { retries, signing_key, .. } = action_of_step("http", &settings) else {
            panic!("not a call")
        };
        assert_eq!(retries, expected, "{settings}");
        assert_eq!(signing_key, Some(SecretSource::File("k".into())));
    }
}

#[test]
fn every_fault_of_a_docker_step_says_where_and_what() {
    let no_name = "is not the name of a container, such as app-1, nor a template";
    let unbounded = "must begin with fixed text or with {{ target }}, which the policy's pattern has checked";
    let key = "must be the fixed name of a label, without = and templates";
    assert_faults(
        "docker",
        &[
            ("name: app", "do", "is required; write what is done to the container: restart, start or stop"),
            ("do: kill, name: app", "do", "'kill' is not one of restart, start, stop"),
            (
                "do: restart",
                "name",
                "is required; write the container's name, for example app or \"app-{{ labels.shard }}\", or its label",
            ),
            ("do: restart, name: 'app*'", "name", no_name),
            ("do: restart, name: /app", "name", no_name),
            ("do: restart, name: '{{ labels.name }}'", "name", unbounded),
            ("do: restart, name: '{% if target %}a{% endif %}'", "name", unbounded),
            (
                "do: restart, name: app, label: {key: a, value: b}",
                "label",
                "excludes name; keep one of the two",
            ),
            ("do: restart, label: {key: 'a=b', value: b}", "label.key", key),
            ("do: restart, label: {key: '{{ target }}', value: b}", "label.key", key),
            ("do: restart, label: {key: a, value: '{{ labels.b }}'}", "label.value", unbounded),
            (
                "do: restart, name: app, kill_after: 56s",
                "kill_after",
                "must leave 5s of timeout; raise timeout or write less",
            ),
            ("do: restart, name: app, kill_after: 1500ms", "kill_after", "must be whole seconds"),
            ("do: start, name: app, kill_after: 1s", "kill_after", "means nothing for a start; remove it"),
            ("do: stop, name: app, timeout: 1s", "timeout", "must be from 2s to 1h, not 1s"),
        ],
    );
    assert_eq!(
        faults_of("docker: {socket: docker.sock}"),
        ["line 1: docker.socket: must be the absolute path of a socket, for example /var/run/docker.sock"]
    );
}

#[test]
fn a_docker_step_needs_only_what_is_done_and_to_which_container() {
    for (settings, by_name) in [
        ("do: restart, name: app", true),
        ("do: restart, name: '{{ target }}'", true),
        ("do: restart, name: '{{target}}-{{ labels.shard }}'", true),
        ("do: restart, name: 'app-{{ labels.shard }}'", true),
        ("do: restart, label: {key: com.docker.compose.service, value: '{{ target }}'}", false),
    ] {
        let ActionTemplate::Docker(step) = action_of_step("docker", settings) else {
            panic!("not an action on a container")
        };
        assert_eq!((step.operation, step.kill_after), (DockerOperation::Restart, None), "{settings}");
        assert_eq!(step.timeout, Duration::from_secs(60), "{settings}");
        assert_eq!(matches!(step.container, ContainerTemplate::Name(_)), by_name, "{settings}");
    }
    let config = parse("docker: {socket: /run/podman/podman.sock}", &with_url()).unwrap();
    assert_eq!(config.act.docker.socket, Path::new("/run/podman/podman.sock"));
    assert_eq!(parse("", &with_url()).unwrap().act.docker.socket, Path::new("/var/run/docker.sock"));
}
