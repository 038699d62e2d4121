//! What is refused of policies and of what holds for all of them.

/// A file of `testdata` and the one fault that is found in it.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "authorization_of_an_action",
        "line 7: remediation.policies[0].steps[0].http.authorization.type: must be Bearer; an action knows no other scheme",
    ),
    (
        "command_argument_not_text",
        "line 7: remediation.policies[0].steps[0].command.argv[1]: must be text, not a number; put it in quotes",
    ),
    (
        "command_empty",
        "line 7: remediation.policies[0].steps[0].command.argv: must not be empty; write the program's absolute path and its arguments, one item each",
    ),
    (
        "command_program_template",
        "line 7: remediation.policies[0].steps[0].command.argv[0]: must be a fixed program: only its arguments may hold templates",
    ),
    (
        "command_relative",
        "line 7: remediation.policies[0].steps[0].command.argv[0]: must be an absolute path, for example /usr/bin/systemctl",
    ),
    (
        "command_remote_shell",
        "line 7: remediation.policies[0].steps[0].command.argv: has a shell run what an alert says; call the program itself",
    ),
    (
        "command_shell",
        "line 7: remediation.policies[0].steps[0].command.argv: has a shell run what an alert says; call the program itself",
    ),
    (
        "confirm_with_missing_alertmanager",
        "line 6: remediation.policies[0].confirm_with[0]: needs the address in alertmanager.url",
    ),
    (
        "confirm_with_nobody",
        "line 6: remediation.policies[0].confirm_with: must not be empty; write alertmanager, prometheus or both, or remove it",
    ),
    (
        "confirm_with_twice",
        "line 6: remediation.policies[0].confirm_with[1]: is given twice; keep one of the two",
    ),
    (
        "http_body_with_get",
        "line 7: remediation.policies[0].steps[0].http.body: is not sent with GET; use POST or remove it",
    ),
    (
        "http_header_template",
        "line 7: remediation.policies[0].steps[0].http.headers: are fixed text, and X-Target holds a template",
    ),
    (
        "http_inline_credentials",
        "line 7: remediation.policies[0].steps[0].http.authorization.credentials: must not stand in the file; put it in a file of its own and name that with credentials_file, or in an environment variable and name that with credentials_env",
    ),
    (
        "http_method",
        "line 7: remediation.policies[0].steps[0].http.method: 'DELETE' is not one of POST, PUT, PATCH, GET",
    ),
    ("http_scheme", "line 7: remediation.policies[0].steps[0].http.url: must begin with http:// or https://"),
    (
        "http_server_from_a_label",
        "line 7: remediation.policies[0].steps[0].http.url: must name its server without a template; the path and the query may hold some",
    ),
    (
        "indicator_better",
        "line 6: remediation.policies[0].indicator.better: 'less' is not one of lower, higher",
    ),
    (
        "indicator_peers",
        "line 6: remediation.policies[0].indicator.peers: a value must stand between double quotes, as in instance=\"{{ target }}\"",
    ),
    (
        "indicator_without_better",
        "line 6: remediation.policies[0].indicator.better: is required; write lower or higher: which way it gets better",
    ),
    (
        "indicator_without_expr",
        "line 6: remediation.policies[0].indicator.expr: is required; write PromQL with one number for a target, for example rate(errors_total{instance=\"{{ target }}\"}[1m])",
    ),
    (
        "indicator_without_target",
        "line 7: remediation.policies[0].indicator: has an expr without {{ target }}, so the members of group cannot be measured; write it with {{ target }}, or write peers",
    ),
    (
        "indicator_without_verify",
        "line 6: remediation.policies[0].indicator: is measured at the end of verify.within, and no step has a verify; write one",
    ),
    (
        "matcher",
        r#"line 4: remediation.policies[0].matchers[0]: 'AppDown' is not a matcher; write a label name, one of = != =~ !~ and a quoted value, for example severity=~"critical|page""#,
    ),
    (
        "matcher_pattern",
        r#"line 4: remediation.policies[0].matchers[0]: the pattern of 'alertname=~"("' is not a regular expression: error: unclosed group"#,
    ),
    ("mode", "line 1: remediation.mode: 'live' is not one of shadow, ask, enforce, earned"),
    ("number_too_small", "line 1: remediation.max_in_flight: must be from 1 to 1000, not 0"),
    (
        "per_target",
        "line 6: remediation.policies[0].limits.per_target: '0/1h' is not a rate; write a count and a window, for example '1 per 30d' or '3/1h'",
    ),
    (
        "per_target_too_long",
        "line 6: remediation.policies[0].limits.per_target: must have a window of at most 30d, not 60d",
    ),
    (
        "policy_matches_anything",
        r#"line 4: remediation.policies[0].matchers: match alerts without any labels; write one that needs a value, for example alertname="AppDown""#,
    ),
    (
        "policy_name",
        "line 3: remediation.policies[0].name: is not a name; write a letter or _, then letters, digits, _, - and ., 64 characters at most",
    ),
    (
        "policy_name_twice",
        "line 8: remediation.policies[1].name: 'a' is the name on line 3 already; names must differ, change one",
    ),
    (
        "policy_with_no_matchers",
        r#"line 4: remediation.policies[0].matchers: must not be empty; write at least one matcher, for example alertname="AppDown""#,
    ),
    (
        "policy_without_matchers",
        r#"line 3: remediation.policies[0].matchers: is required; write at least one matcher, for example alertname="AppDown""#,
    ),
    (
        "policy_without_steps",
        "line 3: remediation.policies[0].steps: is required; write at least one step, for example with command or http",
    ),
    (
        "policy_without_target",
        "line 3: remediation.policies[0].target: is required; name the label that holds the target, and the pattern a target matches",
    ),
    (
        "step_with_two_actions",
        "line 8: remediation.policies[0].steps[0].http: excludes command; make two steps of it",
    ),
    (
        "step_without_action",
        "line 7: remediation.policies[0].steps[0].command: is required unless there is one of http, ec2, autoscaling, ssm, kubernetes, systemd, docker, alertmanager; write what shall be done",
    ),
    (
        "storm",
        "line 1: remediation.storm.total: must be a count per window such as '1 per 30d', not a number",
    ),
    (
        "target_label",
        "line 5: remediation.policies[0].target.label: is not a label name; write a letter or _, then letters, digits, _, 64 characters at most",
    ),
    (
        "target_pattern",
        "line 5: remediation.policies[0].target.pattern: is not a regular expression: unclosed character class",
    ),
    (
        "target_pattern_matches_nothing_named",
        "line 5: remediation.policies[0].target.pattern: matches empty text; write what a target looks like, for example [a-z0-9.-]+",
    ),
    (
        "target_pattern_unbalanced",
        "line 5: remediation.policies[0].target.pattern: is not a regular expression: unopened group",
    ),
    (
        "target_without_label",
        "line 5: remediation.policies[0].target.label: is required; name the label that holds the target",
    ),
    ("text_in_a_list", "line 4: remediation.protected[1]: must be text, not a list"),
    (
        "verify_for_without_expr",
        "line 8: remediation.policies[0].steps[0].verify.for: needs an expr that holds for so long; remove it",
    ),
    (
        "verify_for_too_long",
        "line 8: remediation.policies[0].steps[0].verify.for: must not be longer than within",
    ),
    (
        "verify_within_zero",
        "line 8: remediation.policies[0].steps[0].verify.within: must be from 1s to 1d, not 0s",
    ),
];
