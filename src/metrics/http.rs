//! Self-metrics of the HTTP server.
//!
//! Routes come from a closed set given at registration, methods and status codes from closed lists:
//! whatever a stranger sends, the number of series stays the same.

mod labels;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

pub use self::labels::{AuthenticationFailure, ConnectionError, MethodLabel};
use self::labels::{CODES, ConnectionLabel, FailureLabel, RequestLabels, RouteLabel};

/// The route label of requests that match no registered route.
pub const UNMATCHED: &str = "unmatched";

/// Upper bounds of the duration buckets, in seconds: probes and scrapes take milliseconds, explanations seconds.
const BUCKETS: [f64; 6] = [0.005, 0.025, 0.1, 0.5, 2.5, 10.0];

/// One served route: its pattern as the router knows it, and the methods it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The pattern, for example `/api/v1/remediations/{id}`.
    pub path: &'static str,
    /// The methods whose series exist from the start.
    pub methods: &'static [MethodLabel],
}

type AnswerHook = Arc<dyn Fn(u16) + Send + Sync>;

/// What the HTTP server counts. Cheap to clone; clones share their series.
#[derive(Clone)]
pub struct HttpMetrics {
    routes: Arc<[Route]>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabel, Histogram, fn() -> Histogram>,
    connections: Gauge,
    connection_errors: Family<ConnectionLabel, Counter>,
    authentication_failures: Family<FailureLabel, Counter>,
    panics: Counter,
    hooks: Vec<(&'static str, AnswerHook)>,
}

impl HttpMetrics {
    /// Registers the series and creates every combination at zero. `routes` is the closed set of route labels.
    pub fn register(registry: &mut Registry, routes: &[Route]) -> Self {
        let metrics = Self {
            routes: routes.into(),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            connections: Gauge::default(),
            connection_errors: Family::default(),
            authentication_failures: Family::default(),
            panics: Counter::default(),
            hooks: Vec::new(),
        };
        metrics.create_at_zero();
        metrics.announce(registry);
        metrics
    }

    fn create_at_zero(&self) {
        for route in self.routes.iter() {
            for method in route.methods {
                for (_, code) in CODES {
                    self.request_counter(route.path, *method, code);
                }
            }
            self.request_counter(route.path, MethodLabel::Other, "405");
            drop(self.durations.get_or_create(&RouteLabel { route: route.path }));
        }
        for method in MethodLabel::ALL {
            for code in ["401", "404"] {
                self.request_counter(UNMATCHED, *method, code);
            }
        }
        drop(self.durations.get_or_create(&RouteLabel { route: UNMATCHED }));
        for kind in ConnectionError::ALL {
            drop(self.connection_errors.get_or_create(&ConnectionLabel { kind: *kind }));
        }
        for kind in AuthenticationFailure::ALL {
            drop(self.authentication_failures.get_or_create(&FailureLabel { kind: *kind }));
        }
    }

    fn announce(&self, registry: &mut Registry) {
        registry.register("smartcloudops_http_requests", "HTTP requests answered", self.requests.clone());
        registry.register_with_unit(
            "smartcloudops_http_request_duration",
            "Time from a request's headers to its response's headers",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register(
            "smartcloudops_http_connections",
            "Open connections, at most http.max_connections",
            self.connections.clone(),
        );
        registry.register(
            "smartcloudops_http_connection_errors",
            "Connections that did not come about or ended badly",
            self.connection_errors.clone(),
        );
        registry.register(
            "smartcloudops_http_authentication_failures",
            "Callers not let in",
            self.authentication_failures.clone(),
        );
        registry.register(
            "smartcloudops_http_panics",
            "Requests answered with 500 because their handler panicked",
            self.panics.clone(),
        );
    }

    /// Also tells `hook` the status of every answer on `route`, so that another stage can count it as its own.
    pub fn with_answer_hook(
        mut self,
        route: &'static str,
        hook: impl Fn(u16) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.push((route, Arc::new(hook)));
        self
    }

    /// The label of a matched pattern: itself if registered, else [`UNMATCHED`].
    pub fn route_label(&self, pattern: Option<&str>) -> &'static str {
        self.route(pattern).map_or(UNMATCHED, |route| route.path)
    }

    /// The label of a method on a matched pattern: its name if the route serves it.
    pub fn method_label(&self, pattern: Option<&str>, method: &str) -> MethodLabel {
        let named = match method {
            "GET" => MethodLabel::Get,
            "POST" => MethodLabel::Post,
            "DELETE" => MethodLabel::Delete,
            _ => return MethodLabel::Other,
        };
        match self.route(pattern) {
            Some(route) if !route.methods.contains(&named) => MethodLabel::Other,
            _ => named,
        }
    }

    fn route(&self, pattern: Option<&str>) -> Option<&Route> {
        pattern.and_then(|pattern| self.routes.iter().find(|route| route.path == pattern))
    }

