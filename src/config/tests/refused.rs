//! One tiny bad file per rule, each with its exact message.

use crate::decide::template::{Escape, Template};

use super::*;

/// A file of `testdata` and the one fault that is found in it.
const RULES: &[(&str, &str)] = &[
    (
        "alertmanager_without_url",
        "line 1: alertmanager.url: is required; write the address of the server, for example http://localhost:9093, or remove the section",
    ),
    ("alias_bomb", "line 1: uses aliases far more often than it has values; write them out"),
    ("authorization_basic", "line 2: prometheus.authorization.type: must not be Basic; use basic_auth"),
    (
        "authorization_of_an_action",
        "line 7: remediation.policies[0].steps[0].http.authorization.type: must be Bearer; an action knows no other scheme",
    ),
    (
        "authorization_with_secret_in_type",
        "line 2: prometheus.authorization.type: must be the name of a scheme alone, for example Bearer",
    ),
    (
        "basic_auth_and_authorization",
        "line 3: prometheus.authorization: excludes basic_auth; keep one of the two",
    ),
    (
        "basic_auth_name_with_colon",
        "line 2: prometheus.basic_auth.username: must not hold a colon: it ends the name in basic auth",
    ),
    (
        "basic_auth_without_password",
        "line 2: prometheus.basic_auth.password_file: is required; name a file, or with password_env an environment variable, that holds it",
    ),
    ("cert_without_key", "line 2: prometheus.tls_config.cert_file: needs key_file beside it"),
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
        "data_range",
        "line 2: queries[0].data_range: begins at 1, which is not below its end 0; write the lowest and the highest value that can be, for example [0, 1] or [0, .inf]",
    ),
    (
        "data_range_of_one",
        "line 2: queries[0].data_range: must be a list of two numbers, not of 1; write the lowest and the highest value that can be, for example [0, 1] or [0, .inf]",
    ),
    (
        "data_range_of_text",
        "line 2: queries[0].data_range: must be a list of two numbers, not text; write the lowest and the highest value that can be, for example [0, 1] or [0, .inf]",
    ),
    ("min_duration", "line 2: queries[0].min_duration: must be from 0s to 7h, not 8h"),
    (
        "min_relative_deviation",
        "line 2: queries[0].min_relative_deviation: must be a finite number of at least 0, not -0.1",
    ),
    (
        "scoring_time_zone",
        "line 1: scoring.time_zone: names no time zone known here: 'Mars/Olympus'; write for example Europe/Berlin or UTC",
    ),
    ("direction", "line 2: queries[0].direction: 'up' is not one of above, below, both"),
    ("duplicate_key", "line 4: scoring.interval: is given twice, first on line 2; keep one of the two"),
    ("duration_of_a_kind", "line 1: scoring.interval: must be a duration such as 30s, 5m or 14d, not a list"),
    ("duration_too_long", "line 1: scoring.interval: must be from 1s to 1d, not 2d"),
    (
        "duration_without_unit",
        "line 1: scoring.interval: is a duration without a unit; write for example 30s, 5m or 14d",
    ),
    ("empty_text", "line 2: queries[0].expr: must not be empty"),
    (
        "false_alarms",
        "line 2: queries[0].false_alarms: 'seldom' is not a rate; write a count and a window, for example '1 per 30d' or '3/1h'",
    ),
    (
        "false_alarms_every_sample",
        "line 2: queries[0].false_alarms: allows every sample to alarm, as one comes each 1m; write fewer, for example 1 per 30d",
    ),
    ("header_name", r#"line 2: prometheus.headers."a b": is not the name of a header"#),
    ("header_of_the_client", "line 2: prometheus.headers.Host: is set by the client itself; remove it"),
    ("header_twice", "line 4: prometheus.headers.a: is given twice; keep one of the two"),
    ("header_value", "line 2: prometheus.headers.A: must not hold line breaks or other control characters"),
    (
        "header_with_secret",
        "line 2: prometheus.headers.Authorization: holds a secret, and headers are shown as they are; use authorization",
    ),
    (
        "history_shorter_than_interval",
        "line 1: scoring.history: must not be shorter than scoring.interval, which is 1h",
    ),
    (
        "hold_with_no_matchers",
        "line 1: scoring.hold_learning.while_firing: must not be empty; write at least one matcher, for example severity=\"critical\"",
    ),
    (
        "hold_without_matchers",
        "line 1: queries[0].hold_learning.while_firing: is required; write at least one matcher, for example severity=\"critical\"",
    ),
    (
        "holiday_date",
        "line 2: queries[0].holidays[0].dates[0]: is not a date: 'christmas'; write for example 2026-12-25",
    ),
    ("holiday_window", "line 2: queries[0].holidays[0].lower_window: must be from -30 to 0, not 1"),
    (
        "http_body_with_get",
        "line 7: remediation.policies[0].steps[0].http.body: is not sent with GET; use POST or remove it",
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
        "inline_credentials",
        "line 2: prometheus.authorization.credentials: must not stand in the file; put it in a file of its own and name that with credentials_file, or in an environment variable and name that with credentials_env",
    ),
    (
        "inline_password",
        "line 2: prometheus.basic_auth.password: must not stand in the file; put it in a file of its own and name that with password_file, or in an environment variable and name that with password_env",
    ),
    (
        "inline_token",
        "line 3: web.tokens[0].token: must not stand in the file; put it in a file of its own and name that with token_file, or in an environment variable and name that with token_env",
    ),
    ("key_without_cert", "line 2: prometheus.tls_config.key_file: needs cert_file beside it"),
    ("list_not_a_list", "line 1: queries: must be a list, not a mapping"),
    (
        "maintenance_day",
        "line 1: scoring.maintenance[0].weekdays[0]: 'sun' is not one of monday, tuesday, wednesday, thursday, friday, saturday, sunday",
    ),
    ("maintenance_ends_before_it_starts", "line 1: scoring.maintenance[0].ends: must be after starts"),
    ("maintenance_from_midnight", "line 1: scoring.maintenance[0].from: must be before '24:00'"),
    (
        "maintenance_local_time",
        "line 1: scoring.maintenance[0].from: must be a local time in quotes, from '00:00' to '24:00'",
    ),
    ("maintenance_name", "line 1: scoring.maintenance[0].name: must have at most 64 bytes"),
    (
        "maintenance_time",
        "line 1: scoring.maintenance[0].starts: must be a time with its offset from UTC, as in 2026-11-28T22:00:00Z",
    ),
    ("maintenance_too_many", "line 2: scoring.maintenance: has more than 100 windows; join some"),
    (
        "maintenance_without_days",
        "line 1: scoring.maintenance[0].weekdays: is required; write the days it begins on, for example [saturday, sunday], or starts and ends for once",
    ),
    (
        "maintenance_without_length",
        "line 1: scoring.maintenance[0].to: must differ from from; '00:00' to '24:00' is the whole day",
    ),
    (
        "matcher",
        r#"line 4: remediation.policies[0].matchers[0]: 'AppDown' is not a matcher; write a label name, one of = != =~ !~ and a quoted value, for example severity=~"critical|page""#,
    ),
    (
        "matcher_pattern",
        r#"line 4: remediation.policies[0].matchers[0]: the pattern of 'alertname=~"("' is not a regular expression: error: unclosed group"#,
    ),
    ("min_deviation_nan", "line 2: queries[0].min_deviation: must be a finite number of at least 0, not NaN"),
    (
        "min_deviation_negative",
        "line 2: queries[0].min_deviation: must be a finite number of at least 0, not -1",
    ),
    ("model", "line 2: queries[0].model: 'prophecy' is not one of auto, seasonal, prophet"),
    (
        "model_budget",
        "line 3: models[0].false_alarms: allows every sample to alarm, as one comes each 1m; write fewer, for example 1 per 30d",
    ),
    ("model_group_by_twice", "line 3: models[0].group_by: names a label twice; keep one of the two"),
    (
        "model_label",
        "line 3: models[0].group_by[0]: is not a label name; write a letter or _, then letters, digits, _, 64 characters at most",
    ),
    (
        "model_name_of_a_preset",
        "line 2: models[0].name: 'node_cpu_busy' is the name of a built-in query already; choose another",
    ),
    (
        "model_name_of_a_query",
        "line 3: models[0].name: 'a' is the name on line 1 already; names must differ, change one",
    ),
    (
        "model_queries_empty",
        "line 3: models[0].queries: must not be empty; name the queries whose series are scored together",
    ),
    (
        "model_query_misspelt",
        "line 3: models[0].queries[1]: 'totl_load' is not the name of a query; did you mean total_load?",
    ),
    ("model_query_twice", "line 3: models[0].queries: names a twice; keep one of the two"),
    (
        "model_query_unknown",
        "line 3: models[0].queries[1]: 'nothing_like_it' is not the name of a query; write one of your queries or of the presets in use",
    ),
    ("model_retrain_every", "line 3: models[0].retrain_every: must be from 1h to 30d, not 5m"),
    ("model_type", "line 3: models[0].type: 'forest' is not one of isolation_forest, pca"),
    (
        "model_without_group_by",
        "line 3: models[0].group_by: is required; name the labels that the series of a group share, for example [instance]; [] makes all of them one group",
    ),
    (
        "time_zone",
        "line 2: queries[0].time_zone: names no time zone known here: 'Mars/Olympus'; write for example Europe/Berlin or UTC",
    ),
    ("misspelt_required_key", "line 2: queries[0].nam: is not a known key; did you mean name?"),
    ("mode", "line 1: remediation.mode: 'live' is not one of shadow, ask, enforce, earned"),
    ("nested_too_deeply", "line 1: is nested too deeply; no setting is deeper than 32 levels"),
    ("no_value", "line 2: scoring.interval: has no value; give it one or remove it"),
    ("not_a_boolean", "line 2: queries[0].bands: must be true or false without quotes, not text"),
    (
        "not_a_duration",
        "line 1: scoring.interval: '1 minute' is not a duration; write it as Prometheus does, for example 30s, 5m, 1h30m or 14d",
    ),
    ("not_a_mapping", "line 1: must be a mapping of keys to values, not a list"),
    ("not_text", "line 2: queries[0].expr: must be text, not a number; put it in quotes"),
    ("number_negative", "line 1: limits.max_series: must be from 1 to 10000000, not -1"),
    ("number_not_whole", "line 1: limits.max_series: must be a whole number from 1 to 10000000, not 1.5"),
    ("number_too_large", "line 1: web.max_connections: must be from 1 to 100000, not 1000000"),
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
    ("preset_twice", "line 1: presets[1]: is given twice; keep one of the two"),
    (
        "query_name",
        "line 2: queries[0].name: is not a query's name; write a letter or _, then letters, digits, _, 64 characters at most",
    ),
    (
        "query_name_twice",
        "line 3: queries[1].name: 'a' is the name on line 2 already; names must differ, change one",
    ),
    ("query_without_expr", "line 2: queries[0].expr: is required; write the PromQL expression to watch"),
    (
        "secret_as_variable_name",
        "line 2: prometheus.authorization.credentials_env: is not the name of an environment variable; write letters, digits and _",
    ),
    (
        "secret_in_two_places",
        "line 2: prometheus.authorization.credentials_env: excludes credentials_file; keep one of the two",
    ),
    ("section_not_a_mapping", "line 1: scoring: must be a mapping of keys to values, not text"),
    ("size_too_small", "line 1: web.max_body_size: must be from 1KiB to 1GiB, not 1B"),
    (
        "size_with_decimal_unit",
        "line 1: web.max_body_size: must be a size in B, KiB, MiB or GiB, for example 16MiB",
    ),
    (
        "size_without_unit",
        "line 1: web.max_body_size: must be a size in B, KiB, MiB or GiB, for example 16MiB",
    ),
    (
        "step_with_two_actions",
        "line 8: remediation.policies[0].steps[0].http: excludes command; make two steps of it",
    ),
    (
        "step_without_action",
        "line 7: remediation.policies[0].steps[0].command: is required unless there is one of http, ec2, systemd; write what shall be done",
    ),
    (
        "storm",
        "line 1: remediation.storm.total: must be a count per window such as '1 per 30d', not a number",
    ),
    (
        "syntax",
        "line 2: is not valid YAML: did not find expected ',' or '}' at line 2 column 8, while parsing a flow mapping at line 1 column 10",
    ),
    (
        "syntax_tab",
        "line 2: is not valid YAML: found character that cannot start any token at line 2 column 1, while scanning for the next token",
    ),
    ("tag_that_does_not_fit", "line 2: is not valid YAML: a tag does not fit its value in column 39"),
    (
        "tagged_value",
        "line 1: scoring.interval: must be a duration such as 30s, 5m or 14d, not a value with a tag",
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
        "token_name_twice",
        "line 4: web.tokens[1].name: 'a' is the name on line 3 already; names must differ, change one",
    ),
    (
        "token_unknown_scope",
        "line 3: web.tokens[0].scopes[0]: 'write' is not one of read, alerts, chat, operate",
    ),
    (
        "token_with_no_scopes",
        "line 3: web.tokens[0].scopes: must not be empty; write what the token may do: read, alerts, chat, operate",
    ),
    (
        "token_without_scopes",
        "line 3: web.tokens[0].scopes: is required; write what the token may do: read, alerts, chat, operate",
    ),
    ("two_documents", "line 1: holds more than one document; keep one of them"),
    ("unknown_anchor", "line 1: is not valid YAML: unknown anchor at line 1 column 10"),
    ("unknown_key", "line 1: scorng: is not a known key; did you mean scoring?"),
    (
        "unknown_key_far",
        "line 2: web.colour: is not a known key; known here: allow_unauthenticated, body_timeout, drain_timeout, header_timeout, max_body_size, max_connections, tokens",
    ),
    ("unknown_preset", "line 1: presets[1]: 'disk' is not one of node, up, http"),
    (
        "url_not_a_url",
        "line 1: alertmanager.url: is not a URL such as http://localhost:9090: invalid port number",
    ),
    ("url_scheme", "line 1: alertmanager.url: must begin with http:// or https://"),
    (
        "url_with_password",
        "line 1: alertmanager.url: must not hold a user or a password; give them with basic_auth",
    ),
    ("url_with_query", "line 1: alertmanager.url: must end with its path; remove what follows ? or #"),
    (
        "vanished_before_the_next_sample",
        "line 1: scoring.vanished_after: must not be shorter than scoring.interval, which is 1h",
    ),
    (
        "verify_within_zero",
        "line 8: remediation.policies[0].steps[0].verify.within: must be from 1s to 1d, not 0s",
    ),
    (
        "verify_without_expr",
        "line 8: remediation.policies[0].steps[0].verify.expr: is required; write a PromQL expression that returns something once the step has helped",
    ),
];

