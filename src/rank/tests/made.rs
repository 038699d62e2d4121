//! Incidents made on random service graphs, so that no choice rests on one recorded system.
//!
//! The world is broader than what the ranking assumes: calls that nobody waits for, failures that a caller hides, daily
//! traffic, drifting latencies, proxies that see a part of the calls, nodes without series, counts that are sampled,
//! missing values, dependencies that the graph lacks, and unrelated deviations elsewhere.

use std::sync::LazyLock;

use fastrand::Rng;

use super::super::*;
use crate::model::{Direction, Labels, Timestamp};

const HISTORY: usize = 300;
const ROWS: usize = 6;
const TIME: usize = HISTORY + ROWS;

struct Call {
    caller: usize,
    callee: usize,
    /// Calls per request of the caller.
    times: f64,
    /// Whether the caller waits, and fails with it.
    waits: bool,
}

/// A made incident and the node at fault.
#[derive(Clone)]
struct Made {
    nodes: Vec<Node>,
    graph: DependencyGraph,
    kind: Kind,
    cause: String,
}

/// By node and row.
type Rows = Vec<Vec<f64>>;

struct World {
    calls: Vec<Call>,
    requests: Rows,
    latency: Rows,
    failing: Rows,
}

fn normal(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0
}

fn poisson(rng: &mut Rng, mean: f64) -> f64 {
    if mean > 30.0 {
        return (mean + mean.sqrt() * normal(rng)).round().max(0.0);
    }
    let (mut count, mut product) = (0.0, rng.f64());
    while product > (-mean).exp() {
        count += 1.0;
        product *= rng.f64();
    }
    count
}

fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    (low.ln() + rng.f64() * (high / low).ln()).exp()
}

fn calls(rng: &mut Rng, count: usize) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for callee in 1..count {
        for _ in 0..if rng.f64() < 0.4 { 2 } else { 1 } {
            let caller = rng.usize(callee.saturating_sub(10)..callee);
            let times = [0.1, 0.5, 1.0, 1.0, 2.0][rng.usize(0..5)];
            if !calls.iter().any(|call| (call.caller, call.callee) == (caller, callee)) {
                calls.push(Call { caller, callee, times, waits: rng.f64() < 0.85 });
            }
        }
    }
    calls
}

/// What a fault of a node alone does to the target: of those, the incident is what reaches it.
fn reach(calls: &[Call], node: usize, count: usize) -> f64 {
    let mut effect = vec![0.0; count];
    effect[node] = 1.0;
    for place in (0..count).rev() {
        for call in calls.iter().filter(|call| call.caller == place && call.waits) {
            effect[place] += call.times * effect[call.callee];
        }
    }
    effect[0]
}

fn world(rng: &mut Rng, count: usize, calls: Vec<Call>, fault: impl Fn(usize, usize) -> (f64, f64)) -> World {
    let entry = between(rng, 300.0, 6000.0);
    let mut world = World {
        requests: vec![vec![0.0; TIME]; count],
        latency: vec![vec![0.0; TIME]; count],
        failing: vec![vec![0.0; TIME]; count],
        calls,
    };
    for node in 0..count {
        for row in 0..TIME {
            let day = 1.0 + 0.3 * (row as f64 / 45.0).sin();
            let incoming = world.calls.iter().filter(|call| call.callee == node);
            let mean: f64 = incoming.map(|call| call.times * world.requests[call.caller][row]).sum();
            world.requests[node][row] = poisson(rng, if node == 0 { entry * day } else { mean });
        }
    }
    for node in (0..count).rev() {
        let (base, uneven, usually) = (between(rng, 0.002, 0.2), rng.f64() * 2.0, rng.f64());
        let usually = if usually < 0.7 { 0.0 } else { between(rng, 1e-4, 3e-3) };
        let mut drift = 0.0;
        for row in 0..TIME {
            drift = 0.95 * drift + 0.02 * normal(rng);
            let requests = world.requests[node][row].max(1.0);
            let (slower, failing) = fault(node, row);
            let own = base * (1.0 + drift + uneven / requests.sqrt() * normal(rng)).max(0.2);
            let mut latency = own + slower * base;
            let mut failed = poisson(rng, requests * (usually + failing).min(1.0));
            for call in world.calls.iter().filter(|call| call.caller == node && call.waits) {
                latency += call.times * world.latency[call.callee][row];
                failed += poisson(rng, requests * call.times * world.failing[call.callee][row]);
            }
            world.latency[node][row] = latency;
            world.failing[node][row] = (failed / requests).min(1.0);
        }
    }
    world
}

