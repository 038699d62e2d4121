//! What is accepted, and what it means.

use std::time::Duration;

use crate::decide::{ActionTemplate, ConfirmWith, Mode};
use crate::detect::{DataRange, GroupKind, Narrowing};
use crate::http_client::Authorization;
use crate::journal::Place;
use crate::model::{Direction, SecretSource};
use crate::scoring::Query;

use super::*;

fn names(queries: &[Query]) -> Vec<&str> {
    queries.iter().map(|query| query.name.as_str()).collect()
}

#[test]
fn the_shipped_example_is_valid_and_changes_nothing() {
    let config = loaded(&example(), Overrides::default()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.remediation.mode, Mode::Shadow);
    let in_shadow = |mode: Option<Mode>| mode.is_none_or(|mode| mode == Mode::Shadow);
    assert!(config.remediation.policies.iter().all(|policy| in_shadow(policy.mode)));
}

#[test]
fn what_compose_the_package_and_kubernetes_begin_with_is_valid_and_in_the_shadow() {
    for place in ["compose", "debian", "kubernetes/base", "kubernetes/example"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(place).join("smartcloudops.yml");
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let config = parse(&in_this_build(&text), &Overrides::default());
        let config = config.unwrap_or_else(|faults| panic!("{}: {faults}", file.display()));
        assert_eq!(config.remediation.mode, Mode::Shadow, "{place}");
    }
}

#[test]
fn the_shipped_example_states_the_defaults() {
    let example = loaded(&example(), Overrides::default()).unwrap();
    let plain = good("alertmanager: {url: http://localhost:9093}");
    assert_eq!(example.prometheus, plain.prometheus);
    assert_eq!(example.alertmanager, plain.alertmanager);
    assert_eq!(example.journal, plain.journal);
    assert_eq!(example.http, plain.http);
    assert_eq!(example.chat, plain.chat);
    let (scoring, expected) = (example.scoring, plain.scoring);
    assert_eq!(crate::scoring::Config { queries: expected.queries.clone(), ..scoring }, expected);
    let (remediation, expected) = (example.remediation, plain.remediation);
    assert_eq!(remediation.storm, expected.storm);
    assert_eq!(remediation.startup_grace, expected.startup_grace);
    assert_eq!(remediation.max_in_flight, expected.max_in_flight);
    let policy = &remediation.policies[0];
    assert_eq!(policy.confirm_with, remediation.policies[1].confirm_with);
    assert_eq!(policy.budgets, remediation.policies[1].budgets);
    assert_eq!(remediation.budgets, expected.budgets);
}

#[test]
fn the_settings_commented_out_in_the_example_are_valid_too() {
    let text = std::fs::read_to_string(example()).unwrap();
    let comment = regex::Regex::new(r"(?m)^( *)#(\S|  +\S)").unwrap();
    let uncommented = comment.replace_all(&text, "$1$2");
    let config = good(&in_this_build(&uncommented));
    assert_eq!(config.prometheus.http.headers, [("X-Scope-OrgID".to_owned(), "team-a".to_owned())]);
    assert!(config.prometheus.http.authorization.is_some() && config.prometheus.http.tls.cert_file.is_some());
    assert!(config.alertmanager.unwrap().http.basic_auth.is_some());
    let loki = config.loki.unwrap();
    let defaults = crate::loki::Config::new(loki.url.clone());
    assert_eq!(
        crate::loki::Config { http: defaults.http.clone(), ..loki },
        defaults,
        "the example states the defaults"
    );
    assert_eq!(config.http.tokens.len(), 2);
    assert_eq!(config.scoring.models.iter().map(|model| model.members.len()).collect::<Vec<_>>(), [3, 4]);
    let ActionTemplate::Http { bearer, .. } = &config.remediation.policies[1].steps[0].action else {
        panic!("not an HTTP action")
    };
    assert!(bearer.is_some());
    assert_eq!(config.act.aws.region.as_deref(), Some("us-east-1"));
    assert!(config.act.aws.endpoint_url.is_some());
    assert_eq!(config.llm.map(|llm| llm.model).as_deref(), Some("gpt-5-mini"));
    for name in ["restart-workload", "reboot-instance", "grow-group", "clear-cache"] {
        assert!(config.remediation.policies.iter().any(|policy| *policy.name == *name), "{name}");
    }
}