/// Files with tests of their own.
const OTHERS: &[&str] = &["template", "ten_mistakes", "ec2_without_support"];

pub(super) fn faults_in(name: &str) -> Vec<String> {
    faults_of(&std::fs::read_to_string(testdata().join(format!("{name}.yml"))).unwrap())
}

#[test]
fn every_rule_says_exactly_this() {
    for (name, expected) in RULES {
        assert_eq!(faults_in(name), [*expected], "{name}.yml");
    }
}

#[test]
fn every_bad_file_is_the_proof_of_a_rule() {
    for file in std::fs::read_dir(testdata()).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_used = RULES.iter().chain(aws::RULES).any(|(rule, _)| *rule == name) || OTHERS.contains(&name);
        assert!(is_used, "{} is in no test", path.display());
    }
}

/// The sentence is the template module's own.
#[test]
fn a_template_is_compiled_when_the_file_is_read() {
    let error = Template::compile("{{ target", Escape::Argument).unwrap_err();
    let path = "remediation.policies[0].steps[0].command.argv[1]";
    assert_eq!(faults_in("template"), [format!("line 7: {path}: {error}")]);
}

#[test]
fn ten_mistakes_are_ten_faults_each_on_its_line() {
    let faults = faults_in("ten_mistakes");
    let expected = [
        "line 3: prometheus.url: ",
        "line 4: prometheus.timeout: ",
        "line 5: prometheus.basic_auth.password: ",
        "line 7: scoring.intervall: ",
        "line 11: queries[0].direction: ",
        "line 12: queries[1].name: ",
        "line 16: remediation.mode: ",
        "line 19: remediation.policies[0].matchers[0]: ",
        "line 20: remediation.policies[0].target.pattern: ",
        "line 22: remediation.policies[0].steps[0].command.argv[0]: ",
    ];
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
    for (fault, expected) in faults.iter().zip(expected) {
        assert!(fault.starts_with(expected), "{fault}");
    }
}

#[test]
fn no_fault_repeats_a_secret() {
    for (name, _) in RULES.iter().chain(aws::RULES) {
        let text = std::fs::read_to_string(testdata().join(format!("{name}.yml"))).unwrap();
        let faults = parse(&text, &with_url()).unwrap_err();
        for secret in ["hunter2", "hunter-2"] {
            assert!(!format!("{faults}{faults:?}").contains(secret), "{name}.yml");
        }
    }
}
