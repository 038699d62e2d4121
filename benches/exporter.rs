//! The page of `/metrics`: what a scrape costs, and what a tick of one query costs.
//!
//! `cargo bench --bench exporter`. Throughput counts sample lines. The library's own `Family` of gauges, as
//! any exporter would use it, is the peer. A page that is kept is written into a buffer that exists; a page
//! that is sent is written into fresh memory, whose first touch costs more than the text.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use smartcloudops::exporter::{Block, Exporter, Snapshot, encode};
use smartcloudops::model::{AnomalyState, Labels, Score, ScoredSeries, Timestamp};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Families of a query with a band: score, value, expected, lower, upper, state.
const FAMILIES: usize = 6;

fn pairs(number: usize) -> [(&'static str, String); 3] {
    [
        ("device", format!("disk-{}", number % 10)),
        ("instance", format!("host-{}:9100", number / 10)),
        ("job", "node".to_owned()),
    ]
}

fn value(number: usize) -> f64 {
    10.0 + (number as f64).sin()
}

fn scored(number: usize, labels: Labels) -> ScoredSeries {
    let value = value(number);
    let score = Score {
        at: Timestamp::from_millis(1_700_000_000_000),
        value,
        expected: value * 0.98,
        lower: value - 1.3,
        upper: value + 1.7,
        score: (number as f64 * 0.37).cos().abs(),
        state: AnomalyState::Normal,
        alarm: false,
    };
    ScoredSeries {
        query: "node_disk_busy".into(),
        model: "auto".into(),
        labels,
        score,
        absent_since: None,
        outage: false,
        with_band: true,
        since: None,
        contributions: None,
    }
}

fn all(count: usize) -> Arc<[ScoredSeries]> {
    (0..count).map(|number| scored(number, pairs(number).into_iter().collect())).collect()
}

fn published(count: usize) -> Registry {
    let mut registry = Registry::default();
    Exporter::register(&mut registry).publish(Snapshot::new(all(count)));
    registry
}

/// One family of gauges as the library keeps it.
fn peer(count: usize) -> Registry {
    let family = Family::<Vec<(&'static str, String)>, Gauge<f64, AtomicU64>>::default();
    for number in 0..count {
        let mut labels = vec![("query", "node_disk_busy".to_owned()), ("model", "auto".to_owned())];
        labels.extend(pairs(number));
        family.get_or_create(&labels).set(value(number));
    }
    let mut registry = Registry::default();
    registry.register("anomaly_score", "How anomalous the series is", family);
    registry
}

fn scrape(criterion: &mut Criterion) {
    let openmetrics = Some("application/openmetrics-text;version=1.0.0");
    let mut group = criterion.benchmark_group("scrape");
    group.sample_size(10);
    for size in SIZES {
        let (ours, library) = (published(size), peer(size));
        let mut page = String::new();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("library family", size), |bencher| {
            bencher.iter(|| kept(&mut page, &library));
        });
        group.throughput(Throughput::Elements((size * FAMILIES) as u64));
        group.bench_function(BenchmarkId::new("page, kept", size), |bencher| {
            bencher.iter(|| kept(&mut page, &ours));
        });
        for (name, accept, encoding) in [
            ("page, text", None, None),
            ("page, OpenMetrics", openmetrics, None),
            ("page, OpenMetrics, gzip", openmetrics, Some("gzip")),
        ] {
            group.bench_function(BenchmarkId::new(name, size), |bencher| {
                bencher.iter(|| encode(&ours, accept, encoding));
            });
        }
    }
}

fn kept(page: &mut String, registry: &Registry) {
    page.clear();
    encode_registry(page, registry).expect("no collector fails");
    black_box(page);
}

fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick of a query");
    group.sample_size(10);
    for size in SIZES {
        let series = all(size);
        let before = Block::new(series.clone(), None);
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("same series", size), |bencher| {
            bencher.iter(|| Block::new(series.clone(), Some(&before)));
        });
        group.bench_function(BenchmarkId::new("other series", size), |bencher| {
            bencher.iter(|| Block::new(series.clone(), None));
        });
    }
}

criterion_group!(benches, scrape, tick);
criterion_main!(benches);
