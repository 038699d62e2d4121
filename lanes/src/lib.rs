//! The inner loops of the detector over earlier windows: one lane a window, so that they run at the width of the
//! machine's vectors.
//!
//! Each lane adds in the same order whatever the width, and nothing is contracted: every machine gives the same bits.
//! It is a crate of its own so that the tests' builds can optimise it and leave the detector as it is, which would
//! spend most of its time here.

use multiversion::multiversion;

/// Lanes that are worked on together; slices of lanes are multiples of it long.
pub const BLOCK: usize = 32;
/// Samples in a window whose shape is compared.
pub const WINDOW: usize = 8;
/// Lanes that compare shapes together.
const SHAPES: usize = 8;
/// Lanes that keep their own nearest.
const KEPT: usize = 16;

/// Adds to each lane the squared differences between `query` and the lane's values: `values[i]` holds what all lanes
/// have where the query has `query[i]`. All slices of lanes are equally long.
#[multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub fn add_squares(query: &[f32], values: &[&[f32]], sums: &mut [f32]) {
    let (blocks, _) = sums.as_chunks_mut::<BLOCK>();
    for (block, sums) in blocks.iter_mut().enumerate() {
        let mut lanes = *sums;
        for (asked, values) in query.iter().zip(values) {
            let values: &[f32; BLOCK] = &values.as_chunks().0[block];
            for lane in 0..BLOCK {
                let apart = asked - values[lane];
                lanes[lane] += apart * apart;
            }
        }
        *sums = lanes;
    }
}

/// The smallest of `rests[i] + (newest - ends[i])²`, NaN left out; infinite if there is none.
#[multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub fn nearest(rests: &[f32], ends: &[f32], newest: f32) -> f32 {
    let mut best = [f32::INFINITY; BLOCK];
    let ((rests, last_rests), (ends, last_ends)) = (rests.as_chunks::<BLOCK>(), ends.as_chunks::<BLOCK>());
    for (rests, ends) in rests.iter().zip(ends) {
        for lane in 0..BLOCK {
            best[lane] = lesser(rests[lane] + (newest - ends[lane]) * (newest - ends[lane]), best[lane]);
        }
    }
    for (lane, (rest, end)) in last_rests.iter().zip(last_ends).enumerate() {
        best[lane] = lesser(rest + (newest - end) * (newest - end), best[lane]);
    }
    best.into_iter().fold(f32::INFINITY, lesser)
}

/// As [`nearest`], the third smallest.
#[multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub fn third_nearest(rests: &[f32], ends: &[f32], newest: f32) -> f32 {
    let mut best = [[f32::INFINITY; KEPT]; 3];
    let ((rests, last_rests), (ends, last_ends)) = (rests.as_chunks::<KEPT>(), ends.as_chunks::<KEPT>());
    let square = |(rest, end): (&f32, &f32)| rest + (newest - end) * (newest - end);
    for (rests, ends) in rests.iter().zip(ends) {
        keep_three(&mut best, rests.iter().zip(ends).map(square));
    }
    keep_three(&mut best, last_rests.iter().zip(last_ends).map(square));
    third_of_all(best)
}

/// The third smallest and the third largest value, NaN left out; infinite if there are fewer.
#[multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub fn third_of_either_end(values: &[f32]) -> (f32, f32) {
    let (mut lowest, mut highest) = ([[f32::INFINITY; KEPT]; 3], [[f32::INFINITY; KEPT]; 3]);
    let (blocks, last) = values.as_chunks::<KEPT>();
    for block in blocks {
        keep_three(&mut lowest, block.iter().copied());
        keep_three(&mut highest, block.iter().map(|value| -value));
    }
    keep_three(&mut lowest, last.iter().copied());
    keep_three(&mut highest, last.iter().map(|value| -value));
    (third_of_all(lowest), -third_of_all(highest))
}

/// Sorts one number for each lane into the lane's three smallest.
#[inline(always)]
fn keep_three([first, second, third]: &mut [[f32; KEPT]; 3], numbers: impl Iterator<Item = f32>) {
    for (number, ((first, second), third)) in numbers.zip(first.iter_mut().zip(second).zip(third)) {
        let more = if number < *first { *first } else { number };
        *first = lesser(number, *first);
        *third = lesser(greater(*second, more), *third);
        *second = lesser(more, *second);
    }
}

