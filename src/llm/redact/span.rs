//! Pieces of a text that are to be taken out, found by several rules, settled into a list without overlaps.

use std::ops::Range;

use super::placeholder::Kind;

/// A piece of a text, in bytes, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

impl Span {
    pub(super) fn secret(range: Range<usize>) -> Self {
        Self { range, kind: Kind::Secret }
    }
}

/// Joins secrets that overlap, and drops of the others what overlaps with a secret or with one before it.
pub(super) fn settle(secrets: Vec<Span>, mut others: Vec<Span>) -> Vec<Span> {
    let mut settled = joined(secrets);
    others.retain(|other| !overlaps_any(&settled, &other.range));
    others.sort_by_key(|span| (span.range.start, span.kind));
    let mut end = 0;
    for other in others {
        if other.range.start >= end {
            end = other.range.end;
            settled.push(other);
        }
    }
    settled.sort_by_key(|span| span.range.start);
    settled
}

fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| !span.range.is_empty());
    spans.sort_by_key(|span| span.range.start);
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.range.start < last.range.end => {
                last.range.end = last.range.end.max(span.range.end);
                last.kind = last.kind.min(span.kind);
            }
            _ => joined.push(span),
        }
    }
    joined
}

fn overlaps_any(sorted: &[Span], range: &Range<usize>) -> bool {
    let next = sorted.partition_point(|span| span.range.end <= range.start);
    sorted.get(next).is_some_and(|span| span.range.start < range.end)
}
