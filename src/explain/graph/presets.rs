//! Service maps that are exported under known names.

use super::{Measures, Preset, ServiceMap};

impl Preset {
    /// Where its calls are read from.
    pub fn map(self) -> ServiceMap {
        let (expr, client, server) = match self {
            Self::Tempo => (
                "count by (client, server) (last_over_time(traces_service_graph_request_total[1h]))",
                "client",
                "server",
            ),
            Self::Istio => (
                r#"count by (source_workload, destination_workload) (last_over_time(istio_requests_total{reporter="destination"}[1h]))"#,
                "source_workload",
                "destination_workload",
            ),
        };
        ServiceMap { expr: expr.to_owned(), client: client.to_owned(), server: server.to_owned() }
    }

    /// What it knows of each service.
    pub fn measures(self) -> Measures {
        let (label, [requests, failures, latency]) = match self {
            Self::Tempo => ("server", TEMPO),
            Self::Istio => ("destination_workload", ISTIO),
        };
        let expr = |expr: &str| Some(expr.to_owned());
        Measures {
            label: label.to_owned(),
            requests: expr(requests),
            failures: expr(failures),
            latency: expr(latency),
        }
    }
}

/// A service without spans of its own, as most databases, has no time as a server: then what its clients waited counts.
const TEMPO: [&str; 3] = [
    r#"sum by (server) (rate(traces_service_graph_request_total{server=~"{{ services }}"}[{{ window }}]))"#,
    r#"sum by (server) (rate(traces_service_graph_request_failed_total{server=~"{{ services }}"}[{{ window }}]))"#,
    r#"(sum by (server) (rate(traces_service_graph_request_server_seconds_sum{server=~"{{ services }}"}[{{ window }}])) > 0 or sum by (server) (rate(traces_service_graph_request_client_seconds_sum{server=~"{{ services }}"}[{{ window }}]))) / sum by (server) (rate(traces_service_graph_request_total{server=~"{{ services }}"}[{{ window }}]))"#,
];
/// A request that no answer came to has the status 0.
const ISTIO: [&str; 3] = [
    r#"sum by (destination_workload) (rate(istio_requests_total{reporter="destination",destination_workload=~"{{ services }}"}[{{ window }}]))"#,
    r#"sum by (destination_workload) (rate(istio_requests_total{reporter="destination",destination_workload=~"{{ services }}",response_code=~"5..|0"}[{{ window }}]))"#,
    r#"sum by (destination_workload) (rate(istio_request_duration_milliseconds_sum{reporter="destination",destination_workload=~"{{ services }}"}[{{ window }}])) / sum by (destination_workload) (rate(istio_request_duration_milliseconds_count{reporter="destination",destination_workload=~"{{ services }}"}[{{ window }}])) / 1000"#,
];

#[cfg(test)]
mod tests {
    use super::super::template::filled;
    use super::*;

    #[test]
    fn every_expression_parses_and_keeps_the_label_of_the_service() {
        for preset in [Preset::Tempo, Preset::Istio] {
            let (map, measures) = (preset.map(), preset.measures());
            promql_parser::parser::parse(&map.expr).expect("it parses");
            assert!(map.expr.contains(&map.client) && map.expr.contains(&map.server));
            for template in [measures.requests, measures.failures, measures.latency].map(Option::unwrap) {
                let expr = filled(&template, ["a.b", "c\""].into_iter(), "2m");
                promql_parser::parser::parse(&expr).expect("it parses");
                assert!(expr.contains(&format!("by ({})", measures.label)), "{expr}");
            }
        }
    }
}
