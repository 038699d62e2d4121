//! What a ranking costs: 1,000 nodes with a day of usual time in steps of five minutes, and 20 unusual rows.
//!
//! `cargo bench --bench rank`. One thread. A fault at the end of a chain reaches the target through every layer.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use smartcloudops::model::{Direction, Labels, Timestamp};
use smartcloudops::rank::{DependencyGraph, Incident, Kind, Metric, Node, rank};

const NODES: usize = 1000;
const HISTORY: usize = 288;
const ROWS: usize = 20;

fn name(number: usize) -> String {
    format!("n{number}")
}

fn node(rng: &mut fastrand::Rng, number: usize) -> Node {
    let mut column = |rows, usual: f64, more: f64| -> Vec<f64> {
        (0..rows).map(|_| usual * (0.9 + 0.2 * rng.f64()) + more).collect()
    };
    // Every tenth node lies on the way of the fault.
    let more = if number.is_multiple_of(10) { 0.5 } else { 0.0 };
    let (normal, abnormal) = (column(HISTORY, 0.1, 0.0), column(ROWS, 0.1, more));
    let latency = Metric { kind: Kind::Latency, worse: Direction::Above, normal, abnormal };
    let (normal, abnormal) = (column(HISTORY, 500.0, 0.0), column(ROWS, 500.0, 0.0));
    let requests = Metric { kind: Kind::Requests, worse: Direction::Both, normal, abnormal };
    Node { name: name(number), labels: Labels::default(), metrics: vec![latency, requests] }
}

fn thousand_nodes(criterion: &mut Criterion) {
    let mut rng = fastrand::Rng::with_seed(1);
    let nodes: Vec<Node> = (0..NODES).map(|number| node(&mut rng, number)).collect();
    let calls = (1..NODES).flat_map(|number| {
        let chain = number.is_multiple_of(10).then(|| (name(number - 10), name(number)));
        [Some((name(rng.usize(0..number)), name(number))), chain].into_iter().flatten()
    });
    let graph = DependencyGraph::from_service_map(calls).expect("it is within the limits");
    let times: Vec<Timestamp> = (0..ROWS).map(|row| Timestamp::from_millis(row as i64)).collect();
    for (what, graph) in [("graph", graph), ("no graph", DependencyGraph::default())] {
        let incident =
            Incident { target: "n0", kind: Kind::Latency, nodes: &nodes, graph: &graph, times: &times };
        criterion.bench_function(&format!("1,000 nodes, {what}"), |bench| {
            bench.iter(|| rank(black_box(&incident)).expect("the question is sound"));
        });
    }
}

criterion_group!(benches, thousand_nodes);
criterion_main!(benches);