/// The example has steps that a build without AWS or Kubernetes refuses.
fn in_this_build(example: &str) -> std::borrow::Cow<'_, str> {
    let refused = match (cfg!(feature = "aws"), cfg!(feature = "kubernetes")) {
        (true, true) => return example.into(),
        (true, false) => "kubernetes",
        (false, true) => "ec2|autoscaling|ssm",
        (false, false) => "ec2|autoscaling|ssm|kubernetes",
    };
    let steps = regex::Regex::new(&format!("(?m)- ({refused}): \\{{.*\\}}$")).unwrap();
    steps.replace_all(example, "- command: {argv: [/bin/true]}")
}

#[test]
fn without_a_file_the_presets_are_watched() {
    let config = load(Source { file: None, overrides: with_url() }).unwrap();
    let names = names(&config.scoring.queries);
    for expected in ["node_cpu_busy", "up_targets_down", "http_error_ratio"] {
        assert!(names.contains(&expected), "{expected}");
    }
    assert_eq!(config.prometheus.url.as_str(), "http://localhost:9090/");
    assert_eq!(config.journal.place, Place::File("data/journal.sqlite".into()));
}

#[test]
fn without_an_address_the_fault_names_both_places_for_it() {
    let faults = load(Source { file: None, overrides: Overrides::default() }).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "prometheus.url: is required; write the address of the server, for example http://localhost:9090, \
         here or in the flag --prometheus.url"
    );
}

#[test]
fn a_flag_wins_over_the_file() {
    let config = good("prometheus: {url: http://elsewhere:9090, timeout: 5s}");
    assert_eq!(config.prometheus.url.as_str(), "http://localhost:9090/");
    assert_eq!(config.prometheus.timeout, Duration::from_secs(5));
}

#[test]
fn what_is_wrong_with_a_flag_is_said_of_the_flag() {
    let overrides = Overrides {
        prometheus_url: Some("http://user:hunter2@localhost".to_owned()),
        listen_address: "localhost".to_owned(),
        ..Overrides::default()
    };
    assert_eq!(
        parse("scorng: {}", &overrides).unwrap_err().to_string(),
        "--prometheus.url: must not hold a user or a password; give them with basic_auth\n\
         --web.listen-address: is not an address to listen on; write host:port, for example 127.0.0.1:9494\n\
         line 1: scorng: is not a known key; did you mean scoring?"
    );
}

#[test]
fn relative_files_start_from_the_folder_of_the_configuration() {
    let text =
        "prometheus:\n  authorization: {credentials_file: a/token}\n  tls_config: {ca_file: /etc/ca.pem}\n";
    let file = Some((PathBuf::from("/etc/smartcloudops/config.yml"), text.to_owned()));
    let http = load(Source { file, overrides: with_url() }).unwrap().prometheus.http;
    let credentials = SecretSource::File(PathBuf::from("/etc/smartcloudops/a/token"));
    assert_eq!(http.authorization, Some(Authorization { scheme: "Bearer".to_owned(), credentials }));
    assert_eq!(http.tls.ca_file, Some(PathBuf::from("/etc/ca.pem")));
}

#[test]
fn aliases_and_merge_keys_are_followed() {
    let config = good(
        "queries:\n\
         - &cpu {name: a, expr: up, direction: above, min_deviation: 2}\n\
         - {<<: *cpu, name: b, min_deviation: 3}\n\
         alertmanager: {url: &url 'http://localhost:9093', headers: {X-From: *url}}\n",
    );
    let query = &config.scoring.queries[1];
    assert_eq!(
        (query.name.as_str(), query.expr.as_str(), query.detect.narrowing.min_deviation),
        ("b", "up", 3.0)
    );
    assert_eq!(config.alertmanager.unwrap().http.headers[0].1, "http://localhost:9093");
}

#[test]
fn a_fault_behind_an_alias_has_the_line_where_it_is_written() {
    let faults = faults_of(
        "web:\n\
         \x20 header_timeout: &slow 1 hour\n\
         scoring:\n\
         \x20 interval: 1m\n\
         queries:\n\
         - &base\n\
         \x20 name: a\n\
         \x20 expr: up\n\
         \x20 bands: 1\n\
         - {<<: *base, name: b}\n",
    );
    let places: Vec<&str> = faults.iter().map(|fault| fault.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["line 2", "line 9", "line 9"]);
    assert!(faults[2].contains("queries[1].bands"), "{}", faults[2]);
}

