//! What the server sees of us, and whom we trust: forms, credentials, headers, redirects, TLS.

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use smartcloudops::http_client::{self, Authorization, BasicAuth, TlsConfig};
use smartcloudops::model::SecretSource;
use smartcloudops::prometheus::{Config, QueryError};

use super::{Probe, at, config, outcome};
use crate::support::{Answer, Authority, FaultServer};

const NONE: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;

fn secret(text: &str) -> (tempfile::NamedTempFile, SecretSource) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let source = SecretSource::File(file.path().to_owned());
    (file, source)
}

fn bearer(credentials: SecretSource) -> http_client::Config {
    let authorization = Authorization { scheme: "Bearer".into(), credentials };
    http_client::Config { authorization: Some(authorization), ..Default::default() }
}

async fn ask(url: &str, http: http_client::Config) -> Result<usize, QueryError> {
    let config = Config { http, retries: 0, ..config(url) };
    Probe::new(&config).unwrap().client.query("up", at(5)).await.map(|series| series.len())
}

#[tokio::test]
async fn a_query_is_posted_as_a_form_below_the_base_path() {
    let server = FaultServer::start([Answer::new(200, NONE)]).await;
    let headers = vec![("X-Scope-OrgID".to_owned(), "team-a".to_owned())];
    let http = http_client::Config { headers, ..Default::default() };
    ask(&server.url("/prometheus/"), http).await.unwrap();
    let seen = server.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.uri.to_string().as_str()), ("POST", "/prometheus/api/v1/query"));
    assert_eq!((seen.field("query"), seen.field("time"), seen.field("timeout")), ("up", "5", "30s"));
    assert_eq!(seen.header(CONTENT_TYPE), "application/x-www-form-urlencoded");
    assert_eq!(seen.header(HeaderName::from_static("x-scope-orgid")), "team-a");
    assert!(seen.header(USER_AGENT).starts_with("smartcloudops/"));
    assert_eq!(seen.header(AUTHORIZATION), "");
}

#[tokio::test]
async fn the_server_sees_the_credentials_of_the_moment() {
    let server = FaultServer::start([Answer::new(200, NONE)]).await;
    let (file, password) = secret("open sesame\n");
    let basic_auth = Some(BasicAuth { username: "ali".into(), password: password.clone() });
    ask(&server.url("/"), http_client::Config { basic_auth, ..Default::default() }).await.unwrap();
    let config = Config { http: bearer(password), ..config(&server.url("/")) };
    let client = Probe::new(&config).unwrap().client;
    client.query("up", at(5)).await.unwrap();
    std::fs::write(file.path(), "changed").unwrap();
    client.query("up", at(5)).await.unwrap();
    let seen: Vec<String> = server.seen().iter().map(|seen| seen.header(AUTHORIZATION).to_owned()).collect();
    assert_eq!(seen, ["Basic YWxpOm9wZW4gc2VzYW1l", "Bearer open sesame", "Bearer changed"]);

    drop(file);
    let error = client.query("up", at(5)).await.unwrap_err();
    assert_eq!(error.outcome().as_str(), "credentials", "{error}");
    assert_eq!(server.seen().len(), 3, "nothing is sent without its credentials");
}

#[tokio::test]
async fn a_redirect_never_takes_the_credentials_elsewhere() {
    let other = FaultServer::start([Answer::new(200, NONE)]).await;
    let (_file, token) = secret("s3cret");
    for status in [301, 302, 303, 307, 308] {
        let away = Answer::new(status, "").header("location", other.url("/api/v1/query?token=x"));
        let server = FaultServer::start([away]).await;
        let error = ask(&server.url("/"), bearer(token.clone())).await.unwrap_err();
        assert_eq!(error.outcome().as_str(), "rejected", "{status}: {error}");
        assert!(error.to_string().contains(&other.url("/api/v1/query'")), "{status}: {error}");
    }
    assert_eq!(other.seen().len(), 0);

    let home = Answer::new(308, "").header("location", "/prometheus/api/v1/query");
    let server = FaultServer::start([home.clone(), Answer::new(200, NONE)]).await;
    ask(&server.url("/"), bearer(token.clone())).await.unwrap();
    let seen = server.seen().remove(1);
    assert_eq!((seen.field("query"), seen.header(AUTHORIZATION)), ("up", "Bearer s3cret"));

    let circle = FaultServer::start([home]).await;
    assert_eq!(outcome(&ask(&circle.url("/"), bearer(token)).await), "rejected");
    assert_eq!(circle.seen().len(), 4);
}

fn tls(tls: TlsConfig) -> http_client::Config {
    http_client::Config { tls, ..Default::default() }
}

#[tokio::test]
async fn a_server_is_trusted_by_its_own_authority_alone() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = FaultServer::start_tls(ours.server(false), [Answer::new(200, NONE)]).await;
    let trusting =
        |authority: &Authority| TlsConfig { ca_file: Some(authority.ca_file()), ..Default::default() };
    for (name, config, expected) in [
        ("our authority", trusting(&ours), "success"),
        ("another authority", trusting(&theirs), "unreachable"),
        ("the system's authorities", TlsConfig::default(), "unreachable"),
        ("no verification", TlsConfig { insecure_skip_verify: true, ..Default::default() }, "success"),
    ] {
        let result = ask(&server.url("/"), tls(config)).await;
        assert_eq!(outcome(&result), expected, "{name}: {result:?}");
        if let Err(error) = result {
            assert!(error.to_string().contains("certificate"), "{name}: {error}");
        }
    }
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_client_certificate_opens_a_server_that_wants_one() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = FaultServer::start_tls(ours.server(true), [Answer::new(200, NONE)]).await;
    let as_client_of = |authority: &Authority| {
        let (cert, key) = authority.client_files();
        TlsConfig {
            ca_file: Some(ours.ca_file()),
            cert_file: Some(cert),
            key_file: Some(key),
            ..Default::default()
        }
    };
    let nobody = TlsConfig { ca_file: Some(ours.ca_file()), ..Default::default() };
    for (name, config, expected) in [
        ("a certificate of the same authority", as_client_of(&ours), "success"),
        ("a certificate of another", as_client_of(&theirs), "unreachable"),
        ("none", nobody, "unreachable"),
    ] {
        let result = ask(&server.url("/"), tls(config)).await;
        assert_eq!(outcome(&result), expected, "{name}: {result:?}");
    }
}
