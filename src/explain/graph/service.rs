//! Which service an alert or a series is of.

use super::Graph;
use crate::model::{Labels, matches_all};
use crate::rank::DependencyGraph;

/// Labels that often name a service; what the settings name comes before them.
const USUAL: [&str; 6] = ["service", "service_name", "app", "job", "destination_workload", "server"];

impl Graph {
    /// The service that labels name; `None`: none that the graph has.
    pub(in super::super) fn service_of(&self, labels: &Labels, known: &DependencyGraph) -> Option<String> {
        let fits = |(_, matchers): &&(String, Vec<_>)| matches_all(matchers, labels);
        if let Some((name, _)) = self.services.iter().find(fits) {
            return known.contains(name).then(|| name.clone());
        }
        let named = self.labels().filter_map(|name| labels.get(name));
        // OpenTelemetry's job is the namespace and the service.
        let names = named.flat_map(|value| [Some(value), value.rsplit_once('/').map(|(_, name)| name)]);
        names.flatten().find(|name| known.contains(name)).map(str::to_owned)
    }

    fn labels(&self) -> impl Iterator<Item = &str> {
        Some(self.measures.label.as_str()).into_iter().filter(|name| !name.is_empty()).chain(USUAL)
    }

    /// The labels that are looked at, in words.
    pub(in super::super) fn labels_in_words(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        self.labels().for_each(|name| {
            if !names.contains(&name) {
                names.push(name);
            }
        });
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Measures;
    use super::*;
    use crate::model::Matcher;

    #[test]
    fn matchers_come_before_labels_and_only_known_services_count() {
        let known = DependencyGraph::from_service_map([("web", "api"), ("api", "db")]).unwrap();
        let graph = Graph {
            services: vec![
                ("db".to_owned(), vec![Matcher::equal("job", "postgres")]),
                ("gone".to_owned(), vec![Matcher::equal("job", "old")]),
            ],
            measures: Measures { label: "svc".to_owned(), ..Measures::default() },
            ..Graph::default()
        };
        for (labels, expected, sentence) in [
            (&[("svc", "web")][..], Some("web"), "the configured label"),
            (&[("svc", "web"), ("job", "postgres")], Some("db"), "a matcher is more exact"),
            (&[("job", "old"), ("service", "web")], None, "a matcher for a service that the graph lacks"),
            (&[("svc", "x"), ("service", "api")], Some("api"), "the first label whose value is known"),
            (&[("job", "shop/api")], Some("api"), "a job of OpenTelemetry"),
            (&[("instance", "web")], None, "an instance is no service"),
            (&[], None, "no label"),
        ] {
            let labels: Labels = labels.iter().copied().collect();
            assert_eq!(graph.service_of(&labels, &known).as_deref(), expected, "{sentence}");
        }
        assert!(graph.labels_in_words().starts_with("svc, service, "));
    }
}
