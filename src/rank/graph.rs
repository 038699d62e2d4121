//! Who calls whom: built from a list, from labels, or from the rows of a service map.

use std::collections::{BTreeMap, BTreeSet};

use super::cycles::components;
use crate::model::Labels;

/// Most nodes of a graph: a ranking is asked for while somebody waits.
pub const MAX_NODES: usize = 10_000;
/// Most dependencies of a graph.
pub const MAX_EDGES: usize = 100_000;

/// Nodes and their dependencies, caller → callee. Cycles are allowed, a call of oneself is dropped. Its order
/// is that of the names, whatever order it was built in; the default has no node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DependencyGraph {
    index: BTreeMap<String, usize>,
    callees: Vec<Vec<usize>>,
    callers: Vec<Vec<usize>>,
    component: Vec<usize>,
}

/// Why a graph cannot be built; each message says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// A dependency names a node that is not listed.
    #[error(
        "the dependency '{caller}' → '{callee}' names '{node}', which is not among the nodes; list it or correct it"
    )]
    UnknownNode {
        /// Who calls.
        caller: String,
        /// Who is called.
        callee: String,
        /// Which of the two is unknown.
        node: String,
    },
    /// A node has no name.
    #[error("a node has an empty name; name it")]
    EmptyName,
    /// It is larger than allowed.
    #[error("there are more than {limit} {what}; keep what the target can depend on")]
    TooLarge {
        /// Nodes or dependencies.
        what: &'static str,
        /// The limit that was passed.
        limit: usize,
    },
}

impl DependencyGraph {
    /// From listed nodes and dependencies among them, caller first. What is listed twice counts once.
    pub fn new<N: Into<String>>(
        nodes: impl IntoIterator<Item = N>,
        dependencies: impl IntoIterator<Item = (N, N)>,
    ) -> Result<Self, GraphError> {
        let names = bounded(nodes.into_iter().map(Into::into), "nodes", MAX_NODES)?;
        if names.contains("") {
            return Err(GraphError::EmptyName);
        }
        let index: BTreeMap<String, usize> =
            names.into_iter().enumerate().map(|(place, name)| (name, place)).collect();
        let pairs = dependencies.into_iter().map(|(caller, callee)| (caller.into(), callee.into()));
        let mut edges = Vec::new();
        for (caller, callee) in bounded(pairs, "dependencies", MAX_EDGES)? {
            match (index.get(&caller), index.get(&callee)) {
                (Some(from), Some(to)) => edges.push((*from, *to)),
                (from, _) => {
                    let node = if from.is_none() { &caller } else { &callee }.clone();
                    return Err(GraphError::UnknownNode { caller, callee, node });
                }
            }
        }
        Ok(Self::of_indices(index, &edges))
    }

    /// From the rows of a service map, caller first: whoever occurs is a node.
    pub fn from_service_map<N: Into<String>>(
        rows: impl IntoIterator<Item = (N, N)>,
    ) -> Result<Self, GraphError> {
        let rows = rows.into_iter().map(|(caller, callee)| (caller.into(), callee.into()));
        let rows: BTreeSet<(String, String)> = bounded(rows, "dependencies", MAX_EDGES)?;
        let nodes: Vec<String> =
            rows.iter().flat_map(|(caller, callee)| [caller.clone(), callee.clone()]).collect();
        Self::new(nodes, rows)
    }

