//! Fit and forecast of the Prophet model, on one core, and what it costs the daemon.
//!
//! `cargo bench --bench prophet`. The histories are samples with a trend, a daily and a weekly wave and noise: two weeks,
//! one every 15 minutes, and one every minute; and what the daemon fits at the end of the warm-up and once it has three
//! weeks, 100 and 1,008 means. `all seasons` has the year and the week too. `prophet_live` is a series of three weeks
//! that is scored on, minute by minute, its fits included.

use std::f64::consts::TAU;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use smartcloudops::detect::{
    self,
    prophet::{Config, Prophet},
};
use smartcloudops::model::{Sample, Timestamp};

/// 2026-01-01.
const START: i64 = 1_767_225_600_000;
const DAY_MILLIS: f64 = 86_400_000.0;
const DAY_MINUTES: i64 = 1440;

fn history(count: i64, step: i64) -> (Vec<Timestamp>, Vec<f64>) {
    let mut random = fastrand::Rng::with_seed(1);
    let sample = |number: i64| {
        let millis = START + number * step;
        let day = TAU * millis as f64 / DAY_MILLIS;
        let trend = 3.0 * number as f64 / count as f64;
        let value = 50.0 + trend + 10.0 * day.sin() + 4.0 * (day / 7.0).cos() + 6.0 * random.f64();
        (Timestamp::from_millis(millis), value)
    };
    (0..count).map(sample).unzip()
}

fn fit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("prophet_fit");
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a rule of POSIX");
    let settings = [
        ("defaults", Config::default()),
        ("time zone", Config { time_zone: berlin, ..Config::default() }),
        ("all seasons", Config { yearly: Some(10), weekly: Some(3), ..Config::default() }),
    ];
    for (count, step) in [(100, 60_000), (1008, 1_800_000), (1344, 900_000), (20_160, 60_000)] {
        let (times, values) = history(count, step);
        for (name, config) in &settings {
            group.bench_with_input(BenchmarkId::new(*name, count), config, |bencher, config| {
                bencher.iter(|| Prophet::fit(black_box(&times), black_box(&values), config));
            });
        }
    }
    group.finish();
}

fn predict(criterion: &mut Criterion) {
    let (times, values) = history(1344, 900_000);
    let fitted = Prophet::fit(&times, &values, &Config::default()).expect("a usual history");
    let next = Timestamp::from_millis(START + 1344 * 900_000);
    criterion.bench_function("prophet_predict", |bencher| bencher.iter(|| fitted.predict(black_box(next))));
}

fn live(criterion: &mut Criterion) {
    let config = detect::Config {
        interval: Duration::from_secs(60),
        false_alarms: "1 per 30d".parse().expect("a rate"),
        narrowing: detect::Narrowing::default(),
        time_zone: TimeZone::UTC,
        holidays: Arc::default(),
    };
    let (times, values) = history(21 * DAY_MINUTES, 60_000);
    let mut detector = detect::Model::Prophet.build(&config);
    let mut number = 0;
    let mut day = move || {
        for _ in 0..DAY_MINUTES {
            let at = Timestamp::from_millis(START + 60_000 * number as i64);
            let value = values[number % times.len()];
            number += 1;
            black_box(detector.observe(Sample { at, value }));
        }
    };
    (0..21).for_each(|_| day());
    let mut group = criterion.benchmark_group("prophet_live");
    group.throughput(Throughput::Elements(DAY_MINUTES as u64));
    group.bench_function("day", |bencher| bencher.iter(&mut day));
    group.finish();
}

criterion_group!(benches, fit, predict, live);
criterion_main!(benches);
