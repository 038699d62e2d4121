//! An API server of Kubernetes: the stand-in of `stand_in`, or a real one.
//!
//! Where `KUBE_APISERVER` names the program, as `make test-kubernetes` does, the very same tests run against the real
//! one: what the stand-in answers is what they have seen there. No controller runs in either; a test that needs
//! one says with [`Kubernetes::controller`] what it does.

mod real;
mod stand_in;

use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::AbortHandle;

use super::Authority;
use real::Real;
use stand_in::StandIn;

/// Tokens: of one who may do everything, and of one who may only look.
pub const ADMIN: &str = "admin-token";
pub const VIEWER: &str = "viewer-token";
const MERGE: &str = "application/merge-patch+json";

enum Server {
    StandIn(StandIn),
    Real(Real),
}

/// A running API server with an empty namespace `shop`.
pub struct Kubernetes {
    server: Server,
    authority: Authority,
    folder: TempDir,
    client: reqwest::Client,
}

impl Kubernetes {
    /// Starts one.
    pub async fn start() -> Self {
        let authority = Authority::new();
        let folder = TempDir::new().expect("a temporary folder");
        let pem = std::fs::read(authority.ca_file()).expect("a file just written");
        let root = reqwest::Certificate::from_pem(&pem).expect("a certificate");
        let client = reqwest::Client::builder().tls_certs_only([root]).build().expect("a client");
        let server = match std::env::var_os("KUBE_APISERVER") {
            Some(program) => Server::Real(Real::start(program, &authority, &folder, &client).await),
            None => Server::StandIn(StandIn::start(&authority).await),
        };
        let kubernetes = Self { server, authority, folder, client };
        kubernetes.create("/api/v1/namespaces", json!({"metadata": {"name": "shop"}})).await;
        if let Server::Real(_) = kubernetes.server {
            let rule = json!({"apiGroups": ["", "apps"], "resources": ["*"], "verbs": ["get"]});
            let role = json!({"metadata": {"name": "viewer"}, "rules": [rule]});
            kubernetes.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", role).await;
            let subject = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "viewer"});
            let role =
                json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "viewer"});
            let binding = json!({"metadata": {"name": "viewer"}, "subjects": [subject], "roleRef": role});
            kubernetes.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding).await;
        }
        kubernetes
    }

    /// A kubeconfig with a token.
    pub fn kubeconfig(&self, token: &str) -> PathBuf {
        let ca = self.authority.ca_file();
        write_kubeconfig(&self.folder, &self.url(""), &ca.display().to_string(), token)
    }

    fn url(&self, path: &str) -> String {
        let port = match &self.server {
            Server::StandIn(server) => server.port(),
            Server::Real(server) => server.port,
        };
        format!("https://127.0.0.1:{port}{path}")
    }

    /// A request of the administrator's, and the answer.
    pub async fn ask(&self, method: Method, path: &str, kind: &str, body: Value) -> (u16, Value) {
        let request = self.client.request(method, self.url(path)).bearer_auth(ADMIN);
        let request = request.header("content-type", kind).body(body.to_string());
        let answer = request.send().await.expect("the API server answers");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("an answer in JSON"))
    }

    /// Creates an object and gives it back.
    pub async fn create(&self, path: &str, object: Value) -> Value {
        let (status, made) = self.ask(Method::POST, path, "application/json", object).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    /// The object, or `None`.
    pub async fn get(&self, path: &str) -> Option<Value> {
        let (status, found) = self.ask(Method::GET, path, "application/json", Value::Null).await;
        assert!(status == 200 || status == 404, "{found}");
        (status == 200).then_some(found)
    }

    /// Changes an object, or its `/status`.
    pub async fn patch(&self, path: &str, patch: Value) -> Value {
        let (status, changed) = self.ask(Method::PATCH, path, MERGE, patch).await;
        assert_eq!(status, 200, "{changed}");
        changed
    }

    /// Has a controller take up whatever an object says, from now on until what is returned is dropped: `status`
    /// makes the status of it.
    pub fn controller(self: &Arc<Self>, path: &str, status: fn(&Value) -> Value) -> Controller {
        let (kubernetes, path) = (Arc::clone(self), path.to_owned());
        let work = tokio::spawn(async move {
            loop {
                if let Some(found) = kubernetes.get(&path).await
                    && found["status"]["observedGeneration"] != found["metadata"]["generation"]
                {
                    let mut status = status(&found);
                    status["observedGeneration"] = found["metadata"]["generation"].clone();
                    kubernetes.patch(&format!("{path}/status"), json!({"status": status})).await;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        });
        Controller(work.abort_handle())
    }
}

/// A controller at work until it is dropped.
pub struct Controller(AbortHandle);

impl Drop for Controller {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A kubeconfig for any address; without an authority for plain HTTP.
pub fn write_kubeconfig(folder: &TempDir, url: &str, ca: &str, token: &str) -> PathBuf {
    let mut cluster = json!({"server": url});
    if !ca.is_empty() {
        cluster["certificate-authority"] = json!(ca);
    }
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    });
    let path = folder.path().join(format!("kubeconfig-{token}"));
    std::fs::write(&path, text.to_string()).expect("a temporary folder can be written");
    path
}