    /// Counts an answered request; `duration` runs to the response's headers.
    pub fn answered(&self, route: &'static str, method: MethodLabel, status: u16, duration: Duration) {
        let code = CODES.iter().find(|(code, _)| *code == status).map_or("other", |(_, text)| text);
        self.requests.get_or_create(&RequestLabels { route, method, code }).inc();
        self.durations.get_or_create(&RouteLabel { route }).observe(duration.as_secs_f64());
        for (_, hook) in self.hooks.iter().filter(|(hooked, _)| *hooked == route) {
            hook(status);
        }
    }

    /// Counts a caller not let in.
    pub fn refused(&self, kind: AuthenticationFailure) {
        self.authentication_failures.get_or_create(&FailureLabel { kind }).inc();
    }

    /// Counts a certificate refused in the TLS handshake, before any route is known.
    pub fn certificate_refused(&self) {
        let kind = AuthenticationFailure::Certificate;
        self.authentication_failures.get_or_create(&FailureLabel { kind }).inc();
    }

    /// Counts a connection that went wrong.
    pub fn connection_failed(&self, kind: ConnectionError) {
        self.connection_errors.get_or_create(&ConnectionLabel { kind }).inc();
    }

    /// Counts a handler's panic.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// Counts a connection as open until the guard is dropped.
    pub fn connection_opened(&self) -> OpenConnection {
        self.connections.inc();
        OpenConnection(self.connections.clone())
    }

    fn request_counter(&self, route: &'static str, method: MethodLabel, code: &'static str) {
        drop(self.requests.get_or_create(&RequestLabels { route, method, code }));
    }
}

/// An open connection; the gauge goes down when it is dropped.
pub struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::page;

    const ROUTES: &[Route] = &[
        Route { path: "/metrics", methods: &[MethodLabel::Get] },
        Route { path: "/webhook", methods: &[MethodLabel::Post] },
    ];

    #[test]
    fn every_series_is_there_at_zero() {
        let mut registry = Registry::default();
        let _metrics = HttpMetrics::register(&mut registry, ROUTES);
        let page = page(&registry);
        for series in [
            r#"smartcloudops_http_requests_total{route="/webhook",method="POST",code="413"} 0"#,
            r#"smartcloudops_http_requests_total{route="unmatched",method="GET",code="404"} 0"#,
            r#"smartcloudops_http_request_duration_seconds_count{route="/metrics"} 0"#,
            r#"smartcloudops_http_connection_errors_total{kind="header_timeout"} 0"#,
            r#"smartcloudops_http_authentication_failures_total{kind="scope"} 0"#,
            "smartcloudops_http_connections 0",
            "smartcloudops_http_panics_total 0",
        ] {
            assert!(page.contains(series), "{series} is missing in\n{page}");
        }
    }

    #[test]
    fn strangers_cannot_invent_labels() {
        let metrics = HttpMetrics::register(&mut Registry::default(), ROUTES);
        assert_eq!(metrics.route_label(Some("/webhook")), "/webhook");
        assert_eq!(metrics.route_label(Some("/not/registered")), UNMATCHED);
        assert_eq!(metrics.route_label(None), UNMATCHED);
        for (pattern, method, label) in [
            (Some("/webhook"), "POST", MethodLabel::Post),
            (Some("/webhook"), "GET", MethodLabel::Other),
            (Some("/webhook"), "BREW", MethodLabel::Other),
            (None, "GET", MethodLabel::Get),
        ] {
            assert_eq!(metrics.method_label(pattern, method), label, "{pattern:?} {method}");
        }
    }

    #[test]
    fn an_unusual_code_is_counted_as_other() {
        let mut registry = Registry::default();
        let metrics = HttpMetrics::register(&mut registry, ROUTES);
        metrics.answered("/metrics", MethodLabel::Get, 418, Duration::from_millis(1));
        let page = page(&registry);
        assert!(page.contains(r#"{route="/metrics",method="GET",code="other"} 1"#), "{page}");
    }

    #[test]
    fn the_hook_of_a_route_hears_of_its_answers_only() {
        let heard = Counter::<u64>::default();
        let counter = heard.clone();
        let metrics = HttpMetrics::register(&mut Registry::default(), ROUTES).with_answer_hook(
            "/webhook",
            move |status| {
                counter.inc_by(u64::from(status));
            },
        );
        metrics.answered("/webhook", MethodLabel::Post, 413, Duration::ZERO);
        metrics.answered("/metrics", MethodLabel::Get, 200, Duration::ZERO);
        assert_eq!(heard.get(), 413);
    }

    #[test]
    fn a_connection_counts_while_it_is_open() {
        let metrics = HttpMetrics::register(&mut Registry::default(), ROUTES);
        let open = metrics.connection_opened();
        assert_eq!(metrics.connections.get(), 1);
        drop(open);
        assert_eq!(metrics.connections.get(), 0);
    }
}
