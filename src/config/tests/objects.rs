//! Policies whose steps act on one object, whichever target the alert names.

use super::faults_of;

/// The faults of a policy for targets of this pattern, with one step.
fn faults(pattern: &str, settings: &str, step: &str) -> Vec<String> {
    let text = format!(
        "kubernetes: {{namespaces: [shop]}}\n\
         remediation:\n\
        \x20 policies:\n\
        \x20   - name: a\n\
        \x20     matchers: [alertname=A]\n\
        \x20     target: {{label: instance, pattern: '{pattern}'}}\n\
        \x20     {settings}\n\
        \x20     steps: [{{command: {{argv: [/bin/true]}}}}, {{{step}}}]\n"
    );
    let faults = faults_of(&text).into_iter();
    faults.filter(|fault| !fault.contains("cannot be done: this build has no")).collect()
}

const MANY: &str = "web\\d+:80";

#[test]
fn an_object_that_is_the_same_for_every_target_needs_a_policy_of_its_own() {
    for (step, object) in [
        ("systemd: {do: restart, unit: app.service}", "app.service"),
        ("docker: {do: restart, name: app}", "app"),
        ("docker: {do: restart, label: {key: service, value: shop}}", "shop"),
        ("ec2: {do: reboot, instance_id: i-1234abcd}", "i-1234abcd"),
        ("ec2: {do: reboot, tag: {key: Name, value: web}}", "web"),
        ("ec2: {do: reboot, private_ip: 10.0.0.5}", "10.0.0.5"),
        ("ssm: {commands: [id], instance_id: i-1234abcd}", "i-1234abcd"),
        ("autoscaling: {group: web, up: 1}", "web"),
        ("kubernetes: {do: restart, namespace: shop, deployment: web}", "web"),
        ("kubernetes: {do: delete, namespace: shop, pod: web-1}", "web-1"),
    ] {
        let message = format!(
            "line 6: remediation.policies[0].target: has a pattern for more than one target, but steps[1] acts on {object} \
             whichever it is; write the one target that it belongs to, for example localhost:8080 (and \\. for a dot), \
             or name the object by {{{{ target }}}}"
        );
        assert_eq!(faults(MANY, "", step), [message], "{step}");
        assert_eq!(faults("localhost:80", "", step), [""; 0], "one target: {step}");
    }
}

#[test]
fn what_tells_targets_apart_or_changes_nothing_is_for_any_number_of_them() {
    for (settings, step) in [
        ("", "systemd: {do: restart, unit: 'app@{{ labels.shard }}.service'}"),
        ("", "docker: {do: restart, name: 'app-{{ labels.shard }}'}"),
        ("", "ec2: {do: reboot, instance_id: '{{ target }}'}"),
        ("", "command: {argv: [/usr/bin/systemctl, restart, app.service]}"),
        ("class: harmless", "ssm: {commands: [df], instance_id: i-1234abcd}"),
    ] {
        assert_eq!(faults(MANY, settings, step), [""; 0], "{step}");
    }
}