#[test]
fn a_query_says_which_anomalies_count() {
    let config = good(
        "queries:\n\
         - {name: a, expr: up, direction: below, min_deviation: 1, min_relative_deviation: 0.1, data_range: [0, .inf], min_duration: 10m}\n\
         - {name: b, expr: up}\n",
    );
    let [a, b] = &config.scoring.queries[..2] else { panic!("two queries") };
    let expected = Narrowing {
        direction: Direction::Below,
        min_deviation: 1.0,
        min_relative_deviation: 0.1,
        data_range: DataRange::new(0.0, f64::INFINITY).unwrap(),
        min_duration: Duration::from_secs(600),
    };
    assert_eq!((a.detect.narrowing, b.detect.narrowing), (expected, Narrowing::default()));
}

#[test]
fn the_usual_time_zone_is_that_of_every_query_that_names_none() {
    let config = good(
        "scoring: {time_zone: Europe/Berlin}\npresets: [up]\n\
         queries: [{name: a, expr: up}, {name: b, expr: up, time_zone: Asia/Tokyo}]\n",
    );
    for query in config.scoring.queries {
        let expected = if query.name == "b" { "Asia/Tokyo" } else { "Europe/Berlin" };
        assert_eq!(query.detect.time_zone.iana_name(), Some(expected), "{}", query.name);
    }
}

#[test]
fn an_own_query_takes_the_place_of_the_preset_of_its_name() {
    let config = good("presets: [up]\nqueries: [{name: up_targets, expr: sum(up)}, {name: mine, expr: up}]");
    assert_eq!(
        names(&config.scoring.queries),
        ["up_targets", "mine", "up_targets_down", "up_scrape_seconds"]
    );
    assert_eq!(config.scoring.queries[0].expr, "sum(up)");
}

#[test]
fn a_model_takes_its_queries_from_the_file_and_the_presets() {
    let models = good(
        "presets: [up]\nqueries: [{name: mine, expr: sum(up)}]\nmodels:\n\
         - {name: all, type: pca, queries: [up_targets, mine], group_by: [], false_alarms: 1 per 7d}\n\
         - {name: host, type: isolation_forest, queries: [mine], group_by: [instance, job]}\n",
    )
    .scoring
    .models;
    let members = |index: usize| {
        let members = models[index].members.iter().map(|member| member.name.as_str());
        members.collect::<Vec<_>>()
    };
    assert_eq!((members(0), members(1)), (vec!["up_targets", "mine"], vec!["mine"]));
    assert_eq!(models[0].members[1].expr, "sum(up)");
    assert_eq!((models[0].kind, models[1].kind), (GroupKind::Pca, GroupKind::IsolationForest));
    assert_eq!((models[0].group_by.len(), models[1].group_by.join(" ")), (0, "instance job".to_owned()));
    assert_eq!(models[0].detect.false_alarms, "1 per 7d".parse().unwrap());
    assert_eq!(models[1].detect.false_alarms, "1 per 30d".parse().unwrap());
    assert_eq!(models[1].retrain_every, Duration::from_secs(86_400));
}

#[test]
fn an_empty_list_of_presets_is_none_and_an_empty_file_has_them_all() {
    assert!(good("presets: []").scoring.queries.is_empty());
    let all = good("").scoring.queries.len();
    assert!(all > 10);
    for text in ["# nothing\n", "---\n", "presets:\n", "queries: []", "\u{feff}scoring: {}\r\n"] {
        assert_eq!(good(text).scoring.queries.len(), all, "{text:?}");
    }
}

#[test]
fn a_query_s_own_alerts_take_the_place_of_those_of_all() {
    let config = good(
        r#"
scoring: {hold_learning: {while_firing: ['severity="critical"']}}
presets: [up]
queries:
  - {name: a, expr: a}
  - {name: b, expr: b, hold_learning: {while_firing: ['alertname="B"', 'team=~"x|y"'], on: [instance]}}
"#,
    );
    let exprs: Vec<String> =
        config.scoring.queries.iter().flat_map(|query| &query.while_firing).map(|held| held.expr()).collect();
    let of_all = r#"count by () (ALERTS{alertstate="firing",severity="critical"})"#;
    let own = r#"count by (instance) (ALERTS{alertstate="firing",alertname="B",team=~"x|y"})"#;
    assert_eq!(exprs[..2], [of_all, own]);
    assert!(exprs.len() > 2 && exprs[2..].iter().all(|expr| expr == of_all), "{exprs:?}");
}

