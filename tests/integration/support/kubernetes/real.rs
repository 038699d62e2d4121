//! A real API server with its etcd. It is built from Kubernetes' own source; see `tools/kube-apiserver`.

use std::ffi::OsString;
use std::fs::{File, read_to_string};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{ADMIN, Authority, VIEWER};
use crate::support::process::{Process, Program};
use crate::support::{PATIENCE, free_port, wait_until};

/// Both, until they are dropped.
pub(super) struct Real {
    /// Of the API server.
    pub port: u16,
    server: Child,
    _etcd: Process,
}

impl Real {
    pub(super) async fn start(
        program: OsString,
        authority: &Authority,
        folder: &TempDir,
        client: &reqwest::Client,
    ) -> Self {
        let etcd = etcd(folder).await;
        let file = |name: &str| folder.path().join(name).display().to_string();
        let tokens = format!("{ADMIN},admin,1,\"system:masters\"\n{VIEWER},viewer,2\n");
        std::fs::write(file("tokens.csv"), tokens).expect("a temporary folder can be written");
        let (certificate, key) = authority.server_files();
        let (certificate, key) = (certificate.display(), key.display());
        let port = free_port();
        let log = File::create(file("apiserver.log")).expect("a temporary folder can be written");
        let server = Command::new(program)
            .args([
                format!("--etcd-servers={}", etcd.url("")),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={port}"),
                format!("--tls-cert-file={certificate}"),
                format!("--tls-private-key-file={key}"),
                format!("--token-auth-file={}", file("tokens.csv")),
                format!("--service-account-key-file={certificate}"),
                format!("--service-account-signing-key-file={key}"),
                "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
                "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
                "--authorization-mode=RBAC".to_owned(),
                "--disable-admission-plugins=ServiceAccount".to_owned(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("KUBE_APISERVER names a program");
        let real = Self { port, server, _etcd: etcd };
        let ready = format!("https://127.0.0.1:{port}/readyz");
        let is_ready = || async {
            let answer = client.get(&ready).bearer_auth(ADMIN).send().await;
            answer.is_ok_and(|answer| answer.status().is_success())
        };
        let log = file("apiserver.log");
        wait_until(PATIENCE, &format!("the API server, whose log is {log}"), is_ready).await;
        assert!(!read_to_string(log).expect("a log").is_empty());
        real
    }
}

async fn etcd(folder: &TempDir) -> Process {
    let data = folder.path().join("etcd").display().to_string();
    let arguments = move |port: u16| {
        let (clients, peers) =
            (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{}", free_port()));
        vec![
            format!("--data-dir={data}"),
            format!("--listen-client-urls={clients}"),
            format!("--advertise-client-urls={clients}"),
            format!("--listen-peer-urls={peers}"),
            format!("--initial-advertise-peer-urls={peers}"),
            format!("--initial-cluster=default={peers}"),
        ]
    };
    let log = folder.path().join("etcd.log");
    let (name, package, ready_path) = ("etcd", "etcd-server", "/health");
    Process::start(Program { name, package, ready_path, arguments: Box::new(arguments), log }).await
}

impl Drop for Real {
    fn drop(&mut self) {
        // Nothing is left to do when this fails.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
