//! TLS and client certificates.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use smartcloudops::http::Config;
use tokio_rustls::TlsConnector;

use super::client::{Answer, connect, exchange, head, read_to_close};
use super::daemon::{Daemon, config, start, web_config};

const PAIR: &str = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";
const VERIFY: &str = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n";
const CERTIFICATE: &str = r#"smartcloudops_http_authentication_failures_total{kind="certificate"}"#;

/// A certificate authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
struct Pair {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str) -> Pair {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Pair { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// Writes the authority's certificate and one for the server into the folder.
    fn equip(&self, folder: &Path) {
        let server = self.issue("localhost");
        std::fs::write(folder.join("ca.pem"), self.0.pem()).unwrap();
        std::fs::write(folder.join("server.pem"), server.certificate).unwrap();
        std::fs::write(folder.join("server.key"), server.key).unwrap();
    }
}

/// A request over TLS by a client that trusts `authority` and shows `own`.
async fn ask(
    address: SocketAddr,
    authority: &Authority,
    own: Option<&Pair>,
    path: &str,
) -> io::Result<Answer> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let client = match own {
        None => builder.with_no_client_auth(),
        Some(pair) => {
            let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(client)).connect(name, connect(address).await).await?;
    exchange(stream, head("GET", path, &[]).as_bytes()).await
}

fn serve(folder: &Path, more: &str) -> Daemon {
    start(&web_config(folder, &format!("{PAIR}{more}")))
}

#[tokio::test]
async fn requests_come_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.equip(folder.path());
    let daemon = serve(folder.path(), "");
    let answer = ask(daemon.address, &authority, None, "/metrics").await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "up 1\n"));
    ask(daemon.address, &Authority::new(), None, "/metrics")
        .await
        .expect_err("a client checks the certificate");
    let plain = exchange(connect(daemon.address).await, head("GET", "/metrics", &[]).as_bytes()).await;
    plain.expect_err("plain HTTP is not spoken on a TLS port");
    daemon.until_metric(r#"smartcloudops_http_connection_errors_total{kind="handshake"}"#, 2.0).await;
    assert_eq!(daemon.metric(CERTIFICATE), 0.0);
}

#[tokio::test]
async fn only_a_verified_client_certificate_gets_in_and_names_its_caller() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, stranger) = (Authority::new(), Authority::new());
    authority.equip(folder.path());
    let daemon = serve(folder.path(), VERIFY);
    let good = authority.issue("alertmanager.example");
    let answer = ask(daemon.address, &authority, Some(&good), "/whoami").await.unwrap();
    assert_eq!(answer.text(), r#"{"status":"success","data":"alertmanager.example"}"#);
    ask(daemon.address, &authority, None, "/whoami").await.expect_err("no certificate");
    let forged = stranger.issue("alertmanager.example");
    ask(daemon.address, &authority, Some(&forged), "/whoami").await.expect_err("another authority");
    daemon.until_metric(CERTIFICATE, 2.0).await;
}

#[tokio::test]
async fn only_allowed_names_get_in() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.equip(folder.path());
    let daemon = serve(folder.path(), &format!("{VERIFY}  client_allowed_sans: [10.0.0.7, am.example]\n"));
    for (name, gets_in) in
        [("am.example", true), ("10.0.0.7", true), ("grafana.example", false), ("x.am.example", false)]
    {
        let pair = authority.issue(name);
        let answer = ask(daemon.address, &authority, Some(&pair), "/metrics").await;
        assert_eq!(answer.is_ok_and(|answer| answer.status == 200), gets_in, "{name}");
    }
    daemon.until_metric(CERTIFICATE, 2.0).await;
}

#[tokio::test]
async fn verified_certificates_are_authentication_enough_beyond_loopback_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    Authority::new().equip(folder.path());
    let beyond = |more: &str| Config {
        listen_address: "0.0.0.0:0".to_owned(),
        ..web_config(folder.path(), &format!("{PAIR}{more}"))
    };
    start(&beyond(VERIFY));
    for weaker in [
        "",
        "  client_auth_type: RequireAnyClientCert\n",
        "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.pem\n",
    ] {
        let sentence = super::daemon::refusal(&beyond(weaker));
        assert!(sentence.starts_with("refusing to listen on 0.0.0.0:0"), "{weaker}: {sentence}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_used_after_a_reload_and_a_bad_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (Authority::new(), Authority::new());
    old.equip(folder.path());
    let daemon = serve(folder.path(), "");
    assert_eq!(ask(daemon.address, &old, None, "/metrics").await.unwrap().status, 200);

    std::fs::write(folder.path().join("server.pem"), "damaged").unwrap();
    let error = daemon.reloader.reload(&daemon.config).unwrap_err().to_string();
    assert!(error.contains("tls_server_config.cert_file: holds no PEM certificate"), "{error}");
    assert_eq!(
        ask(daemon.address, &old, None, "/metrics").await.unwrap().status,
        200,
        "the old one serves on"
    );

    new.equip(folder.path());
    daemon.reloader.reload(&daemon.config).unwrap();
    assert_eq!(ask(daemon.address, &new, None, "/metrics").await.unwrap().status, 200);
    ask(daemon.address, &old, None, "/metrics").await.expect_err("the old authority no longer signs it");
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    Authority::new().equip(folder.path());
    let settings = web_config(folder.path(), PAIR);
    let daemon = start(&Config { header_timeout: Duration::from_millis(300), ..settings });
    let mut silent = connect(daemon.address).await;
    assert!(read_to_close(&mut silent).await.is_empty());
    daemon.until_metric(r#"smartcloudops_http_connection_errors_total{kind="handshake_timeout"}"#, 1.0).await;
}

#[tokio::test]
async fn a_bad_web_configuration_file_keeps_the_server_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = super::daemon::refusal(&web_config(folder.path(), PAIR));
    let start = format!("{}/web.yml: tls_server_config.cert_file: cannot read ", folder.path().display());
    assert!(sentence.starts_with(&start), "{sentence}");
    let missing = Config { web_config_file: Some("/nonexistent.yml".into()), ..config() };
    assert!(
        super::daemon::refusal(&missing)
            .starts_with("cannot read the web configuration file /nonexistent.yml")
    );
}