/// An incident of a seed; `None` where its fault does not reach the target.
fn made(seed: u64) -> Option<Made> {
    let mut rng = Rng::with_seed(seed);
    let count = rng.usize(10..50);
    let calls = calls(&mut rng, count);
    let cause = rng.usize(1..count);
    let kind = if rng.bool() { Kind::Latency } else { Kind::Errors };
    let (size, first) = (between(&mut rng, 2.0, 30.0), HISTORY + rng.usize(1..3));
    let unfelt: Vec<usize> = (1..count).filter(|node| reach(&calls, *node, count) == 0.0).collect();
    let (other, when) = (rng.choice(unfelt), HISTORY + rng.usize(0..ROWS));
    if reach(&calls, cause, count) < 0.2 {
        return None;
    }
    let fault = |node: usize, row: usize| match () {
        () if node == cause && row >= first && kind == Kind::Latency => (size, 0.0),
        () if node == cause && row >= first => (0.0, size / 100.0),
        () if Some(node) == other && row == when => (5.0, 0.05),
        () => (0.0, 0.0),
    };
    let world = world(&mut rng, count, calls, fault);
    let whole = |node: usize| if kind == Kind::Latency { &world.latency[node] } else { &world.failing[node] };
    let rises = |rows: &[f64]| {
        let usual: Vec<f64> = rows[..HISTORY].to_vec();
        rows[first] - spread::median(&usual) > 3.0 * spread::spread(&usual)
    };
    if !rises(whole(0)) {
        return None;
    }
    let nodes = (0..count).filter(|node| *node == 0 || *node == cause || rng.f64() > 0.08);
    let mut nodes: Vec<usize> = nodes.collect();
    rng.shuffle(&mut nodes);
    let kept = world.calls.iter().filter(|_| rng.f64() > 0.03);
    let kept: Vec<(String, String)> = kept.map(|call| (name(call.caller), name(call.callee))).collect();
    let graph = DependencyGraph::new((0..count).map(name), kept).unwrap();
    let nodes =
        nodes.into_iter().map(|node| seen(&mut rng, name(node), kind, whole(node), &world.requests[node]));
    let nodes = nodes.collect();
    Some(Made { nodes, graph, kind, cause: name(cause) })
}

fn name(node: usize) -> String {
    format!("n{node}")
}

/// What is recorded of a node: some counts are sampled, some values missing.
fn seen(rng: &mut Rng, name: String, kind: Kind, values: &[f64], requests: &[f64]) -> Node {
    let sampled = if rng.f64() < 0.1 { 0.5 + rng.f64() / 2.0 } else { 1.0 };
    let gaps = if rng.f64() < 0.2 { 0.1 } else { 0.0 };
    let value = |(value, count): (&f64, &f64)| {
        let missing = *count == 0.0 || rng.f64() < gaps;
        if missing { f64::NAN } else { *value }
    };
    let values: Vec<f64> = values.iter().zip(requests).map(value).collect();
    let counts: Vec<f64> = requests.iter().map(|count| (count * sampled).round()).collect();
    let metric = |kind, column: &[f64]| Metric {
        kind,
        worse: Direction::Above,
        normal: column[..HISTORY].to_vec(),
        abnormal: column[HISTORY..].to_vec(),
    };
    let metrics = vec![metric(kind, &values), metric(Kind::Requests, &counts)];
    Node { name, labels: Labels::default(), metrics }
}

/// Made once for all tests: two of five seeds make one that the target feels.
static ALL: LazyLock<Vec<Made>> = LazyLock::new(|| (0..250).filter_map(made).collect());

/// The suspects of an incident, and the node at fault.
fn asked(made: &Made) -> (Vec<Suspect>, &str) {
    let times: Vec<Timestamp> = (0..ROWS).map(|row| Timestamp::from_millis(row as i64)).collect();
    let Made { nodes, graph, kind, cause } = made;
    let incident = Incident { target: "n0", kind: *kind, nodes, graph, times: &times };
    (rank(&incident).unwrap().suspects, cause)
}

/// Holds the shares of incidents whose cause comes first, and among the first three, against bounds.
fn check(change: impl Fn(&mut Made), first: f64, third: f64) {
    let place = |made: &Made| {
        let mut made = made.clone();
        change(&mut made);
        let (suspects, cause) = asked(&made);
        suspects.iter().position(|suspect| suspect.node == cause)
    };
    let places: Vec<Option<usize>> = ALL.iter().map(place).collect();
    let within = |limit: usize| {
        let count = places.iter().filter(|place| place.is_some_and(|place| place < limit)).count();
        count as f64 / places.len() as f64
    };
    let found = (within(1), within(3));
    assert!(found.0 >= first && found.1 >= third, "{found:?} of {}, expected {first}, {third}", places.len());
}

#[test]
fn the_cause_is_found_on_graphs_of_any_shape() {
    check(|_| (), 0.92, 0.96);
}

#[test]
fn the_cause_is_found_without_a_graph() {
    check(|made| made.graph = DependencyGraph::default(), 0.86, 0.97);
}

#[test]
fn the_cause_is_found_without_counts_of_requests() {
    check(|made| made.nodes.iter_mut().for_each(|node| node.metrics.truncate(1)), 0.92, 0.95);
}

#[test]
fn usual_time_makes_nobody_a_suspect() {
    let calm = |made: &Made| {
        let mut made = made.clone();
        for metric in made.nodes.iter_mut().flat_map(|node| &mut node.metrics) {
            metric.abnormal = metric.normal.split_off(HISTORY - ROWS);
        }
        asked(&made).0.is_empty()
    };
    let silent = ALL.iter().filter(|made| calm(made)).count() as f64 / ALL.len() as f64;
    assert!(silent >= 0.95, "{silent} of {}", ALL.len());
}
