//! How long a path is expected to be: the unit in which isolation is measured.

use std::f64::consts::EULER_GAMMA;

/// `c(n)` of the paper: the mean depth at which an unsuccessful search ends in a binary search tree of `n`
/// keys, so the mean number of further cuts that isolate one of `n` rows. 0 for one row or none.
pub(super) fn path_length(rows: usize) -> f64 {
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let rows = rows as f64;
            2.0 * ((rows - 1.0).ln() + EULER_GAMMA) - 2.0 * (rows - 1.0) / rows
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_value_of_the_paper() {
        let check = |rows, expected: f64| assert!((path_length(rows) - expected).abs() < 1e-4, "{rows}");
        check(0, 0.0);
        check(1, 0.0);
        check(2, 1.0);
        check(3, 1.2074);
        check(256, 10.2448);
    }

    #[test]
    fn more_rows_never_take_fewer_cuts() {
        assert!((0..5000).all(|rows| path_length(rows) <= path_length(rows + 1)));
    }
}