/// The third smallest of all lanes. Of two lanes' sorted triples the three smallest are the smaller of the first of one and
/// the last of the other, and so on (the first step of a bitonic merge: Batcher, AFIPS 1968).
#[inline(always)]
fn third_of_all([mut first, mut second, mut third]: [[f32; KEPT]; 3]) -> f32 {
    let mut lanes = KEPT / 2;
    while lanes > 0 {
        for lane in 0..lanes {
            let other = lane + lanes;
            let a = lesser(first[lane], third[other]);
            let b = lesser(second[lane], second[other]);
            let c = lesser(third[lane], first[other]);
            let (low, high) = (lesser(a, b), greater(a, b));
            let (middle, last) = (lesser(high, c), greater(high, c));
            (first[lane], second[lane], third[lane]) = (lesser(low, middle), greater(low, middle), last);
        }
        lanes /= 2;
    }
    third[0]
}

/// The smallest of these numbers with their indices, the smallest first, of equal ones the first; infinite for those that
/// there are not. `COUNT` is at most the number of lanes kept.
#[multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub fn smallest<const COUNT: usize>(numbers: &[f32]) -> [(f32, usize); COUNT] {
    let mut smallest = [(f32::INFINITY, 0); COUNT];
    let enough = not_exceeded::<COUNT>(numbers);
    for (block, numbers) in numbers.chunks(KEPT).enumerate() {
        // Most blocks have none: one look at the whole says so.
        if !numbers.iter().fold(false, |any, number| any | (*number <= enough)) {
            continue;
        }
        for (index, number) in numbers.iter().enumerate().filter(|(_, number)| **number <= enough) {
            let mut place = COUNT;
            while place > 0 && smallest[place - 1].0 > *number {
                place -= 1;
            }
            if place < COUNT {
                smallest.copy_within(place..COUNT - 1, place + 1);
                smallest[place] = (*number, block * KEPT + index);
            }
        }
    }
    smallest
}

/// A number that the smallest so many do not exceed: of the smallest ones of each lane so many are not larger.
#[inline(always)]
fn not_exceeded<const COUNT: usize>(numbers: &[f32]) -> f32 {
    const { assert!(COUNT > 0 && COUNT <= KEPT) };
    let mut least = [f32::INFINITY; KEPT];
    let (blocks, last) = numbers.as_chunks::<KEPT>();
    for block in blocks {
        for lane in 0..KEPT {
            least[lane] = lesser(block[lane], least[lane]);
        }
    }
    for (least, number) in least.iter_mut().zip(last) {
        *least = lesser(*number, *least);
    }
    least.sort_unstable_by(f32::total_cmp);
    least[COUNT - 1]
}

/// Puts the first and the second of each pair apart. All slices are equally long.
#[multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub fn part(pairs: &[[f32; 2]], first: &mut [f32], second: &mut [f32]) {
    for (pair, (first, second)) in pairs.iter().zip(first.iter_mut().zip(second)) {
        (*first, *second) = (pair[0], pair[1]);
    }
}

/// The numbers at a share of the way from one lane's to the other's. All slices are equally long.
#[multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub fn between(from: &[f32], to: &[f32], share: f32, between: &mut [f32]) {
    for (between, (from, to)) in between.iter_mut().zip(from.iter().zip(to)) {
        *between = from + share * (to - from);
    }
}

/// How unlike the query the windows are that begin at each of the samples: the squared differences of what is left
/// without the windows' means, and `level_weight` times the squared difference of the means. One number for each window
/// of [`WINDOW`] samples that fits, as far as there is room.
#[multiversion(targets("x86_64+avx2", "x86_64+avx"))]
pub fn compare_shapes(query: &[f32; WINDOW], samples: &[f32], level_weight: f32, apart: &mut [f32]) {
    let windows = (samples.len() + 1).saturating_sub(WINDOW).min(apart.len());
    if windows < SHAPES {
        let mut padded = [0.0; SHAPES + WINDOW - 1];
        let known = samples.len().min(padded.len());
        padded[..known].copy_from_slice(&samples[..known]);
        let sums = shapes_apart(query, &padded, level_weight);
        apart[..windows].copy_from_slice(&sums[..windows]);
        return;
    }
    let mut start = 0;
    while start < windows {
        // The last block lies so that it fits, and does some windows twice.
        start = start.min(windows - SHAPES);
        let (from, to) = (samples[start..].first_chunk(), apart[start..].first_chunk_mut::<SHAPES>());
        if let (Some(from), Some(to)) = (from, to) {
            *to = shapes_apart(query, from, level_weight);
        }
        start += SHAPES;
    }
}

