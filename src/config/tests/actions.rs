//! Steps, each fault with its exact message; the settings beside them.

use std::time::Duration;

use crate::decide::ActionTemplate;
use crate::model::SystemdOperation;

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
