//! Which part of a graph a node may suffer from.

use std::collections::VecDeque;

use super::graph::DependencyGraph;

impl DependencyGraph {
    /// A node, and those that calls lead to from it, or against calls to it; the nearest first, equally near ones by
    /// name. Nothing for a node that is not there.
    pub fn behind(&self, node: &str, against_calls: bool) -> Vec<&str> {
        let names: Vec<&str> = self.names().collect();
        let mut waiting: VecDeque<(usize, usize)> =
            self.place(node).map(|start| (start, 0)).into_iter().collect();
        let mut seen = vec![false; self.len()];
        let mut found: Vec<(usize, &str)> = Vec::new();
        while let Some((place, calls)) = waiting.pop_front() {
            if std::mem::replace(&mut seen[place], true) {
                continue;
            }
            found.push((calls, names[place]));
            waiting.extend(self.next(place, against_calls).iter().map(|next| (*next, calls + 1)));
        }
        found.sort_unstable();
        found.into_iter().map(|(_, name)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_strangers_do_not_come() {
        let calls = [("gate", "web"), ("web", "api"), ("api", "db"), ("db", "api"), ("mail", "smtp")];
        let graph = DependencyGraph::from_service_map(calls).unwrap();
        for (node, against_calls, expected, sentence) in [
            ("web", false, &["web", "api", "db"][..], "whom it calls, and whom they call"),
            ("db", true, &["db", "api", "web", "gate"], "who calls it, and who calls them"),
            ("db", false, &["db", "api"], "a cycle ends"),
            ("smtp", false, &["smtp"], "itself alone"),
            ("nobody", false, &[], "an unknown one has nothing behind it"),
        ] {
            assert_eq!(graph.behind(node, against_calls), expected, "{sentence}");
        }
    }
}
