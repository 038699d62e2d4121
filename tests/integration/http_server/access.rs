//! Who gets in.

use base64::Engine;
use smartcloudops::http::{Config, Scope};

use super::alone::runs_alone;
use super::client::{ask, head, with_body};
use super::daemon::{Daemon, config, refusal, start, token, web_config};

const SCOPED: [(&str, &str, Scope); 4] = [
    ("GET", "/metrics", Scope::Read),
    ("POST", "/webhook", Scope::Alerts),
    ("POST", "/query", Scope::Chat),
    ("POST", "/-/reload", Scope::Operate),
];

fn basic(pair: &str) -> String {
    format!("Authorization: Basic {}", base64::prelude::BASE64_STANDARD.encode(pair))
}

fn users() -> String {
    format!("basic_auth_users: {{alice: {}}}\n", bcrypt::hash("wonderland", 4).unwrap())
}

fn guarded(folder: &std::path::Path) -> Config {
    let tokens = SCOPED.map(|(_, _, scope)| token(folder, scope.as_str(), &[scope]));
    Config { tokens: tokens.to_vec(), ..web_config(folder, &users()) }
}

async fn status(daemon: &Daemon, method: &str, path: &str, lines: &[&str]) -> u16 {
    ask(daemon.address, with_body(method, path, lines, b"")).await.status
}

#[tokio::test]
async fn each_token_opens_the_routes_of_its_scope_only() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = start(&guarded(folder.path()));
    for (_, _, held) in SCOPED {
        let bearer = format!("Authorization: Bearer {}-secret", held.as_str());
        for (method, path, needed) in SCOPED {
            let answer = ask(daemon.address, with_body(method, path, &[&bearer], b"")).await;
            if held == needed {
                assert_eq!(answer.status, 200, "{path}: {answer:?}");
            } else {
                let sentence = answer.error(403, "forbidden");
                let expected = format!("'{}' lacks the scope '{}'", held.as_str(), needed.as_str());
                assert_eq!(sentence, expected);
            }
        }
    }
    assert_eq!(daemon.metric(r#"smartcloudops_http_authentication_failures_total{kind="scope"}"#), 12.0);
    let webhook = r#"smartcloudops_http_requests_total{route="/webhook",method="POST",code="403"}"#;
    assert_eq!(daemon.metric(webhook), 3.0);
}

#[tokio::test]
async fn a_user_may_do_everything_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = start(&guarded(folder.path()));
    for _ in 0..2 {
        for (method, path, _) in SCOPED {
            assert_eq!(status(&daemon, method, path, &[&basic("alice:wonderland")]).await, 200, "{path}");
        }
    }
    let answer = ask(daemon.address, head("GET", "/whoami", &[&basic("alice:wonderland")])).await;
    assert_eq!(answer.text(), r#"{"status":"success","data":"alice"}"#);
}

#[tokio::test]
async fn wrong_and_missing_credentials_are_told_apart_only_in_the_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = start(&guarded(folder.path()));
    for (line, kind) in [
        ("X-Nothing: here".to_owned(), "missing"),
        ("Authorization: Bearer nonsense".to_owned(), "token"),
        ("Authorization: Bearer read-secre".to_owned(), "token"),
        (basic("alice:wrong"), "basic"),
        (basic("mallory:wonderland"), "basic"),
        ("Authorization: Basic %%%".to_owned(), "basic"),
        ("Authorization: Digest x".to_owned(), "basic"),
    ] {
        let series = format!("smartcloudops_http_authentication_failures_total{{kind=\"{kind}\"}}");
        let before = daemon.metric(&series);
        for path in ["/webhook", "/no/such/path"] {
            let answer = ask(daemon.address, with_body("POST", path, &[&line], b"[]")).await;
            answer.error(401, "unauthorized");
            let challenges = answer.headers("www-authenticate");
            assert_eq!(challenges.len(), 2, "{challenges:?}");
            assert!(challenges[0].starts_with("Basic realm=") && challenges[1].starts_with("Bearer realm="));
        }
        assert_eq!(daemon.metric(&series), before + 2.0, "{line}");
    }
}

