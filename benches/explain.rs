//! What an explanation costs: 100 alerts that fire over 10,000 watched series, a hundred of them anomalous.
//!
//! `cargo bench --bench explain`. One thread, without what is asked of the journal and of Prometheus.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use smartcloudops::explain::{Evidence, Format, MAX_PACK, explain};
use smartcloudops::model::{
    Alert, AlertStatus, AnomalyState, Episode, EpisodeId, Labels, Score, ScoredSeries, Timestamp,
};

const ALERTS: usize = 100;
const SERIES: usize = 10_000;
const HOSTS: usize = 500;

fn now() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

fn labels(number: usize) -> Labels {
    let host = number % HOSTS;
    [
        ("instance", format!("app-{host}.example:9100")),
        ("job", format!("job-{}", host % 20)),
        ("number", number.to_string()),
    ]
    .into_iter()
    .collect()
}

fn episode(number: usize) -> Episode {
    let labels =
        labels(number).with("alertname", &format!("Alert{}", number % 10)).with("severity", "critical");
    let alert = Alert {
        status: AlertStatus::Firing,
        labels,
        annotations: [("summary", "It does not answer."), ("runbook_url", "https://runbooks.example/app")]
            .into_iter()
            .collect(),
        starts_at: now() - Duration::from_secs(300 + number as u64),
        ends_at: None,
        generator_url: String::new(),
    };
    let id = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    Episode {
        id,
        first_seen: now(),
        last_seen: now(),
        deliveries: 1,
        end_presumed: false,
        alert: alert.into(),
    }
}

fn scored(number: usize) -> ScoredSeries {
    let is_anomalous = number.is_multiple_of(100);
    let value = if is_anomalous { 3.0 } else { 0.2 };
    let state = if is_anomalous { AnomalyState::Sustained } else { AnomalyState::Normal };
    let score =
        Score { at: now(), value, expected: 0.5, lower: 0.0, upper: 1.0, score: value, state, alarm: false };
    ScoredSeries {
        query: format!("query-{}", number % 20).into(),
        model: "auto".into(),
        labels: labels(number),
        score,
        absent_since: None,
        outage: false,
        with_band: true,
        since: is_anomalous.then(|| now() - Duration::from_secs(600)),
        contributions: None,
    }
}

fn explanations(criterion: &mut Criterion) {
    let evidence = Evidence {
        at: now(),
        episodes: (0..ALERTS).map(episode).collect(),
        scores: (0..SERIES).map(scored).collect(),
        ..Evidence::default()
    };
    let pack = serde_json::to_string(&explain(&evidence).evidence).expect("a pack is JSON");
    println!("the evidence as JSON: {} bytes of at most {MAX_PACK}", pack.len());
    criterion.bench_function("explain 100 alerts over 10,000 series, as text", |bencher| {
        bencher.iter(|| black_box(explain(black_box(&evidence)).render(Format::Text, None)));
    });
}

criterion_group!(benches, explanations);
criterion_main!(benches);
