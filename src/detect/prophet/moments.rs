//! All that the fit needs of the samples, gathered in one pass: sums of products, some of them by segment
//! between changepoints.
//!
//! A hinge `max(0, t - s)` is 0 up to its changepoint and linear behind it, so its product with any column
//! follows from the sums of that column, plain and times `t`, in the segments behind `s`. The 25 hinges
//! therefore cost a sample no more than two sums a column.

use jiff::tz::TimeZone;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, s};

use super::calendar::{self, Holidays, PERIODS};
use super::history::History;

/// Columns before the waves: one, the time, the value.
const LEADING: usize = 3;
const TIME: usize = 1;
const VALUE: usize = 2;
/// Samples multiplied at once: enough to amortise, few enough to stay in the first cache.
const BLOCK: usize = 128;

/// Normal equations `quadratic * x = linear`, less the priors. Unknowns with a normal prior come first:
/// level, slope, waves, holidays; then the changes of slope.
pub(super) struct NormalEquations {
    pub quadratic: Array2<f64>,
    pub linear: Vec<f64>,
    /// Sum of the squared values, from their centre.
    pub squares: f64,
    /// How many unknowns have a normal prior.
    pub smooth: usize,
}

/// What the columns are.
pub(super) struct Design<'a> {
    pub orders: [usize; 3],
    pub holidays: &'a Holidays<'a>,
    pub changepoints: &'a [f64],
    pub zone: &'a TimeZone,
}

impl Design<'_> {
    fn dense(&self) -> usize {
        LEADING + 2 * self.orders.iter().sum::<usize>()
    }

    fn columns(&self) -> usize {
        self.dense() + self.holidays.columns.len()
    }

    /// How many parameters have a normal prior: level, slope, waves and holidays.
    pub fn smooth(&self) -> usize {
        self.columns() - 1
    }

    /// One pass over the samples.
    pub fn normal_equations(&self, history: &History) -> NormalEquations {
        let mut sums = Sums::new(self);
        let mut block = Array2::zeros((BLOCK, self.dense()));
        let mut filled = 0;
        let mut segment = 0;
        for (share, local, value) in history.rows(self.zone) {
            while self.changepoints.get(segment).is_some_and(|change| *change <= share) {
                segment += 1;
            }
            let mut row = block.row_mut(filled);
            let row = row.as_slice_mut().expect("rows are contiguous");
            (row[0], row[TIME], row[VALUE]) = (1.0, share, value);
            self.waves(local, &mut row[LEADING..]);
            sums.add(segment, row, self.holidays.on(calendar::day(local)));
            filled += 1;
            if filled == BLOCK {
                sums.multiply(&block, filled);
                filled = 0;
            }
        }
        sums.multiply(&block, filled);
        self.assemble(&sums)
    }

    fn waves(&self, local: i64, mut waves: &mut [f64]) {
        for (period, order) in PERIODS.into_iter().zip(self.orders) {
            let (own, others) = waves.split_at_mut(2 * order);
            if order > 0 {
                for (pair, (sin, cos)) in own.chunks_exact_mut(2).zip(calendar::harmonics(local, period)) {
                    (pair[0], pair[1]) = (sin, cos);
                }
            }
            waves = others;
        }
    }

    fn assemble(&self, sums: &Sums) -> NormalEquations {
        // The value's column is what the others are fitted to.
        let kept: Vec<usize> = (0..self.columns()).filter(|column| *column != VALUE).collect();
        let (smooth, size) = (kept.len(), kept.len() + self.changepoints.len());
        let mut quadratic = Array2::zeros((size, size));
        let mut linear = vec![0.0; size];
        for (row, from) in kept.iter().enumerate() {
            linear[row] = sums.products[[*from, VALUE]];
            for (column, other) in kept.iter().enumerate() {
                quadratic[[row, column]] = sums.products[[*from, *other]];
            }
        }
        let behind = sums.behind();
        for (number, change) in self.changepoints.iter().enumerate() {
            let product =
                |column: usize| behind.timed[[number, column]] - change * behind.plain[[number, column]];
            let row = smooth + number;
            linear[row] = product(VALUE);
            for (column, from) in kept.iter().enumerate() {
                quadratic[[row, column]] = product(*from);
                quadratic[[column, row]] = quadratic[[row, column]];
            }
            for (earlier, other) in self.changepoints[..=number].iter().enumerate() {
                let both = product(TIME) - other * product(0);
                quadratic[[row, smooth + earlier]] = both;
                quadratic[[smooth + earlier, row]] = both;
            }
        }
        NormalEquations { quadratic, linear, squares: sums.products[[VALUE, VALUE]], smooth }
    }
}

/// Sums over samples.
struct Sums {
    /// Of products of two columns.
    products: Array2<f64>,
    /// How many columns are not holidays.
    dense: usize,
    segments: Segments,
}

/// Sums of columns by segment, plain and times the share of the history.
struct Segments {
    plain: Array2<f64>,
    timed: Array2<f64>,
}

impl Sums {
    fn new(design: &Design<'_>) -> Self {
        let (columns, segments) = (design.columns(), design.changepoints.len() + 1);
        Self {
            products: Array2::zeros((columns, columns)),
            dense: design.dense(),
            segments: Segments {
                plain: Array2::zeros((segments, columns)),
                timed: Array2::zeros((segments, columns)),
            },
        }
    }

    /// Adds a sample to its segment, and what its holidays multiply to.
    fn add(&mut self, segment: usize, row: &[f64], holidays: &[(i64, usize)]) {
        let share = row[TIME];
        let mut plain = self.segments.plain.row_mut(segment);
        let mut timed = self.segments.timed.row_mut(segment);
        let plain = plain.as_slice_mut().expect("rows are contiguous");
        let timed = timed.as_slice_mut().expect("rows are contiguous");
        for ((plain, timed), value) in plain.iter_mut().zip(timed.iter_mut()).zip(row) {
            *plain += value;
            *timed += share * value;
        }
        for (_, holiday) in holidays {
            let column = self.dense + holiday;
            plain[column] += 1.0;
            timed[column] += share;
            for (from, value) in row.iter().enumerate() {
                self.products[[column, from]] += value;
                self.products[[from, column]] += value;
            }
            for (_, other) in holidays {
                self.products[[column, self.dense + other]] += 1.0;
            }
        }
    }

    /// Adds the products of the first rows of a block.
    fn multiply(&mut self, block: &Array2<f64>, rows: usize) {
        let rows = block.slice(s![..rows, ..]);
        let mut products = self.products.slice_mut(s![..self.dense, ..self.dense]);
        general_mat_mul(1.0, &rows.t(), &rows, 1.0, &mut products);
    }

    /// For each changepoint, the sums over all segments behind it.
    fn behind(&self) -> Segments {
        let accumulate = |sums: &Array2<f64>| {
            let mut behind = sums.slice(s![1.., ..]).to_owned();
            for number in (1..behind.nrows()).rev() {
                let (mut earlier, later) = behind.multi_slice_mut((s![number - 1, ..], s![number, ..]));
                earlier += &later;
            }
            behind
        };
        Segments { plain: accumulate(&self.segments.plain), timed: accumulate(&self.segments.timed) }
    }
}
