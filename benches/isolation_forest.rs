//! The isolation forest's cost on one core: 10,080 rows of 8 values, 100 trees of 256 rows.
//!
//! `cargo bench --no-default-features --bench isolation_forest`. On the same shape, one core: scikit-learn
//! 1.9 fits in 117 ms and scores one row in 4,958 us; the crate extended-isolation-forest fits in 5 ms.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use smartcloudops::detect::isolation_forest::{Config, Forest, ForestModel, ModelConfig};
use smartcloudops::model::Timestamp;

const ROWS: usize = 10_080;
const COLUMNS: usize = 8;

/// A week of minutes: columns of noise of different width.
fn rows() -> Array2<f64> {
    let mut random = fastrand::Rng::with_seed(1);
    Array2::from_shape_fn((ROWS, COLUMNS), |(_, column)| {
        (0..12).map(|_| random.f64() - 0.5).sum::<f64>() * (column + 1) as f64
    })
}

fn measure(criterion: &mut Criterion) {
    let rows = rows();
    let values = rows.as_slice().expect("a new array is in standard layout");
    let config = Config::default();
    let forest = Forest::fit(&config, rows.view()).expect("the rows are finite");
    criterion.bench_function("fit", |bencher| bencher.iter(|| Forest::fit(&config, black_box(rows.view()))));
    let mut turn = values.chunks_exact(COLUMNS).cycle();
    criterion.bench_function("score one row", |bencher| bencher.iter(|| forest.score(turn.next()?)));
    criterion.bench_function("score and contributions of one row", |bencher| {
        bencher.iter(|| forest.read(turn.next()?))
    });
    criterion.bench_function("score all rows", |bencher| bencher.iter(|| forest.scores(rows.view())));
}

/// A live stream with the default settings: the forests that fall due are a part of it.
fn stream(criterion: &mut Criterion) {
    let rows = rows();
    let mut model = ForestModel::new(8.try_into().expect("8 columns are allowed"), ModelConfig::default());
    let mut turn = (0..).zip(rows.rows().into_iter().cycle());
    let mut observe = || {
        let (minute, row) = turn.next()?;
        model.observe(Timestamp::from_millis(minute * 60_000), row.as_slice()?)
    };
    (0..ROWS).for_each(|_| drop(observe()));
    criterion.bench_function("observe one row", |bencher| bencher.iter(&mut observe));
}

criterion_group!(benches, measure, stream);
criterion_main!(benches);
