//! An exporter whose text the test changes at any time.

use std::sync::{Arc, Mutex};

use http::{Response, header};
use http_body_util::{BodyExt, Full};

use super::serve::{Serving, serve};

/// A target for a Prometheus to scrape.
pub struct TextExporter {
    serving: Serving,
    text: Arc<Mutex<String>>,
}

impl TextExporter {
    /// Serves a text in the Prometheus format, on every path.
    pub async fn start(text: &str) -> Self {
        let text = Arc::new(Mutex::new(text.to_owned()));
        let shared = Arc::clone(&text);
        let serving = serve(None, move |_| {
            let body = Full::from(shared.lock().expect("no holder panics").clone());
            let body = body.map_err(|never| match never {}).boxed_unsync();
            let kind = "text/plain; version=0.0.4";
            let answer = Response::builder().header(header::CONTENT_TYPE, kind).body(body);
            async move { answer.expect("the header is valid") }
        })
        .await;
        Self { serving, text }
    }

    /// `host:port`, as a scrape config takes it.
    pub fn target(&self) -> String {
        self.serving.address.to_string()
    }

    /// What the next scrape finds.
    pub fn set(&self, text: &str) {
        text.clone_into(&mut self.text.lock().expect("no holder panics"));
    }
}
