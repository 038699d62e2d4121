//! A server that misbehaves as scripted, and remembers what it was asked.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};

use super::serve::{Body, Serving, serve};

/// One scripted answer.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    delay: Duration,
    piece: Bytes,
    pieces: u64,
    pause: Duration,
    breaks_off: bool,
}

impl Answer {
    /// A status and a JSON body.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::from_u16(status).expect("a valid status"),
            headers: vec![("content-type", "application/json".to_owned())],
            delay: Duration::ZERO,
            piece: body.into(),
            pieces: 1,
            pause: Duration::ZERO,
            breaks_off: false,
        }
    }

    /// A web page, as a login proxy answers.
    pub fn html(status: u16) -> Self {
        Self::new(status, "<!DOCTYPE html><html><body>Sign in</body></html>")
            .header("content-type", "text/html")
    }

    /// Adds a header, or replaces one.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Waits before answering.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends the body again and again.
    pub fn times(mut self, pieces: u64) -> Self {
        self.pieces = pieces;
        self
    }

    /// Waits before each piece of the body.
    pub fn every(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Closes the connection in the middle of the body.
    pub fn breaking_off(mut self) -> Self {
        self.breaks_off = true;
        self
    }

    fn into_response(self, sent: Arc<Counters>) -> Response<Body> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(*name, value);
        }
        response.body(self.into_body(sent)).expect("the script's headers are valid")
    }

    fn into_body(self, counters: Arc<Counters>) -> Body {
        let frames = stream::unfold((self, counters, 0), |(answer, counters, done)| async move {
            tokio::time::sleep(answer.pause).await;
            let frame = if done < answer.pieces {
                counters.sent.fetch_add(answer.piece.len() as u64, Ordering::SeqCst);
                Ok(Frame::data(answer.piece.clone()))
            } else if answer.breaks_off && done == answer.pieces {
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            } else {
                return None;
            };
            Some((frame, (answer, counters, done + 1)))
        });
        StreamBody::new(frames).boxed_unsync()
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET` or `POST`.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// All of them.
    pub headers: HeaderMap,
    /// Fields of the form in the body.
    pub form: Vec<(String, String)>,
    /// The body as it is.
    pub body: Bytes,
}

impl Seen {
    /// A header's text; empty if it is absent.
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A field of the form; empty if it is absent.
    pub fn field(&self, name: &str) -> &str {
        self.form.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }
}

#[derive(Default)]
struct Counters {
    sent: AtomicU64,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
}

/// A running server.
pub struct FaultServer {
    serving: Serving,
    scheme: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    counters: Arc<Counters>,
}

impl FaultServer {
    /// Gives the answers one after the other; the last one again and again.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::launch(None, answers.into_iter().collect()).await
    }

    /// The same over TLS.
    pub async fn start_tls(tls: rustls::ServerConfig, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::launch(Some(Arc::new(tls)), answers.into_iter().collect()).await
    }

    async fn launch(tls: Option<Arc<rustls::ServerConfig>>, answers: VecDeque<Answer>) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (seen, counters) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::<Counters>::default());
        let script = Arc::new(Mutex::new(answers));
        let (log, counted) = (Arc::clone(&seen), Arc::clone(&counters));
        let serving = serve(tls, move |request| {
            let (script, log, counters) = (Arc::clone(&script), Arc::clone(&log), Arc::clone(&counted));
            async move {
                let seen = read(request).await;
                log.lock().expect("no holder panics").push(seen);
                let now = counters.under_way.fetch_add(1, Ordering::SeqCst) + 1;
                counters.most_at_once.fetch_max(now, Ordering::SeqCst);
                let answer = next(&mut script.lock().expect("no holder panics"));
                tokio::time::sleep(answer.delay).await;
                counters.under_way.fetch_sub(1, Ordering::SeqCst);
                answer.into_response(counters)
            }
        })
        .await;
        Self { serving, scheme, seen, counters }
    }

    /// The address of a path on this server.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.serving.address)
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no holder panics").clone()
    }

    /// Bytes of bodies handed to the socket so far.
    pub fn bytes_sent(&self) -> u64 {
        self.counters.sent.load(Ordering::SeqCst)
    }

    /// Most requests that waited for their answers at one time.
    pub fn most_at_once(&self) -> usize {
        self.counters.most_at_once.load(Ordering::SeqCst)
    }
}

fn next(script: &mut VecDeque<Answer>) -> Answer {
    let answer = script.pop_front().expect("a script has at least one answer");
    if script.is_empty() {
        script.push_back(answer.clone());
    }
    answer
}

async fn read(request: Request<Incoming>) -> Seen {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let form = url::form_urlencoded::parse(&bytes).into_owned().collect();
    Seen { method: parts.method, uri: parts.uri, headers: parts.headers, form, body: bytes }
}
