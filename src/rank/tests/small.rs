//! Small incidents whose answer is known.

use super::super::*;
use crate::model::{Direction, Labels, Timestamp};

/// Usual time: latencies around 100 ms, or no failure, of 100 requests each.
const HISTORY: usize = 60;

fn times(count: usize) -> Vec<Timestamp> {
    (0..count).map(|row| Timestamp::from_millis(60_000 * row as i64)).collect()
}

/// A node with a latency, and requests unless there are none.
fn node(name: &str, abnormal: &[f64], requests: Option<f64>) -> Node {
    let normal: Vec<f64> = (0..HISTORY).map(|row| 0.1 + 0.001 * ((row * 7) % 10) as f64).collect();
    series(name, Kind::Latency, normal, abnormal, requests)
}

fn failing(name: &str, abnormal: &[f64], requests: Option<f64>) -> Node {
    series(name, Kind::Errors, vec![0.0; HISTORY], abnormal, requests)
}

fn series(name: &str, kind: Kind, normal: Vec<f64>, abnormal: &[f64], requests: Option<f64>) -> Node {
    let metric = |kind, normal, abnormal| Metric { kind, worse: Direction::Above, normal, abnormal };
    let mut metrics = vec![metric(kind, normal, abnormal.to_vec())];
    if let Some(count) = requests {
        metrics.push(metric(Kind::Requests, vec![count; HISTORY], vec![count; abnormal.len()]));
    }
    Node { name: name.to_owned(), labels: Labels::default(), metrics }
}

fn graph(calls: &[(&'static str, &'static str)]) -> DependencyGraph {
    DependencyGraph::from_service_map(calls.iter().copied()).unwrap()
}

fn ask(kind: Kind, nodes: &[Node], graph: &DependencyGraph) -> Ranking {
    let rows = nodes[0].metrics[0].abnormal.len();
    rank(&Incident { target: "web", kind, nodes, graph, times: &times(rows) }).unwrap()
}

fn names(ranking: &Ranking) -> Vec<&str> {
    ranking.suspects.iter().map(|suspect| suspect.node.as_str()).collect()
}

const CALM: [f64; 4] = [0.104, 0.105, 0.104, 0.103];

#[test]
fn the_deepest_node_that_accounts_for_the_excess_comes_first() {
    let slow = |more: f64| [0.104, 0.104 + more, 0.104 + more, 0.104];
    let nodes = [
        node("web", &slow(0.2), Some(100.0)),
        node("cart", &slow(0.4), Some(50.0)),
        node("db", &slow(0.1), Some(210.0)),
        node("cache", &CALM, Some(500.0)),
    ];
    let ranking = ask(Kind::Latency, &nodes, &graph(&[("web", "cart"), ("cart", "db"), ("cart", "cache")]));
    assert_eq!(names(&ranking)[0], "db");
    let first = &ranking.suspects[0];
    assert!(first.score > 0.9 && first.explained_by.is_empty(), "{first:?}");
    assert_eq!(first.way, ["web", "cart", "db"]);
    assert_eq!(first.since, Some(Timestamp::from_millis(60_000)));
    assert!(ranking.suspects.iter().skip(1).all(|suspect| suspect.score < 0.1), "{ranking:?}");
    let target = ranking.target.unwrap();
    assert!(target.abnormal && target.unexplained < 0.1, "{target:?}");
}

#[test]
fn a_node_that_is_too_small_does_not_come_first_however_much_it_deviates() {
    let nodes = [
        node("web", &[0.104, 0.204, 0.204], Some(1000.0)),
        node("rare", &[0.104, 9.0, 9.0], Some(2.0)),
        node("db", &[0.104, 0.154, 0.154], Some(2000.0)),
    ];
    let ranking = ask(Kind::Latency, &nodes, &graph(&[("web", "rare"), ("web", "db")]));
    assert_eq!(names(&ranking), ["db", "rare"]);
}

#[test]
fn failures_where_none_ever_were_are_ranked_by_their_number() {
    let nodes = [
        failing("web", &[0.0, 0.03, 0.04], Some(1000.0)),
        failing("pay", &[0.0, 0.30, 0.40], Some(100.0)),
        failing("mail", &[0.0, 0.50, 0.50], Some(10.0)),
    ];
    let ranking = ask(Kind::Errors, &nodes, &graph(&[("web", "pay"), ("web", "mail")]));
    assert_eq!(names(&ranking), ["pay", "mail"]);
    assert!(ranking.suspects.iter().all(|suspect| suspect.score.is_finite()), "{ranking:?}");
}

#[test]
fn nobody_is_suspected_where_nothing_is_wrong() {
    let nodes = [node("web", &CALM, Some(100.0)), node("db", &CALM, Some(100.0))];
    let ranking = ask(Kind::Latency, &nodes, &graph(&[("web", "db")]));
    assert_eq!(names(&ranking), Vec::<&str>::new());
    assert!(ranking.target.is_none_or(|target| !target.abnormal));
}

#[test]
fn a_fault_of_a_node_that_the_target_does_not_feel_is_no_cause() {
    let nodes =
        [node("web", &[0.104, 0.106, 0.104], Some(100.0)), node("db", &[0.104, 0.104, 3.0], Some(100.0))];
    let ranking = ask(Kind::Latency, &nodes, &graph(&[("web", "db")]));
    assert_eq!(names(&ranking), Vec::<&str>::new());
}

#[test]
fn a_target_that_is_the_cause_has_no_suspect_and_says_so() {
    let nodes = [node("web", &[0.104, 2.0, 2.0], Some(100.0)), node("db", &CALM[..3], Some(100.0))];
    let ranking = ask(Kind::Latency, &nodes, &graph(&[("web", "db")]));
    assert_eq!(names(&ranking), Vec::<&str>::new());
    let target = ranking.target.as_ref().unwrap();
    assert!(target.abnormal && target.unexplained > 0.99, "{target:?}");
    assert!(ranking.words()[1].starts_with("100 % of the excess"), "{:?}", ranking.words());
}