#[tokio::test]
async fn probes_need_no_credentials_and_unknown_paths_do() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = start(&guarded(folder.path()));
    assert_eq!(status(&daemon, "GET", "/-/healthy", &[]).await, 200);
    assert_eq!(status(&daemon, "GET", "/-/healthy", &["Authorization: Bearer wrong"]).await, 200);
    let bearer = "Authorization: Bearer read-secret";
    ask(daemon.address, head("GET", "/no/such/path", &[bearer])).await.error(404, "not_found");
    let answer = ask(daemon.address, head("DELETE", "/metrics", &[bearer])).await;
    answer.error(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    let unmatched = r#"smartcloudops_http_requests_total{route="unmatched",method="GET",code="404"}"#;
    assert_eq!(daemon.metric(unmatched), 1.0);
}

#[tokio::test]
async fn new_tokens_and_users_hold_after_a_reload_and_a_bad_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = guarded(folder.path());
    let daemon = start(&settings);
    let (old, new) = ("Authorization: Bearer read-secret", "Authorization: Bearer rotated");
    std::fs::write(folder.path().join("read"), "rotated").unwrap();
    assert_eq!(status(&daemon, "GET", "/metrics", &[old]).await, 200, "not before the reload");
    daemon.reloader.reload(&settings).unwrap();
    assert_eq!(status(&daemon, "GET", "/metrics", &[old]).await, 401);
    assert_eq!(status(&daemon, "GET", "/metrics", &[new]).await, 200);

    std::fs::write(folder.path().join("web.yml"), "basic_auth_users: {alice: plain}").unwrap();
    let error = daemon.reloader.reload(&settings).unwrap_err().to_string();
    assert!(error.contains("web.yml: basic_auth_users.alice: not a bcrypt hash"), "{error}");
    assert_eq!(status(&daemon, "GET", "/metrics", &[&basic("alice:wonderland")]).await, 200);

    settings.web_config_file = None;
    daemon.reloader.reload(&settings).unwrap();
    assert_eq!(status(&daemon, "GET", "/metrics", &[&basic("alice:wonderland")]).await, 401);
}

#[tokio::test]
async fn without_authentication_only_loopback_is_served() {
    for address in ["0.0.0.0:0", ":0", "[::]:0"] {
        let beyond = Config { listen_address: address.to_owned(), ..config() };
        let sentence = refusal(&beyond);
        assert!(
            sentence.starts_with(&format!("refusing to listen on {address}, beyond loopback")),
            "{sentence}"
        );
        assert!(sentence.contains("web.allow_unauthenticated"), "{sentence}");
    }
    let told_so = Config { listen_address: "0.0.0.0:0".to_owned(), allow_unauthenticated: true, ..config() };
    let daemon = start(&told_so);
    let address = ([127, 0, 0, 1], daemon.address.port()).into();
    let host = ["Host: smartcloudops.monitoring.svc:9494"];
    assert_eq!(ask(address, head("GET", "/metrics", &host)).await.status, 200);

    let folder = tempfile::tempdir().unwrap();
    let tokens = vec![token(folder.path(), "reader", &[Scope::Read])];
    let with_token = Config { listen_address: "0.0.0.0:0".to_owned(), tokens, ..config() };
    let daemon = start(&with_token);
    let none_left = Config { tokens: Vec::new(), ..with_token };
    let error = daemon.reloader.reload(&none_left).unwrap_err().to_string();
    assert!(error.starts_with("refusing to listen on 0.0.0.0:0"), "{error}");
    assert_eq!(
        ask(([127, 0, 0, 1], daemon.address.port()).into(), head("GET", "/metrics", &[])).await.status,
        401
    );
}

#[tokio::test]
async fn web_pages_of_others_cannot_act_in_the_users_name() {
    let daemon = start(&config());
    for (lines, expected, why) in [
        (vec![], 200, "a program"),
        (vec!["Host: localhost:9494", "Origin: http://localhost:9494"], 200, "our own page"),
        (vec!["Host: localhost:9494", "Origin: https://evil.example"], 403, "another page"),
        (vec!["Sec-Fetch-Site: cross-site"], 403, "another page, says the browser"),
        (vec!["Host: evil.example:9494", "Origin: http://evil.example:9494"], 403, "a rebound name"),
    ] {
        assert_eq!(status(&daemon, "POST", "/query", &lines).await, expected, "{why}");
    }
    let answer = ask(daemon.address, head("GET", "/metrics", &["Host: evil.example"])).await;
    assert!(answer.error(403, "forbidden").contains("allow_unauthenticated"));
    assert_eq!(status(&daemon, "GET", "/-/healthy", &["Host: evil.example"]).await, 200);

    let folder = tempfile::tempdir().unwrap();
    let daemon = start(&guarded(folder.path()));
    let foreign = "Origin: https://evil.example";
    let user = basic("alice:wonderland");
    assert_eq!(
        status(&daemon, "POST", "/query", &[&user, foreign]).await,
        403,
        "a browser knows this password"
    );
    let bearer = "Authorization: Bearer chat-secret";
    assert_eq!(status(&daemon, "POST", "/query", &[bearer, foreign]).await, 200, "no browser adds a token");
    assert_eq!(status(&daemon, "GET", "/whoami", &[&user, "Host: monitor.example"]).await, 200);
}

