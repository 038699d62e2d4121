//! What is refused of the file itself, and of servers, addresses and secrets.

/// A file of `testdata` and the one fault that is found in it.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "alertmanager_without_url",
        "line 1: alertmanager.url: is required; write the address of the server, for example http://localhost:9093, or remove the section",
    ),
    ("alias_bomb", "line 1: uses aliases far more often than it has values; write them out"),
    ("authorization_basic", "line 2: prometheus.authorization.type: must not be Basic; use basic_auth"),
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
    ("chat_calls", "line 1: chat.max_calls: must be from 1 to 16, not 17"),
    ("chat_memory", "line 1: chat.memory.keep_for: must be from 1m to 1d, not 10s"),
    ("chat_question", "line 1: chat.max_question: must be from 20 to 2000, not 5"),
    ("chat_timeout", "line 1: chat.timeout: must be from 1s to 1m, not 2m"),
    ("explain_changes", "line 2: explain.changes: has more than 10 expressions; keep those that tell most"),
    (
        "explain_graph_call_without_callee",
        "line 3: explain.graph.calls[0].to: is required; name whom it calls, for example [api]",
    ),
    (
        "explain_graph_failures_alone",
        "line 4: explain.graph.measures.failures: needs requests beside it: the share of those that fail is ranked",
    ),
    (
        "explain_graph_placeholder",
        r#"line 4: explain.graph.measures.latency: has '{{ service }}"}'; only {{ services }} and {{ window }} are known, written like that"#,
    ),
    (
        "explain_graph_stranger",
        "line 4: explain.graph.services: has 'wbe', which nobody calls and which calls nobody in calls; correct one of the two",
    ),
    (
        "explain_graph_without_calls",
        "line 2: explain.graph.calls: is required without explain.service_map; write who calls whom, for example {from: web, to: [api]}",
    ),
    (
        "explain_graph_without_measures",
        "line 2: explain.graph.measures: is required without a preset; write what is asked of each service, for example latency",
    ),
    (
        "explain_graph_without_numbers",
        "line 4: explain.graph.measures.latency: is required, or requests; nothing is ranked without a number",
    ),
    (
        "explain_service_map_of_two",
        "line 2: explain.service_map.expr: is known by the preset; remove one of the two",
    ),
    (
        "explain_service_map_preset",
        "line 2: explain.service_map.preset: 'linkerd' is not one of tempo, istio",
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
    ("nested_too_deeply", "line 1: is nested too deeply; no setting is deeper than 32 levels"),
    (
        "loki_label",
        "line 2: logs.loki.label: is not a label name; write a letter or _, then letters, digits, _, 64 characters at most",
    ),
    ("loki_timeout", "line 2: logs.loki.timeout: must be from 1ms to 25s, not 1m"),
    (
        "loki_without_url",
        "line 1: logs.loki.url: is required; write the address of the server, for example http://localhost:3100, or remove the section",
    ),
    ("not_a_mapping", "line 1: must be a mapping of keys to values, not a list"),
    ("number_negative", "line 1: limits.max_series: must be from 1 to 10000000, not -1"),
    ("number_not_whole", "line 1: limits.max_series: must be a whole number from 1 to 10000000, not 1.5"),
    ("number_too_large", "line 1: web.max_connections: must be from 1 to 100000, not 1000000"),
    (
        "secret_as_variable_name",
        "line 2: prometheus.authorization.credentials_env: is not the name of an environment variable; write letters, digits and _",
    ),
    (
        "secret_in_two_places",
        "line 2: prometheus.authorization.credentials_env: excludes credentials_file; keep one of the two",
    ),
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
        "syntax",
        "line 2: is not valid YAML: did not find expected ',' or '}' at line 2 column 8, while parsing a flow mapping at line 1 column 10",
    ),
    (
        "syntax_tab",
        "line 2: is not valid YAML: found character that cannot start any token at line 2 column 1, while scanning for the next token",
    ),
    ("tag_that_does_not_fit", "line 2: is not valid YAML: a tag does not fit its value in column 39"),
    (
        "token_of_no_name",
        "line 3: web.tokens[0].name: must not be 'smartcloudops', which stands for nobody or for smartcloudops itself; choose another",
    ),
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
];
