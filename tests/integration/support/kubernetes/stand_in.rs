//! The few routes of the API server that actions use, with what makes them safe: versions and conflicts,
//! generations, trials without effect, preconditions, graceful deletion, rights.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::{ADMIN, Authority, VIEWER};
use crate::support::serve::{Body, Serving, serve};

/// A running one.
pub(super) struct StandIn {
    serving: Serving,
}

impl StandIn {
    pub(super) async fn start(authority: &Authority) -> Self {
        let world = Arc::new(Mutex::new(World::default()));
        let tls = Some(Arc::new(authority.server(false)));
        let serving = serve(tls, move |request| {
            let world = Arc::clone(&world);
            async move {
                let request = Asked::read(request).await;
                let (status, body) = world.lock().expect("no holder panics").answer(&request);
                respond(status, &body)
            }
        })
        .await;
        Self { serving }
    }

    pub(super) fn port(&self) -> u16 {
        self.serving.address.port()
    }
}

fn respond(status: u16, body: &Value) -> Response<Body> {
    let body = Full::new(Bytes::from(body.to_string())).map_err(|never| match never {}).boxed_unsync();
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    response.body(body).expect("a valid response")
}

struct Asked {
    method: Method,
    path: String,
    is_trial: bool,
    manager: String,
    token: String,
    kind: String,
    body: Value,
}

impl Asked {
    async fn read(request: Request<Incoming>) -> Self {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let text = |name: header::HeaderName| {
            let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            is_trial: query.contains_key("dryRun") || body.get("dryRun").is_some(),
            manager: query.get("fieldManager").cloned().unwrap_or_default(),
            token: text(header::AUTHORIZATION).trim_start_matches("Bearer ").to_owned(),
            kind: text(header::CONTENT_TYPE),
            body,
        }
    }
}

/// A refusal, as the API server words it.
fn refused(code: u16, reason: &str, message: &str) -> (u16, Value) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message,
    });
    (code, status)
}

#[derive(Default)]
struct World {
    objects: BTreeMap<String, Value>,
    version: u64,
}

impl World {
    fn answer(&mut self, asked: &Asked) -> (u16, Value) {
        match asked.token.as_str() {
            ADMIN => {}
            VIEWER if asked.method == Method::GET => {}
            VIEWER => return refused(403, "Forbidden", "User \"viewer\" cannot do that"),
            _ => return refused(401, "Unauthorized", "Unauthorized"),
        }
        let (path, sub) = match asked.path.rsplit_once('/') {
            Some((path, sub @ ("status" | "scale"))) => (path, sub),
            _ => (asked.path.as_str(), ""),
        };
        if asked.method == Method::POST {
            return self.create(asked);
        }
        let Some(found) = self.objects.get(path).cloned() else {
            return refused(404, "NotFound", &format!("{path} not found"));
        };
        match asked.method {
            Method::GET => (200, found),
            Method::PATCH => self.patch(asked, path, sub, found),
            Method::DELETE => self.delete(asked, path, found),
            _ => refused(405, "MethodNotAllowed", "not this"),
        }
    }

    fn store(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.objects.insert(path.to_owned(), object.clone());
        object
    }

    fn create(&mut self, asked: &Asked) -> (u16, Value) {
        let name = asked.body["metadata"]["name"].as_str().expect("an object has a name");
        let path = format!("{}/{name}", asked.path);
        if self.objects.contains_key(&path) {
            return refused(409, "AlreadyExists", &format!("{path} already exists"));
        }
        let mut object = asked.body.clone();
        object["metadata"]["uid"] = json!(format!("uid-{}", self.version));
        object["metadata"]["generation"] = json!(1);
        // What is sent as a status is not taken.
        object["status"] = json!({});
        (201, self.store(&path, object))
    }

    /// Lists are replaced: no patch that is sent has one.
    fn patch(&mut self, asked: &Asked, path: &str, sub: &str, found: Value) -> (u16, Value) {
        if !["application/merge-patch+json", "application/strategic-merge-patch+json"]
            .contains(&asked.kind.as_str())
        {
            return refused(415, "UnsupportedMediaType", "not this kind of patch");
        }
        let version = &asked.body["metadata"]["resourceVersion"];
        if !version.is_null() && *version != found["metadata"]["resourceVersion"] {
            return refused(
                409,
                "Conflict",
                "the object has been modified; apply your changes to the latest version",
            );
        }
        let mut changed = found.clone();
        for part in if sub == "status" { &["status"][..] } else { &["metadata", "spec"] } {
            merge(&mut changed[part], &asked.body[part]);
        }
        if changed["spec"] != found["spec"] {
            changed["metadata"]["generation"] =
                json!(found["metadata"]["generation"].as_u64().unwrap_or(0) + 1);
        }
        if changed != found && !asked.manager.is_empty() {
            let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            let entry = json!([{"manager": asked.manager, "operation": "Update", "time": now}]);
            changed["metadata"]["managedFields"] = entry;
        }
        if changed != found && !asked.is_trial {
            changed = self.store(path, changed);
        }
        (200, if sub == "scale" { scale(&changed) } else { changed })
    }

    /// A pod on a node ends by itself, later.
    fn delete(&mut self, asked: &Asked, path: &str, mut found: Value) -> (u16, Value) {
        let uid = &asked.body["preconditions"]["uid"];
        if !uid.is_null() && *uid != found["metadata"]["uid"] {
            return refused(409, "Conflict", "the UID in the precondition does not match");
        }
        let lingers = path.contains("/pods/") && found["spec"]["nodeName"].is_string();
        let held =
            found["metadata"]["finalizers"].as_array().is_some_and(|finalizers| !finalizers.is_empty());
        match (lingers && asked.body["gracePeriodSeconds"] != 0) || held {
            _ if asked.is_trial => {}
            true => {
                found["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
                found = self.store(path, found);
            }
            false => {
                self.objects.remove(path);
            }
        }
        (200, found)
    }
}

fn scale(object: &Value) -> Value {
    let mut metadata = object["metadata"].clone();
    metadata["managedFields"] = Value::Null;
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": object["spec"]["replicas"]}, "status": {"replicas": 0},
    })
}

fn merge(target: &mut Value, patch: &Value) {
    match patch {
        Value::Object(entries) => {
            if !target.is_object() {
                *target = json!({});
            }
            for (name, value) in entries {
                if value.is_null() {
                    target.as_object_mut().expect("it was made one").remove(name);
                } else {
                    merge(&mut target[name], value);
                }
            }
        }
        Value::Null => {}
        other => *target = other.clone(),
    }
}