    /// From series that name both ends, such as `traces_service_graph_request_total{client, server}` or Istio's
    /// `source_workload` and `destination_workload`. A series without one of the labels says nothing.
    pub fn from_labels<'a>(
        series: impl IntoIterator<Item = &'a Labels>,
        caller: &str,
        callee: &str,
    ) -> Result<Self, GraphError> {
        let ends = |labels: &'a Labels| Some((labels.get(caller)?, labels.get(callee)?));
        let named = |(from, to): &(&str, &str)| !from.is_empty() && !to.is_empty();
        Self::from_service_map(series.into_iter().filter_map(ends).filter(named))
    }

    fn of_indices(index: BTreeMap<String, usize>, edges: &[(usize, usize)]) -> Self {
        let mut callees = vec![Vec::new(); index.len()];
        let mut callers = vec![Vec::new(); index.len()];
        for &(from, to) in edges.iter().filter(|(from, to)| from != to) {
            callees[from].push(to);
            callers[to].push(from);
        }
        let component = components(&callees, &callers);
        Self { index, callees, callers, component }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.callees.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.callees.is_empty()
    }

    /// How many dependencies there are.
    pub fn dependencies(&self) -> usize {
        self.callees.iter().map(Vec::len).sum()
    }

    /// The names, sorted.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.index.keys().map(String::as_str)
    }

    /// Whether there is a node of that name.
    pub fn contains(&self, node: &str) -> bool {
        self.index.contains_key(node)
    }

    /// The names of those that a node calls, sorted; nothing for a node that is not there.
    pub fn callees_of(&self, node: &str) -> Vec<&str> {
        let names: Vec<&str> = self.names().collect();
        let callees = self.index.get(node).map_or(&[][..], |place| &self.callees[*place]);
        callees.iter().map(|place| names[*place]).collect()
    }

    pub(super) fn place(&self, node: &str) -> Option<usize> {
        self.index.get(node).copied()
    }

    /// Where causes are looked for next: among the callees, or against the calls among the callers.
    pub(super) fn next(&self, place: usize, against_calls: bool) -> &[usize] {
        if against_calls { &self.callers[place] } else { &self.callees[place] }
    }

    /// Whether each of two nodes depends on the other.
    pub(super) fn on_one_cycle(&self, one: usize, other: usize) -> bool {
        self.component[one] == self.component[other]
    }
}

/// What there is, sorted and once each, or an error past the limit: counted while it is read.
fn bounded<T: Ord>(
    items: impl Iterator<Item = T>,
    what: &'static str,
    limit: usize,
) -> Result<BTreeSet<T>, GraphError> {
    let mut all = BTreeSet::new();
    for item in items {
        all.insert(item);
        if all.len() > limit {
            return Err(GraphError::TooLarge { what, limit });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_what_it_is_built_from_does_not_matter() {
        let one =
            DependencyGraph::new(["web", "db", "auth"], [("web", "db"), ("web", "auth"), ("web", "db")]);
        let other = DependencyGraph::new(["auth", "db", "web"], [("web", "auth"), ("web", "db")]);
        assert_eq!(one, other);
        let graph = one.unwrap();
        assert_eq!((graph.len(), graph.dependencies()), (3, 2));
        assert_eq!(graph.callees_of("web"), ["auth", "db"]);
        assert_eq!(graph.callees_of("nobody"), Vec::<&str>::new());
    }

    #[test]
    fn an_unknown_node_is_named() {
        for (dependency, expected) in [(("web", "dc"), "'dc'"), (("wed", "db"), "'wed'")] {
            let error = DependencyGraph::new(["web", "db"], [dependency]).unwrap_err().to_string();
            assert!(error.contains(&format!("names {expected}, which is not among")), "{error}");
        }
        assert_eq!(DependencyGraph::new(["", "db"], []), Err(GraphError::EmptyName));
    }

    #[test]
    fn a_graph_has_a_bound() {
        let names = |count: usize| (0..count).map(|number| format!("n{number}"));
        let too_many = DependencyGraph::new(names(MAX_NODES + 1), []);
        assert_eq!(too_many, Err(GraphError::TooLarge { what: "nodes", limit: MAX_NODES }));
        let pairs = (0..=MAX_EDGES).map(|n| (format!("a{}", n % 1000), format!("b{}", n / 1000)));
        let too_many = DependencyGraph::from_service_map(pairs);
        assert_eq!(too_many, Err(GraphError::TooLarge { what: "dependencies", limit: MAX_EDGES }));
    }

    #[test]
    fn a_service_map_and_labels_bring_their_own_nodes() {
        let map = DependencyGraph::from_service_map([("web", "db"), ("db", "web"), ("db", "db")]).unwrap();
        assert_eq!((map.callees_of("db"), map.callees_of("web")), (vec!["web"], vec!["db"]));
        let series = [
            Labels::from_iter([("client", "web"), ("server", "db")]),
            Labels::from_iter([("client", "web")]),
            Labels::from_iter([("client", ""), ("server", "db")]),
            Labels::from_iter([("client", "db"), ("server", "web")]),
        ];
        assert_eq!(DependencyGraph::from_labels(&series, "client", "server").unwrap(), map);
    }

    #[test]
    fn those_that_depend_on_each_other_are_known() {
        let graph =
            DependencyGraph::from_service_map([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]).unwrap();
        let place = |name| graph.place(name).unwrap();
        assert!(graph.on_one_cycle(place("a"), place("c")));
        assert!(!graph.on_one_cycle(place("c"), place("d")));
    }
}
