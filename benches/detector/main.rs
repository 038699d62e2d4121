//! What a sample costs with each detector, by time and by instructions.
//!
//! `cargo bench --bench detector`. Time is criterion's; instructions are counted by Valgrind's cachegrind over two
//! runs of this program, one a day longer than the other, and are the same on every run of one machine. The first
//! passes history by (`pass`), the second scores with a band (`observe`), as the daemon does live.

mod counted;
mod minutes;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use smartcloudops::detect::{Config, Detector, Model};
use smartcloudops::model::{Sample, Score};

use self::minutes::{DAY, minutes};

/// How a detector takes a sample.
type Take = fn(&mut dyn Detector, Sample) -> Option<Score>;

/// Without a band, and with one.
const WAYS: [(&str, Take); 2] = [
    ("pass", |detector, sample| detector.pass(sample)),
    ("observe", |detector, sample| detector.observe(sample)),
];
/// The models of one series.
const MODELS: [Model; 3] = [Model::Auto, Model::Seasonal, Model::Prophet];
/// Days of history before anything is measured.
const HISTORY: usize = 14;

fn config() -> Config {
    Config {
        interval: Duration::from_secs(60),
        false_alarms: "1 per 30d".parse().expect("a valid budget"),
        narrowing: Default::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        holidays: Default::default(),
    }
}

/// A detector that knows two weeks, and the samples that come next.
fn learnt(model: Model) -> (Box<dyn Detector>, impl Iterator<Item = Sample>) {
    let mut detector = model.build(&config());
    let mut samples = minutes();
    for sample in samples.by_ref().take(HISTORY * DAY) {
        detector.pass(sample);
    }
    (detector, samples)
}

fn timed() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("sample");
    group.throughput(Throughput::Elements(1));
    for model in MODELS {
        let (mut detector, mut samples) = learnt(model);
        for (how, take) in WAYS {
            group.bench_function(format!("{}: {how}", model.name()), |bencher| {
                bencher.iter_custom(|count| {
                    let next: Vec<Sample> = samples.by_ref().take(count as usize).collect();
                    let started = Instant::now();
                    for sample in next {
                        black_box(take(&mut *detector, sample));
                    }
                    started.elapsed()
                });
            });
        }
    }
    group.finish();
    criterion.final_summary();
}

fn main() {
    match counted::asked() {
        Some(run) => counted::run(run),
        None => {
            timed();
            counted::report(Path::new(&std::env::args().next().expect("a program has a name")));
        }
    }
}