/// One block of [`compare_shapes`].
#[inline(always)]
fn shapes_apart(
    query: &[f32; WINDOW],
    samples: &[f32; SHAPES + WINDOW - 1],
    level_weight: f32,
) -> [f32; SHAPES] {
    let mut differences = [[0f32; SHAPES]; WINDOW];
    for (lag, differences) in differences.iter_mut().enumerate() {
        for lane in 0..SHAPES {
            differences[lane] = samples[lag + lane] - query[lag];
        }
    }
    let mut means = [0f32; SHAPES];
    for differences in &differences {
        for lane in 0..SHAPES {
            means[lane] += differences[lane] * (1.0 / WINDOW as f32);
        }
    }
    let mut sums = means.map(|mean| level_weight * mean * mean);
    for differences in &differences {
        for lane in 0..SHAPES {
            let left = differences[lane] - means[lane];
            sums[lane] += left * left;
        }
    }
    sums
}

/// The smaller one; `kept` if the other is NaN.
#[inline(always)]
fn lesser(one: f32, kept: f32) -> f32 {
    if one < kept { one } else { kept }
}

/// The larger of two numbers.
#[inline(always)]
fn greater(one: f32, other: f32) -> f32 {
    if one > other { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values without a pattern, some of them NaN.
    fn values(count: usize, seed: usize) -> Vec<f32> {
        let value = |index: usize| ((index * 7919 + seed * 104_729) % 1009) as f32 / 97.0;
        (0..count).map(|index| if (index + seed) % 50 == 7 { f32::NAN } else { value(index) }).collect()
    }

    #[test]
    fn the_nearest_are_those_of_a_sorted_list() {
        for count in [0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 400] {
            let (rests, ends) = (values(count, 1), values(count, 5));
            let squares = rests.iter().zip(&ends).map(|(rest, end)| rest + (4.0 - end) * (4.0 - end));
            let mut sorted: Vec<f32> = squares.filter(|square| !square.is_nan()).collect();
            sorted.sort_unstable_by(f32::total_cmp);
            let place = |rank: usize| sorted.get(rank).copied().unwrap_or(f32::INFINITY);
            assert_eq!(nearest(&rests, &ends, 4.0), place(0), "{count}");
            assert_eq!(third_nearest(&rests, &ends, 4.0), place(2), "{count}");
            let mut ordered: Vec<f32> = rests.iter().copied().filter(|rest| !rest.is_nan()).collect();
            ordered.sort_unstable_by(f32::total_cmp);
            let lowest = ordered.get(2).copied().unwrap_or(f32::INFINITY);
            let highest = ordered.iter().rev().nth(2).copied().unwrap_or(f32::NEG_INFINITY);
            assert_eq!(third_of_either_end(&rests), (lowest, highest), "{count}");
        }
    }

    #[test]
    fn the_smallest_numbers_come_in_order_and_of_equal_ones_the_first() {
        for count in [0, 5, 9, 16, 17, 100, 304] {
            let numbers: Vec<f32> = (0..count).map(|index| ((index * 7919) % 61) as f32).collect();
            let mut sorted: Vec<(f32, usize)> = numbers.iter().copied().zip(0..).collect();
            sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
            sorted.resize(sorted.len().max(9), (f32::INFINITY, 0));
            assert_eq!(smallest::<9>(&numbers), sorted[..9], "{count}");
        }
    }

    #[test]
    fn numbers_between_two_lanes() {
        let mut found = [0.0; 3];
        between(&[0.0, 1.0, 2.0], &[4.0, 1.0, 0.0], 0.25, &mut found);
        assert_eq!(found, [1.0, 1.0, 1.5]);
    }

    #[test]
    fn each_lane_sums_its_own_differences() {
        let columns: Vec<Vec<f32>> = (0..3).map(|lag| values(2 * BLOCK, lag)).collect();
        let slices: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
        let mut sums = [1.0; 2 * BLOCK];
        add_squares(&[1.0, 2.0, 3.0], &slices, &mut sums);
        for lane in 0..2 * BLOCK {
            let square = |lag: usize| (lag as f32 + 1.0 - columns[lag][lane]).powi(2);
            let expected = 1.0 + square(0) + square(1) + square(2);
            assert!(sums[lane] == expected || sums[lane].is_nan() && expected.is_nan(), "{lane}");
        }
    }
}
