//! Who calls whom, and which of them a slow or failing service suffers from. Pure.
//!
//! Calls are written down in the configuration, or read from a service map of Prometheus, or both. The services that
//! alerts name are the targets; requests, failures and latency of all services around them are asked for over some
//! hours before the alerts and some minutes around their beginning, and [`crate::rank`] says which of them accounts
//! for how much. Without a graph nothing is asked and nothing is said.

mod config;
mod nodes;
mod presets;
mod question;
mod service;
mod span;
mod template;
pub(super) mod words;

#[cfg(test)]
mod tests;

pub use config::{Graph, Measures, Preset, ServiceMap};
pub use nodes::Measured;
pub use question::Question;
pub(super) use span::STEP;
pub use span::Span;
pub use template::fault;

use crate::model::{Labels, Series};
use crate::rank::{DependencyGraph, GraphError, Ranking};

/// Longest name of a service; a longer one is left out of a service map.
const MAX_NAME: usize = 128;

/// The graph, and whose alerts and series are whose.
#[derive(Clone, Debug)]
pub struct Services {
    graph: Graph,
    known: DependencyGraph,
}

impl Services {
    /// From what is written down and from the rows of a service map. The error is that of too large a graph.
    pub fn new(graph: Graph, map: &[Series]) -> Result<Self, GraphError> {
        let read = graph.map.as_ref().map_or_else(Vec::new, |ends| {
            let row = |series: &Series| {
                let name =
                    |label| series.labels.get(label).filter(|name| (1..=MAX_NAME).contains(&name.len()));
                Some((name(&ends.client)?.to_owned(), name(&ends.server)?.to_owned()))
            };
            map.iter().filter_map(row).collect()
        });
        let known = DependencyGraph::from_service_map(graph.calls.iter().cloned().chain(read))?;
        Ok(Self { graph, known })
    }

    /// The service that labels name, if the graph has it.
    pub fn of(&self, labels: &Labels) -> Option<String> {
        self.graph.service_of(labels, &self.known)
    }

    /// Whether nothing is known of who calls whom.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The label by which a service is named in what is told.
    pub(super) fn label(&self) -> &str {
        match self.graph.measures.label.as_str() {
            "" => "service",
            label => label,
        }
    }
}

/// What the graph says about the alerts; the default says nothing.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// The services; `None` without a graph.
    pub services: Option<Services>,
    /// For each service that alerts name and that is unusual, what it most likely comes from.
    pub rankings: Vec<Ranking>,
}