#[tokio::test]
async fn the_rate_limit_and_the_headers_of_the_file_hold() {
    let folder = tempfile::tempdir().unwrap();
    let yaml =
        "rate_limit: {interval: 1h, burst: 2}\nhttp_server_config: {headers: {X-Frame-Options: deny}}\n";
    let daemon = start(&web_config(folder.path(), yaml));
    for _ in 0..2 {
        let answer = ask(daemon.address, head("GET", "/metrics", &[])).await;
        assert_eq!((answer.status, answer.header("x-frame-options")), (200, Some("deny")));
    }
    let answer = ask(daemon.address, head("GET", "/metrics", &[])).await;
    assert!(answer.error(503, "unavailable").contains("rate_limit"));
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(answer.header("x-frame-options"), Some("deny"));
    assert_eq!(status(&daemon, "GET", "/-/healthy", &[]).await, 200, "probes are not counted");
}

#[tokio::test]
async fn what_exporter_toolkit_takes_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.path().join("server.crt"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("server.key"), made.signing_key.serialize_pem()).unwrap();
    let pair = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";
    for more in [
        "  min_version: TLS12\n  max_version: TLS13\n  prefer_server_cipher_suites: false\n",
        "  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n",
        "  curve_preferences: [CurveP256, X25519]\n",
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.crt\n",
        "http_server_config:\n  http2: false\n  headers: {Strict-Transport-Security: max-age=600}\n",
        "basic_auth_users:\n  bob: $2y$10$hLqFl9jSjoAAy95Z/zw8Ye8wkdMBM8c5Bn1ptYqP/AXyV0.oy0S8m\n",
    ] {
        let settings = web_config(folder.path(), &format!("{pair}{more}"));
        let promtool = std::process::Command::new("promtool")
            .args(["check", "web-config"])
            .arg(settings.web_config_file.as_ref().unwrap())
            .output()
            .expect("promtool runs; install it: apt-get install prometheus");
        assert!(promtool.status.success(), "{more}: {}", String::from_utf8_lossy(&promtool.stderr));
        start(&settings);
    }
}

#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_access_log_tells_who_asked_what_and_no_secret() {
    if runs_alone("http_server::access::the_access_log_tells_who_asked_what_and_no_secret", &[]) {
        ask_and_read_the_log().await;
    }
}

async fn ask_and_read_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().unwrap();
    let daemon = start(&guarded(folder.path()));
    let bearer = ["Authorization: Bearer read-secret"];
    ask(daemon.address, head("GET", "/things/42?depth=3&key=hush", &bearer)).await;
    ask(daemon.address, head("GET", "/things/42?depth=0&key=hush", &bearer)).await;
    ask(daemon.address, head("GET", "/things/42?key=hush", &[&basic("alice:hush")]))
        .await
        .error(401, "unauthorized");
    daemon.stopped().await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let requests: Vec<_> = lines.filter(|line| line["fields"]["message"] == "request").collect();
    let fields: Vec<_> = requests.iter().map(|line| &line["fields"]).collect();
    assert_eq!(fields.len(), 3, "{text}");
    assert_eq!((&fields[0]["route"], &fields[0]["method"]), (&"/things/{id}".into(), &"GET".into()));
    assert_eq!((&fields[0]["status"], &fields[0]["identity"]), (&200.into(), &"read".into()));
    assert_eq!((&fields[0]["bytes"], &fields[0]["complete"]), (&29.into(), &true.into()));
    assert!(fields[0]["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{text}");
    assert_eq!((&fields[1]["status"], &fields[1]["cause"]), (&500.into(), &"the private cause".into()));
    assert_eq!(requests[1]["level"], "WARN");
    assert_eq!((&fields[2]["status"], fields[2].get("identity")), (&401.into(), None));
    for secret in ["hush", "read-secret", "Basic", "/things/42"] {
        assert!(!text.contains(secret), "{secret} is in the log\n{text}");
    }
}