#[test]
fn maintenance_is_once_or_every_week() {
    let config = good(
        r#"
scoring:
  maintenance:
    - {name: once, starts: 2026-11-28T22:00:00Z, ends: 2026-11-29T02:00:00+01:00}
    - {name: weekly, weekdays: [saturday], from: '23:30', to: '24:00', time_zone: Europe/Berlin}
"#,
    );
    let open = |at: &str| {
        let covers = |window: &&crate::model::MaintenanceWindow| window.covers(at.parse().unwrap());
        config.scoring.maintenance.iter().find(covers).map(|window| window.name.clone())
    };
    for (at, name) in [
        ("2026-11-28T21:00:00Z", None),
        ("2026-11-28T22:00:00Z", Some("once")),
        ("2026-11-29T01:00:00Z", None),
        ("2026-12-05T22:30:00Z", Some("weekly")),
        ("2026-12-05T23:00:00Z", None),
    ] {
        assert_eq!(open(at).as_deref(), name, "{at}");
    }
}

#[test]
fn a_series_is_judged_for_so_many_evaluations_that_its_absence_can_be_an_event() {
    assert_eq!(good("scoring: {interval: 1h}").scoring.vanished_after, Duration::from_secs(10 * 3600));
    assert_eq!(good("").scoring.vanished_after, Duration::from_secs(600));
}

#[test]
fn whoever_is_configured_confirms_unless_told_otherwise() {
    let policy = std::fs::read_to_string(testdata().join("policy_without_steps.yml")).unwrap();
    let policy = format!("{policy}      steps: [{{command: {{argv: [/bin/true]}}}}]\n");
    let alertmanager = "alertmanager: {url: http://localhost:9093}\n";
    let confirmers = |text: &str| good(text).remediation.policies[0].confirm_with.clone();
    assert_eq!(*confirmers(&policy), [ConfirmWith::Prometheus]);
    assert_eq!(
        *confirmers(&format!("{policy}{alertmanager}")),
        [ConfirmWith::Alertmanager, ConfirmWith::Prometheus]
    );
}

#[test]
fn environment_variables_are_not_expanded() {
    let config = good("presets: []\nqueries: [{name: a, expr: 'up{home=\"$HOME${HOME}\"}'}]");
    assert_eq!(config.scoring.queries[0].expr, "up{home=\"$HOME${HOME}\"}");
}

#[test]
fn printing_a_configuration_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["password", "token", "hook"] {
        std::fs::write(folder.path().join(file), "hunter2\n").unwrap();
    }
    let text = "prometheus: {basic_auth: {username: u, password_file: password}}\n\
                web: {tokens: [{name: a, token_file: token, scopes: [read]}]}\n\
                remediation:\n  policies:\n  - name: p\n    matchers: [a=b]\n    \
                target: {label: instance, pattern: .+}\n    \
                steps: [{http: {url: 'http://h/', authorization: {credentials_file: hook}}}]\n";
    let path = folder.path().join("config.yml");
    std::fs::write(&path, text).unwrap();
    let config = loaded(&path, with_url()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.http.tokens[0].secret.read().unwrap().expose(), "hunter2");
    assert!(!format!("{config:?}{config:#?}").contains("hunter2"));
}

#[test]
fn holidays_are_written_as_prophet_has_them() {
    let config = good(
        "queries: [{name: a, expr: up, model: prophet, holidays: [\
         {name: christmas, dates: [2025-12-25, 2026-12-25], lower_window: -1, upper_window: 2}, {name: x, dates: [2026-05-01]}]}]",
    );
    let query = &config.scoring.queries[0];
    assert_eq!(query.model, crate::detect::Model::Prophet);
    let [christmas, other] = &query.detect.holidays[..] else { panic!("{:?}", query.detect.holidays) };
    assert_eq!((christmas.name.as_str(), christmas.dates.len()), ("christmas", 2));
    assert_eq!((christmas.days_before, christmas.days_after), (1, 2));
    assert_eq!((other.days_before, other.days_after), (0, 0));
}
