//! How an excess can come from a node to the target: along dependencies that show it as well.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap};

use super::graph::DependencyGraph;

/// The graph among the nodes that are judged: what lies behind a node without series is next to its neighbours.
pub(super) struct Links<'a> {
    graph: &'a DependencyGraph,
    /// By place in the graph, the number of the judged node.
    judged: Vec<Option<usize>>,
    /// By number, its place in the graph.
    places: Vec<Option<usize>>,
    against_calls: bool,
}

impl<'a> Links<'a> {
    /// Links among judged nodes, by their names. Causes are looked for among callees, or `against_calls`.
    pub fn new<'n>(
        graph: &'a DependencyGraph,
        names: impl Iterator<Item = &'n str>,
        against_calls: bool,
    ) -> Self {
        let places: Vec<Option<usize>> = names.map(|name| graph.place(name)).collect();
        let mut judged = vec![None; graph.len()];
        for (number, place) in places.iter().enumerate() {
            if let Some(place) = place {
                judged[*place] = Some(number);
            }
        }
        Self { graph, judged, places, against_calls }
    }

    /// The judged nodes next to one, in their order.
    pub fn next(&self, number: usize) -> Vec<usize> {
        let Some(start) = self.places[number] else { return Vec::new() };
        let (mut seen, mut waiting) = (BTreeSet::from([start]), vec![start]);
        let mut found = BTreeSet::new();
        while let Some(place) = waiting.pop() {
            for &next in self.graph.next(place, self.against_calls) {
                if seen.insert(next) {
                    match self.judged[next] {
                        Some(number) => drop(found.insert(number)),
                        None => waiting.push(next),
                    }
                }
            }
        }
        found.into_iter().collect()
    }

    /// Whether two nodes depend on each other.
    pub fn on_one_cycle(&self, one: usize, other: usize) -> bool {
        match (self.places[one], self.places[other]) {
            (Some(one), Some(other)) => self.graph.on_one_cycle(one, other),
            _ => false,
        }
    }
}

/// The widest ways from a node to all others.
pub(super) struct Ways {
    /// The width of the widest way to each node; `None` where none leads.
    pub widths: Vec<Option<f64>>,
    before: Vec<Option<usize>>,
}

impl Ways {
    /// A way is as wide as the narrowest node on it, the start excepted; what is as narrow as 0 is closed. (M. Pollack,
    /// Operations Research 8, 1960, by E. W. Dijkstra's order of visits, 1959.)
    pub fn from(start: usize, widths_of: &[f64], links: &Links) -> Self {
        let mut ways = Self { widths: vec![None; widths_of.len()], before: vec![None; widths_of.len()] };
        ways.widths[start] = Some(1.0);
        let mut done = vec![false; widths_of.len()];
        let mut waiting = BinaryHeap::from([Reached { width: 1.0, number: start }]);
        while let Some(Reached { width, number }) = waiting.pop() {
            if std::mem::replace(&mut done[number], true) {
                continue;
            }
            for next in links.next(number) {
                let through = width.min(widths_of[next]);
                if through > ways.widths[next].unwrap_or(0.0) {
                    ways.widths[next] = Some(through);
                    ways.before[next] = Some(number);
                    waiting.push(Reached { width: through, number: next });
                }
            }
        }
        ways
    }

    /// The nodes on the way to one, from the start to it; only itself where no way leads.
    pub fn to(&self, number: usize) -> Vec<usize> {
        let mut way: Vec<usize> = std::iter::successors(Some(number), |at| self.before[*at]).collect();
        way.reverse();
        way
    }
}

/// Widest first, then by number.
struct Reached {
    width: f64,
    number: usize,
}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        self.width.total_cmp(&other.width).then(other.number.cmp(&self.number))
    }
}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Reached {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Reached {}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["web", "cart", "stock", "db", "lost"];

    fn graph() -> DependencyGraph {
        DependencyGraph::from_service_map([
            ("web", "cart"),
            ("web", "proxy"),
            ("proxy", "stock"),
            ("cart", "db"),
            ("stock", "db"),
            ("db", "web"),
        ])
        .unwrap()
    }

    #[test]
    fn what_has_no_series_is_seen_through() {
        let graph = graph();
        let links = Links::new(&graph, NAMES.into_iter(), false);
        assert_eq!(links.next(0), [1, 2]);
        assert_eq!(links.next(4), Vec::<usize>::new());
        let links = Links::new(&graph, NAMES.into_iter(), true);
        assert_eq!(links.next(2), [0]);
    }

    #[test]
    fn the_widest_way_is_taken() {
        let graph = graph();
        let links = Links::new(&graph, NAMES.into_iter(), false);
        for (widths, width, way) in [
            ([0.0, 0.3, 0.6, 0.9, 1.0], Some(0.6), vec![0, 2, 3]),
            ([0.0, 0.7, 0.6, 0.9, 1.0], Some(0.7), vec![0, 1, 3]),
            ([0.0, 0.7, 0.7, 0.5, 1.0], Some(0.5), vec![0, 1, 3]),
            ([0.0, 0.0, 0.0, 0.9, 1.0], None, vec![3]),
        ] {
            let ways = Ways::from(0, &widths, &links);
            assert_eq!((ways.widths[3], ways.to(3)), (width, way), "{widths:?}");
            assert_eq!(ways.widths[4], None);
        }
    }
}