#[test]
fn without_a_graph_the_more_significant_of_two_alike_comes_first() {
    let slow = |more: f64| [0.104, 0.104 + more, 0.104 + more];
    let nodes = [
        node("web", &slow(0.2), Some(100.0)),
        node("cart", &slow(0.2), Some(100.0)),
        node("db", &slow(0.4), Some(50.0)),
        node("other", &CALM[..3], Some(100.0)),
    ];
    let ranking = ask(Kind::Latency, &nodes, &DependencyGraph::default());
    assert_eq!(names(&ranking), ["db", "cart"]);
}

#[test]
fn of_equal_suspects_the_earlier_then_the_one_with_the_targets_labels_comes_first() {
    let slow = [0.104, 0.3, 0.3, 0.3];
    let labelled = |node: Node, zone: &str| Node { labels: Labels::from_iter([("zone", zone)]), ..node };
    let nodes = [
        labelled(node("web", &slow, None), "a"),
        labelled(node("one", &slow, None), "b"),
        labelled(node("two", &slow, None), "a"),
    ];
    let ranking = ask(Kind::Latency, &nodes, &DependencyGraph::default());
    assert_eq!(ranking.suspects[0].score, ranking.suspects[1].score);
    assert_eq!(names(&ranking), ["two", "one"]);
}

#[test]
fn nodes_on_a_cycle_do_not_explain_each_other_away() {
    let slow = |more: f64| [0.104, 0.104 + more, 0.104 + more];
    let nodes = [
        node("web", &slow(0.2), Some(100.0)),
        node("a", &slow(0.2), Some(100.0)),
        node("b", &slow(0.4), Some(50.0)),
    ];
    let ranking = ask(Kind::Latency, &nodes, &graph(&[("web", "a"), ("a", "b"), ("b", "a")]));
    assert_eq!(names(&ranking)[0], "b");
    assert!(ranking.suspects[0].score > 0.9, "{ranking:?}");
}

#[test]
fn fewer_requests_come_from_a_caller() {
    let idle = |name: &str, usual: f64, abnormal: &[f64]| {
        let normal: Vec<f64> = (0..HISTORY).map(|row| usual + ((row * 7) % 10) as f64).collect();
        let worse = Direction::Below;
        let metric = Metric { kind: Kind::Requests, worse, normal, abnormal: abnormal.to_vec() };
        Node { name: name.to_owned(), metrics: vec![metric], ..Node::default() }
    };
    let nodes = [
        idle("web", 500.0, &[500.0, 90.0, 80.0]),
        idle("gate", 1000.0, &[1000.0, 200.0, 180.0]),
        idle("db", 900.0, &[900.0, 170.0, 150.0]),
    ];
    let ranking = ask(Kind::Requests, &nodes, &graph(&[("gate", "web"), ("web", "db")]));
    assert_eq!(names(&ranking)[0], "gate");
}

#[test]
fn the_same_question_has_the_same_answer_in_any_order() {
    let slow = |more: f64| [0.104, 0.104 + more, 0.104 + more / 3.0];
    let mut nodes = vec![
        node("web", &slow(0.2), Some(100.0)),
        node("a", &slow(0.11), Some(90.0)),
        node("b", &slow(0.13), Some(80.0)),
        node("c", &slow(0.3), Some(30.0)),
    ];
    let graph = graph(&[("web", "a"), ("web", "b"), ("a", "c"), ("b", "c")]);
    let expected = ask(Kind::Latency, &nodes, &graph);
    for _ in 0..nodes.len() {
        nodes.rotate_left(1);
        assert_eq!(ask(Kind::Latency, &nodes, &graph), expected);
    }
}

#[test]
fn a_question_that_cannot_be_answered_says_why() {
    let good = || vec![node("web", &CALM, Some(1.0)), node("db", &CALM, None)];
    let ask = |nodes: &[Node], target, kind| {
        let graph = DependencyGraph::default();
        rank(&Incident { target, kind, nodes, graph: &graph, times: &times(4) }).unwrap_err().to_string()
    };
    let (mut twice, mut short) = (good(), good());
    twice[1].name = "web".to_owned();
    short[1].metrics[0].abnormal.pop();
    for (message, expected) in [
        (ask(&good(), "nobody", Kind::Latency), "the target 'nobody' has no series of latency; give it one"),
        (ask(&good(), "web", Kind::Errors), "the target 'web' has no series of errors; give it one"),
        (ask(&twice, "web", Kind::Latency), "the node 'web' has its name twice; keep one"),
        (
            ask(&short, "web", Kind::Latency),
            "the series of latency of 'db' has 3 values where 4 are expected",
        ),
    ] {
        assert_eq!(message, expected);
    }
}

#[test]
fn suspects_speak_in_the_numbers_of_the_ranking() {
    let nodes = [failing("web", &[0.0, 0.03], Some(1000.0)), failing("pay", &[0.0, 0.30], Some(100.0))];
    let ranking = ask(Kind::Errors, &nodes, &graph(&[("web", "pay")]));
    let words = ranking.suspects[0].words("web", ranking.kind);
    assert!(
        words[0].starts_with("pay: errors at 30 %, usually 0 %, since 1970-01-01T00:01:00Z ("),
        "{words:?}"
    );
    assert_eq!(words[1], "That accounts for 100 % of the excess of web.");
    assert_eq!(words[2], "None of its dependencies accounts for it.");
    assert_eq!(words[3], "The way: web → pay.");
}
