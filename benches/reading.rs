//! What Prometheus's answers cost to read: as text labels, as scoring takes them, and with labels read.
//!
//! `cargo bench --bench reading`. Throughput counts samples.

use std::fmt::Write;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use smartcloudops::model::Labels;
use smartcloudops::prometheus::{read_instant, read_range};

fn body(kind: &str, series: usize, samples: impl Fn(usize) -> String) -> String {
    let mut body = format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":["#);
    for number in 0..series {
        let comma = if number == 0 { "" } else { "," };
        let (host, device) = (number / 10, number % 10);
        let labels = format!(
            r#"{{"__name__":"node_disk_io_time_seconds_total","device":"nvme{device}n1","env":"production","instance":"10.20.{}.{}:9100","job":"node","region":"eu-central-1"}}"#,
            host / 250,
            host % 250
        );
        let written = write!(body, r#"{comma}{{"metric":{labels},{}}}"#, samples(number));
        written.expect("writing to a string does not fail");
    }
    body + "]}}"
}

fn value(number: usize, tick: usize) -> f64 {
    10.0 + (number as f64 + tick as f64 / 60.0).sin()
}

fn instant(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("instant answer");
    for series in [1_000, 10_000] {
        let body =
            body("vector", series, |number| format!(r#""value":[1435781451.781,"{}"]"#, value(number, 0)));
        group.throughput(Throughput::Elements(series as u64));
        group.bench_function(BenchmarkId::new("labels unread", series), |bencher| {
            bencher.iter(|| read_instant(&body));
        });
        group.bench_function(BenchmarkId::new("labels read", series), |bencher| {
            bencher.iter(|| {
                let answer = read_instant(&body).expect("it is an answer");
                answer.series().filter_map(|found| found.text.labels().ok()).collect::<Vec<Labels>>()
            });
        });
    }
}

fn range(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("range answer");
    group.sample_size(10);
    let (series, ticks) = (1_000, 1_440);
    let body = body("matrix", series, |number| {
        let point = |tick| format!(r#"[{},"{}"]"#, 1_435_781_460 + tick * 60, value(number, tick));
        format!(r#""values":[{}]"#, (0..ticks).map(point).collect::<Vec<_>>().join(","))
    });
    group.throughput(Throughput::Elements((series * ticks) as u64));
    group.bench_function(format!("{series} series, {ticks} samples each"), |bencher| {
        bencher.iter(|| read_range(&body));
    });
}

criterion_group!(benches, instant, range);
criterion_main!(benches);
