//! Who calls whom, and what is asked of each service: the settings.

use crate::model::Matcher;

/// What is known of services and of their calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Calls that are written down, caller first.
    pub calls: Vec<(String, String)>,
    /// Which alerts and series belong to a service besides those whose labels name it; the first that fits counts.
    pub services: Vec<(String, Vec<Matcher>)>,
    /// Calls that Prometheus knows of.
    pub map: Option<ServiceMap>,
    /// What is asked of each service.
    pub measures: Measures,
}

/// A series for each call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceMap {
    /// PromQL, evaluated at the beginning of the alerts.
    pub expr: String,
    /// The label that names who calls.
    pub client: String,
    /// The label that names who is called.
    pub server: String,
}

/// PromQL with a series for each service, over a range. `{{ services }}` is a pattern of the services asked about, for
/// `=~"…"`, and `{{ window }}` a duration, the distance of two values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// The label that names the service in the answers, and in alerts.
    pub label: String,
    /// Requests per second.
    pub requests: Option<String>,
    /// Failed requests a second; needs `requests`. A service without a series has none, if it has requests.
    pub failures: Option<String>,
    /// The mean time that a request takes, in seconds.
    pub latency: Option<String>,
}

/// A service map that is exported under known names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Service graphs of OpenTelemetry's collector, of Grafana Alloy and of Tempo.
    Tempo,
    /// Istio's standard metrics, as the proxies of those that are called count them.
    Istio,
}
