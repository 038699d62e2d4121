//! The baseline of the benchmark, for comparison: nodes that deviate while none of their callees does, by the largest
//! sum of deviations on a way of deviating nodes from the target. (M. Hardt et al., CLeaR 2024, section 4.)
//!
//! A deviation is the distance from the median over the median absolute deviation, which is infinite wherever a series
//! hardly ever varies: many of its answers are ties.

use std::collections::{BTreeMap, BTreeSet};

use super::recording::Recording;
use super::scenario::Target;
use crate::rank::DependencyGraph;

/// Deviations from which on a value is an anomaly.
const THRESHOLD: f64 = 5.0;
/// The first row that lies wholly after the complaint.
const FIRST_ROW: usize = 2;
/// Fewest values of normal time.
const MIN_HISTORY: usize = 10;
/// The median absolute deviation of a standard normal distribution.
const MAD_OF_NORMAL: f64 = 0.674_489_750_196_081_7;
/// Most nodes visited: ways on a graph with cycles are many.
const MAX_VISITS: usize = 1_000_000;

/// The suspects with their scores, in no order.
pub fn suspects(
    graph: &DependencyGraph,
    target: &Target,
    normal: &Recording,
    abnormal: &Recording,
) -> Vec<(String, f64)> {
    let metric = target.metric.name();
    let deviations: BTreeMap<&str, Vec<Option<f64>>> = abnormal
        .nodes(metric, &target.agg)
        .into_iter()
        .filter_map(|node| {
            let normal = normal.values(node, metric, &target.agg).unwrap_or_default();
            Some((node, anomalies(normal, abnormal.values(node, metric, &target.agg)?)))
        })
        .collect();
    let Some(own) = deviations.get(target.node.as_str()) else { return Vec::new() };
    let Some(row) = (FIRST_ROW..own.len()).find(|row| own[*row].is_some()) else { return Vec::new() };
    let anomalous: BTreeMap<&str, f64> =
        deviations.iter().filter_map(|(node, rows)| Some((*node, rows[row]?))).collect();
    let mut search =
        Search { graph, anomalous: &anomalous, on_way: BTreeSet::new(), visits: 0, best: BTreeMap::new() };
    search.visit(&target.node, 0.0);
    search.best.remove(target.node.as_str());
    search.best.into_iter().collect()
}

/// The deviation by row, where it is an anomaly.
fn anomalies(normal: &[f64], abnormal: &[f64]) -> Vec<Option<f64>> {
    let mut known: Vec<f64> = normal.iter().copied().filter(|value| !value.is_nan()).collect();
    if known.len() < MIN_HISTORY {
        return vec![None; abnormal.len()];
    }
    let middle = median(&mut known);
    let is_constant = known.first() == known.last();
    let mut distances: Vec<f64> = known.iter().map(|value| (value - middle).abs()).collect();
    let (scale, threshold) =
        if is_constant { (1.0, 0.0) } else { (median(&mut distances) / MAD_OF_NORMAL, THRESHOLD) };
    let deviation =
        |value: &f64| Some((value - middle).abs() / scale).filter(|deviation| *deviation > threshold);
    abnormal.iter().map(deviation).collect()
}

/// The middle value; sorts them.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

struct Search<'a> {
    graph: &'a DependencyGraph,
    anomalous: &'a BTreeMap<&'a str, f64>,
    on_way: BTreeSet<String>,
    visits: usize,
    best: BTreeMap<String, f64>,
}

impl Search<'_> {
    fn visit(&mut self, node: &str, before: f64) {
        self.visits += 1;
        let Some(own) = self.anomalous.get(node) else { return };
        if self.visits > MAX_VISITS || !self.on_way.insert(node.to_owned()) {
            return;
        }
        let sum = before + own;
        let graph = self.graph;
        let callees: Vec<&str> =
            graph.callees_of(node).into_iter().filter(|callee| self.anomalous.contains_key(callee)).collect();
        if callees.is_empty() {
            let best = self.best.entry(node.to_owned()).or_insert(sum);
            *best = best.max(sum);
        }
        callees.into_iter().for_each(|callee| self.visit(callee, sum));
        self.on_way.remove(node);
    }
}
