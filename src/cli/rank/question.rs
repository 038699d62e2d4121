//! A recording of the benchmark as a question to the ranking.

use super::flags::Without;
use super::recording::Recording;
use super::scenario::{Complaint, Target};
use crate::model::{Direction, Labels};
use crate::rank::{DependencyGraph, Incident, Kind, Metric, Node, RankError, rank};

const REQUESTS: &str = "requests";
const SUM: &str = "Sum";

/// The suspects with their scores, the likeliest first.
pub fn suspects(
    graph: &DependencyGraph,
    target: &Target,
    normal: &Recording,
    abnormal: &Recording,
    without: &[Without],
) -> Result<Vec<(String, f64)>, RankError> {
    let nodes = nodes(target, normal, abnormal, !without.contains(&Without::Requests));
    let none = DependencyGraph::default();
    let graph = if without.contains(&Without::Graph) { &none } else { graph };
    let kind = kind(target.metric);
    let incident = Incident { target: &target.node, kind, nodes: &nodes, graph, times: &abnormal.times };
    let suspects = rank(&incident)?.suspects.into_iter();
    Ok(suspects.map(|suspect| (suspect.node, suspect.score)).collect())
}

fn kind(complaint: Complaint) -> Kind {
    match complaint {
        Complaint::Latency => Kind::Latency,
        Complaint::Availability => Kind::Errors,
    }
}

/// All nodes with the target's metric in both recordings.
fn nodes(target: &Target, normal: &Recording, abnormal: &Recording, counts: bool) -> Vec<Node> {
    let metric = target.metric.name();
    let node = |name: &str| {
        let own = (normal.values(name, metric, &target.agg)?, abnormal.values(name, metric, &target.agg)?);
        let mut metrics = vec![series(target.metric, own)];
        let requests = normal.values(name, REQUESTS, SUM).zip(abnormal.values(name, REQUESTS, SUM));
        if let Some((normal, abnormal)) = requests.filter(|_| counts) {
            let (normal, abnormal) = (normal.to_vec(), abnormal.to_vec());
            metrics.push(Metric { kind: Kind::Requests, worse: Direction::Both, normal, abnormal });
        }
        Some(Node { name: name.to_owned(), labels: Labels::default(), metrics })
    };
    abnormal.nodes(metric, &target.agg).into_iter().filter_map(node).collect()
}

fn series(complaint: Complaint, (normal, abnormal): (&[f64], &[f64])) -> Metric {
    let values = |values: &[f64]| match complaint {
        Complaint::Latency => values.to_vec(),
        Complaint::Availability => values.iter().map(|percent| (100.0 - percent) / 100.0).collect(),
    };
    let (normal, abnormal) = (values(normal), values(abnormal));
    Metric { kind: kind(complaint), worse: Direction::Above, normal, abnormal }
}
